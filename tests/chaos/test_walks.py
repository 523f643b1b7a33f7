"""Random walks with faults keep every promise, on both databases.

.venv/bin/pytest tests/chaos                            a small share of them
SHAKWA_CHAOS=1000 .venv/bin/pytest tests/chaos -s       so many faults on each database, with a tally
SHAKWA_CHAOS_SEED=… takes the same way again.
"""

import os
import random
from collections import Counter

import pytest

from bot.domain.shop import Shop
from bot.services.chat import Chat
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.chaos.streams import Streams
from tests.chaos.walk import Walk
from tests.conftest import Clock, empty
from tests.redis_server import OwnRedis

FAULTS = int(os.environ.get("SHAKWA_CHAOS", "120"))
SEED = int(os.environ.get("SHAKWA_CHAOS_SEED", random.randrange(1_000_000)))
STEPS = 200
ENOUGH = 20
"""Walks of which one must come to a complaint: in two or three of them everybody may be cut short."""


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # lines to a Redis that was killed are not closed
def test_whatever_breaks_every_promise_is_kept(impatient: Store, shop: Shop, words: Words, own_redis: OwnRedis) -> None:
    tally: Counter[str] = Counter()
    walks = filed = 0
    while tally.total() < FAULTS or (not filed and walks < ENOUGH):
        seed, walks = SEED + walks, walks + 1
        empty(impatient.engine)
        chat = Chat(impatient, Clock(), "a secret of the tests")
        with Streams(impatient, chat.history, own_redis, f"walk{seed}") as streams:
            walk = Walk(impatient, shop, words, seed, streams)
            problems = walk.go(STEPS)
        assert not problems, f"SHAKWA_CHAOS_SEED={seed}: {problems}; the way there: {walk.moves[-15:]}"
        tally += walk.faults
        filed += len(walk.filed())
    assert filed
    print(
        f"\n{impatient.engine.dialect.name}, seed {SEED}: {tally.total()} faults in {walks} walks, {filed} complaints filed"
    )
    for fault, times in sorted(tally.items()):
        print(f"{times:6} {fault}")
