"""A state machine over the store: hypothesis looks for an order of steps that breaks a promise, and shortens it.

The steps are those of the walk beside it, one at a time, and two it does not take: an agent corrects a slot, and
whatever is kept of a shopper is erased. The promises are checked after every step, and once more when all has healed.

.venv/bin/pytest tests/chaos/test_machine.py                          a few examples
SHAKWA_STATEFUL=2000 .venv/bin/pytest tests/chaos/test_machine.py -s  so many examples of 60 steps on SQLite
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot import failpoints
from bot.domain.errors import NotFound, ShakwaError, StaleTurn, SubjectUnknown
from bot.domain.privacy import ErasedComplaints
from bot.domain.shop import Shop
from bot.domain.turn import LEASE, Answer, Job
from bot.services.turns import Turns
from bot.services.words import Words
from bot.store import tables
from bot.store.auditor import audit
from bot.store.unit_of_work import Store
from tests.chaos.form import ASKED, CHAT
from tests.chaos.walk import Killed, Shopper, Walk
from tests.conftest import empty
from tests.services.house import House
from tests.system.auditor import success_words

EXAMPLES = int(os.environ.get("SHAKWA_STATEFUL", "12"))
STEPS = 60
PAUSES = [1, 17, 19, 60, 3_600]
"""Seconds: short of a lease, about as long, and past it."""

chance = st.randoms(use_true_random=False)
who = st.integers(0, 1)


class Machine(RuleBasedStateMachine):
    """Two shoppers, two gateways, an agent, a worker, and a clerk who erases; every choice is hypothesis's own."""

    tally: Counter[str]

    def __init__(self, store: Store, shop: Shop, words: Words, folder: Path, tally: Counter[str]) -> None:
        super().__init__()
        empty(store.engine)
        self.walk = Walk(store, shop, words, seed=1)
        self.house = House(store, self.walk.clock, shop, words, folder)
        self.walk.form.take = self._take(self.walk.form.take)  # type: ignore[method-assign]
        self.gone: set[str] = set()
        self.erased: list[str] = []
        """Words that only erased shoppers have said."""
        self.tally = tally

    def _take(self, take: Callable[[Job], Answer]) -> Callable[[Job], Answer]:
        """A turn whose shopper was erased meanwhile finds nothing to write to: its engine fails, and it is dropped."""

        def checked(job: Job) -> Answer:
            try:
                return take(job)
            except NotFound as error:
                if job.conversation_id in self.gone:
                    raise StaleTurn(str(error)) from error
                raise

        return checked

    def _go(self, move: Callable[[], None], draw: random.Random, name: str = "") -> None:
        self.walk.draw = draw
        self.tally[name or move.__name__.strip("_")] += 1
        self.walk.clock.turn(seconds=1)
        move()

    # ------------------------------------------------------------------ shoppers

    @rule(draw=chance)
    def send(self, draw: random.Random) -> None:
        self._go(self.walk._speak, draw)

    @rule(number=who, exchanges=st.integers(1, 7), draw=chance)
    def talk(self, number: int, exchanges: int, draw: random.Random) -> None:
        """Answer what is asked, so many times; with five answers a complaint is filed."""

        def go() -> None:
            for _ in range(exchanges):
                self._say(shopper, self.walk._answer(shopper))
                self._answer(shopper, self.walk.gateways[number])
                self.walk._catch_up(shopper)

        shopper = self.walk.shoppers[number]
        self._go(go, draw, "talk")

    def _answer(self, shopper: Shopper, gateway: Turns) -> None:
        """Take every turn that may be claimed to its end, as `Turns.run` does without a thread for each step."""
        while job := gateway.claim(shopper.id):
            with suppress(StaleTurn):
                answer = self.walk.form.take(job)
                gateway.finish_in_silence(job, answer.reading) if job.silent else gateway.finish(job, answer)

    @rule(draw=chance)
    def deliver_what_is_held(self, draw: random.Random) -> None:
        self._go(self.walk._deliver, draw)

    @rule(draw=chance)
    def deliver_again_and_out_of_order(self, draw: random.Random) -> None:
        self._go(self.walk._send_again, draw)

    @rule(number=who, slot=st.sampled_from(sorted(ASKED)), draw=chance)
    def correct_a_slot(self, number: int, slot: str, draw: random.Random) -> None:
        shopper = self.walk.shoppers[number]
        corrected = f"{shopper.name}-c{shopper.said}" if slot == "order_number" else ASKED[slot]
        self._go(lambda: self._say(shopper, f"{slot}={corrected}"), draw, "correct a slot")

    def _say(self, shopper: Shopper, text: str) -> None:
        shopper.said += 1
        shopper.answered = False
        shopper.waiting.append((f"client-{shopper.name}-{shopper.said}", text))
        self.walk._deliver_all(shopper)

    @rule(draw=chance)
    def read(self, draw: random.Random) -> None:
        self._go(self.walk._read, draw)

    # ------------------------------------------------------------------ gateways, the worker, time

    @rule(draw=chance)
    def take_a_turn(self, draw: random.Random) -> None:
        self._go(self.walk._work, draw)

    @rule(draw=chance)
    def claim_a_turn(self, draw: random.Random) -> None:
        self._go(self.walk._claim, draw)

    @precondition(lambda self: self.walk.jobs)
    @rule(draw=chance)
    def ask_the_engine(self, draw: random.Random) -> None:
        """Which of the turns that are held, and whether its answer is lost, is left to chance."""
        self._go(self.walk._ask, draw)

    @precondition(lambda self: any(answer for _, _, answer in self.walk.jobs))
    @rule(draw=chance)
    def keep_an_answer(self, draw: random.Random) -> None:
        self._go(self.walk._finish, draw)

    @rule(number=who)
    def overtake(self, number: int) -> None:
        """A gateway is so slow that another takes its turn; both come back with an answer, in either order."""
        shopper = self.walk.shoppers[number]
        self.tally["overtake"] += 1
        self._say(shopper, CHAT)
        for gateway in self.walk.gateways:
            if job := gateway.claim(shopper.id):
                with suppress(StaleTurn):
                    self.walk.jobs.append((gateway, job, self.walk.form.take(job)))
            self.walk.clock.turn(seconds=LEASE.total_seconds())

    @precondition(lambda self: len(self.walk.jobs) > 2)
    @rule()
    def drop_every_answer(self) -> None:
        self.tally["drop every answer"] += 1
        self.walk.jobs.clear()

    @rule(draw=chance, move=st.sampled_from(["_speak", "_work", "_finish", "_publish", "_agent_does"]))
    def kill(self, draw: random.Random, move: str) -> None:
        """Whoever is at it dies at one of the places the code names, and loses what it held in memory."""
        try:
            with self.walk._kill(), suppress(Killed):
                self.walk.moves.append(move)
                self._go(getattr(self.walk, move), draw, f"kill at {move.strip('_')}")
        finally:
            failpoints.arm(None)

    @rule(draw=chance)
    def publish(self, draw: random.Random) -> None:
        self._go(self.walk._publish, draw)

    @rule(seconds=st.sampled_from(PAUSES))
    def wait(self, seconds: int) -> None:
        self.tally["wait"] += 1
        self.walk.clock.turn(seconds=seconds)

    # ------------------------------------------------------------------ the agent, the clerk

    @rule(number=who, draw=chance)
    def agent_claims(self, number: int, draw: random.Random) -> None:
        self._go(lambda: self._agent(self.walk.agents.claim, number), draw, "agent claims")

    @rule(number=who, draw=chance)
    def agent_releases(self, number: int, draw: random.Random) -> None:
        self._go(lambda: self._agent(self.walk.agents.hand_back, number), draw, "agent releases")

    @rule(draw=chance)
    def agent_does_something(self, draw: random.Random) -> None:
        self._go(self.walk._agent_does, draw)

    @rule(number=who, slot=st.sampled_from(["description", "contact"]))
    def agent_corrects(self, number: int, slot: str) -> None:
        self.tally["agent corrects"] += 1
        with suppress(ShakwaError):
            self.walk.replies.change(self.walk.shoppers[number].id, self.walk.agent, slot, ASKED[slot])

    def _agent(self, does: Callable[..., object], number: int) -> None:
        with suppress(ShakwaError):
            does(self.walk.shoppers[number].id, self.walk.agent)

    @precondition(lambda self: any(len(shopper.sent) > 2 for shopper in self.walk.shoppers))
    @rule(number=who, kept=st.sampled_from(ErasedComplaints))
    def erase(self, number: int, kept: ErasedComplaints) -> None:
        """Everything of a shopper goes, and of whoever is the same person; others come in their place."""
        self.tally["erase"] += 1
        with suppress(SubjectUnknown):
            held = self.house.privacy(kept).erase(self.walk.shoppers[number].id, "a clerk")
            self.gone.update(held.conversations)
            for at, shopper in enumerate(self.walk.shoppers):
                if shopper.id in held.conversations:
                    self._forget(shopper)
                    self.walk.shoppers[at] = Shopper(self.walk.chat.open("widget").conversation_id, f"{shopper.name}+")

    def _forget(self, shopper: Shopper) -> None:
        own = {client_id for client_id, _ in shopper.sent}
        self.walk.acknowledged = [told for told in self.walk.acknowledged if told.client_id not in own]
        self.erased += [client_id for client_id, _ in shopper.sent]

    # ------------------------------------------------------------------ the promises

    @invariant()
    def every_promise_is_kept(self) -> None:
        store, walk = self.walk.store.engine, self.walk
        broken = audit(store, walk.acknowledged, success_words(), walk._now_for_events())
        problems = [*walk.problems, *broken, *walk._misread()]
        assert not problems, problems

    @invariant()
    def what_was_erased_does_not_come_back(self) -> None:
        said = tables.message.c
        with self.walk.store.engine.connect() as connection:
            query = sa.select(said.client_id).where(said.client_id.in_(self.erased))
            assert not connection.scalars(query).all()

    def teardown(self) -> None:
        failpoints.arm(None)
        self.walk.draw = random.Random(1)
        self.tally["complaints filed"] += len(self.walk.filed())
        self.walk.heal()
        assert not self.walk.problems, self.walk.problems


def search(machine: Callable[[], Machine], examples: int, **options: Any) -> None:
    """Let hypothesis look; raise what the first example that breaks a promise raises."""
    quiet = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=STEPS, **quiet | options)
    )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_order_of_steps_breaks_a_promise(impatient: Store, shop: Shop, words: Words, tmp_path: Path) -> None:
    tally: Counter[str] = Counter()
    search(lambda: Machine(impatient, shop, words, tmp_path, tally), EXAMPLES, print_blob=True)
    assert tally["complaints filed"] > 0 or EXAMPLES < 100
    print(f"\n{EXAMPLES} examples of at most {STEPS} steps: {tally.total()} steps")
    for step, times in sorted(tally.items()):
        print(f"{times:7} {step}")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("guard", "off"),
    [
        ("bot.domain.turn.Turn.require", lambda *_: None),
        ("bot.store.repositories.Messages.by_client_id", lambda *_: None),
    ],
)
def test_without_a_guard_it_finds_an_order_that_breaks_one(
    impatient: Store, shop: Shop, words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: str, off: Any
) -> None:
    monkeypatch.setattr(guard, off)
    once = {"phases": [Phase.generate], "report_multiple_bugs": False}
    with pytest.raises((AssertionError, sa.exc.IntegrityError)):
        search(lambda: Machine(impatient, shop, words, tmp_path, Counter()), 100, **once)
