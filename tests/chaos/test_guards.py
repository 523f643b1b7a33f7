"""Each guard in turn is switched off, and the promise it keeps is seen to break; with it, the same way breaks none."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import failpoints
from bot.domain.draft import Draft
from bot.domain.errors import StaleTurn
from bot.domain.shop import Shop
from bot.domain.turn import LEASE, Turn
from bot.language.search import search_form
from bot.services.chat import Incoming
from bot.services.words import Words
from bot.store import repositories
from bot.store.engine import open_engine
from bot.store.unit_of_work import Store
from tests.chaos.form import ASKED, YES
from tests.chaos.promises import problems_in
from tests.chaos.walk import Killed, Walk
from tests.conftest import empty
from tests.system.auditor import Problems
from tests.system.running import Acknowledged

Switch = Callable[[pytest.MonkeyPatch], None]

CLIENT_ID, TURN_PART = "uq_message_conversation_id_client_id", "uq_message_turn_id_part"
DRAFT_ID = "uq_complaint_draft_id"


@pytest.fixture
def walk(migrated_sqlite: sa.Engine, tmp_path: Path, shop: Shop, words: Words) -> Iterator[Walk]:
    """A world on a file of its own, whose constraints may be taken away."""
    file = tmp_path / "unguarded.db"
    with closing(sqlite3.connect(str(migrated_sqlite.url.database))) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    engine = open_engine(f"sqlite:///{file}")
    empty(engine)
    walk = Walk(Store(engine, search_form), shop, words, seed=1)
    yield walk
    failpoints.arm(None)
    engine.dispose()


def take_away(walk: Walk, constraint: str, table: str) -> None:
    """Build a table anew without one of its constraints."""
    with closing(sqlite3.connect(str(walk.store.engine.url.database), isolation_level=None)) as db:
        [(made,)] = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        bare, times = re.subn(rf",\s*CONSTRAINT {constraint} UNIQUE \([^)]*\)", "", made)
        assert times == 1
        db.execute(f"DROP TABLE {table}")
        db.execute(bare)


def say(walk: Walk, text: str, client_id: str = "") -> None:
    shopper = walk.shoppers[0]
    shopper.said += 1
    message, _ = walk.chat.receive(shopper.id, Incoming(client_id or f"client-{shopper.said}", text))
    walk.acknowledged.append(Acknowledged(message.client_id or "", text, None))


def problems(walk: Walk) -> Problems:
    return [*problems_in(walk.store.engine, walk.acknowledged, walk.clock()), *walk._unsettled()]


# ------------------------------------------------------------------ ways on which a guard is needed


def the_same_delivery_comes_twice(walk: Walk) -> None:
    say(walk, "طلبي تأخر", "client-twice")
    say(walk, "طلبي تأخر", "client-twice")


def a_gateway_answers_after_another_has_taken_over(walk: Walk) -> None:
    say(walk, "طلبي تأخر")
    shopper, (first, second) = walk.shoppers[0], walk.gateways
    slow = first.claim(shopper.id)
    assert slow is not None
    brought = walk.form.take(slow)
    walk.clock.turn(seconds=LEASE.total_seconds())
    job = second.claim(shopper.id)
    assert job is not None
    with suppress(StaleTurn):
        first.finish(slow, brought)
    with suppress(StaleTurn):
        second.finish(job, walk.form.take(job))


def rasa_dies_after_filing(walk: Walk) -> None:
    shopper, gateway = walk.shoppers[0], walk.gateways[0]
    for text in [*(f"{slot}={value or '405-1'}" for slot, value in ASKED.items()), YES]:
        say(walk, text)
        job = gateway.claim(shopper.id)
        assert job is not None
        if text == YES:
            failpoints.arm(lambda place: walk._die() if place == "tracker.before_save" else None)
            with pytest.raises(Killed):
                walk.form.take(job)
            failpoints.arm(None)
            walk.clock.turn(seconds=LEASE.total_seconds())
            job = gateway.claim(shopper.id)
            assert job is not None
        gateway.finish(job, walk.form.take(job))
    walk._publish()


def the_worker_comes_round_twice(walk: Walk) -> None:
    rasa_dies_after_filing(walk)
    walk._publish()


# ------------------------------------------------------------------ guards


def client_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories.Messages, "by_client_id", lambda *_: None)


def epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turn, "require", lambda *_: None)


def drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories.Complaints, "by_draft", lambda *_: None)
    monkeypatch.setattr(Draft, "require_open", lambda *_: None)


def outbox_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories.Outbox, "done", lambda *_: None)


WAYS = [
    the_same_delivery_comes_twice,
    a_gateway_answers_after_another_has_taken_over,
    rasa_dies_after_filing,
    the_worker_comes_round_twice,
]


@pytest.mark.parametrize("way", WAYS)
def test_with_every_guard_the_way_breaks_nothing(walk: Walk, way: Callable[[Walk], None]) -> None:
    way(walk)
    unsettled = [problem for problem in problems(walk) if "never settled" not in problem]  # where nobody has answered yet
    assert unsettled == []


@pytest.mark.parametrize(
    ("guard", "constraint", "table", "way", "broken"),
    [
        (client_ids, CLIENT_ID, "message", the_same_delivery_comes_twice, "client-twice is stored 2 times"),
        (epochs, TURN_PART, "message", a_gateway_answers_after_another_has_taken_over, "was said 2 times"),
        (epochs, None, None, a_gateway_answers_after_another_has_taken_over, "which claim 2 has overtaken"),
        (drafts, DRAFT_ID, "complaint", rasa_dies_after_filing, "became 2 complaints"),
        (outbox_rows, None, None, the_worker_comes_round_twice, "waits although the worker is well"),
    ],
)
def test_a_guard_that_is_switched_off_is_missed(
    walk: Walk, monkeypatch: pytest.MonkeyPatch,
    guard: Switch, constraint: str | None, table: str | None, way: Callable[[Walk], None], broken: str,
) -> None:  # fmt: skip
    if constraint and table:
        take_away(walk, constraint, table)
    guard(monkeypatch)
    with suppress(sa.exc.IntegrityError):  # of the second guard behind the first
        way(walk)
    assert any(broken in problem for problem in problems(walk)), problems(walk)


@pytest.mark.parametrize(
    ("guard", "way"),
    [
        (client_ids, the_same_delivery_comes_twice),
        (epochs, a_gateway_answers_after_another_has_taken_over),
        (drafts, rasa_dies_after_filing),
    ],
)
def test_behind_each_guard_stands_a_unique_key(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, guard: Switch, way: Callable[[Walk], None]
) -> None:
    guard(monkeypatch)
    with pytest.raises(sa.exc.IntegrityError, match="UNIQUE constraint failed"):
        way(walk)
