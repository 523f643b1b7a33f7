"""The load's phases in front of a gateway on a port: its own streams, its own store, and an engine that answers at once."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import httpx
import pytest

from bot.domain.conversation import Button
from bot.domain.turn import Answer, Job
from bot.engine.load import people, phases
from bot.engine.load.figures import Figures
from bot.engine.load.run import Run
from bot.store import tables
from bot.store.auditor import audit
from tests.builders import FakeEngine, a_reply, an_answer
from tests.conftest import Clock
from tests.web.site import Site
from tests.web.staff import Colleague

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

YES = "نعم، أرسلها"
PACE = 0.01


class Form(FakeEngine):
    """Asks twice, then tells a number, for each conversation by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: dict[str, int] = {}

    async def answer(self, job: Job) -> Answer:
        at = self.turns[job.sender_key] = self.turns.get(job.sender_key, 0) + 1
        number = f"SH-00000-00000-{list(self.turns).index(job.sender_key):04}"
        ask = a_reply("أكيد؟", Button(YES, "/affirm"), asks="confirmed")
        filed = (a_reply("سُجّلت", complaint_number=number),)
        steps = {1: ("أهلا", a_reply("رقم الطلب؟", asks="order_number")), 2: ("شكرا", ask)}
        return an_answer(*steps.get(at, filed))


@pytest.fixture
def http(site: Site) -> Iterator[httpx.Client]:
    site.engine = Form()
    with site.serve(sessions_per_minute=100_000) as http:
        yield http


def measured(http: httpx.Client, phase: Any) -> tuple[Any, Run]:
    """Run a phase, made from its run, and return its figures with the run."""

    async def go() -> tuple[Any, Run]:
        run = Run(str(http.base_url), pace=PACE)
        made: Coroutine[Any, Any, Any] = phase(run)
        return await made, run

    return asyncio.run(go())


def test_shoppers_bring_whole_complaints_and_hear_every_answer(http: httpx.Client, site: Site) -> None:
    figures, run = measured(http, lambda run: phases.steady(run, "three", 3, [], 30, complaints=2))
    assert (figures.complaints, len(figures.replies), len(figures.acks)) == (6, 18, 18)
    assert (figures.errors, figures.retries, run.broken) == ({}, 0, [])
    assert len(run.acknowledged) == 18
    assert len(run.numbers) == 6
    assert figures.turns_per_second == pytest.approx(18 / figures.seconds)
    assert all(0 < time < 5 for time in (*figures.acks, *figures.replies, *figures.connects))
    assert run.conversations == set()


def test_the_audit_finds_what_was_acknowledged_and_names_numbers_without_a_row(
    http: httpx.Client, site: Site, clock: Clock
) -> None:
    _, run = measured(http, lambda run: phases.steady(run, "one", 1, [], 30, complaints=1))
    [number] = run.numbers
    [missing] = audit(site.store.engine, run.acknowledged, ["لا شيء"], clock())
    assert missing.startswith(f"I3: {number} was shown")
    with site.store.engine.begin() as connection:
        connection.execute(tables.message.update().where(tables.message.c.seq == 1).values(client_id="another"))
    found = audit(site.store.engine, run.acknowledged, [], clock())
    assert f"I1: the acknowledged message {run.acknowledged[0].client_id} is stored 0 times" in found


def test_agents_read_along_without_a_gap(http: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "READS_SECONDS", 100.0)
    cookie = Colleague(site, http).cookie
    figures, run = measured(http, lambda run: phases.steady(run, "read", 4, [cookie, cookie], 3))
    assert figures.read_along > 10
    assert (figures.errors, run.broken) == ({}, [])


def test_an_agent_who_is_not_let_in_is_an_error(http: httpx.Client) -> None:
    figures, _ = measured(http, lambda run: phases.steady(run, "read", 1, ["shakwa=none"], 3))
    assert set(figures.errors) == {"agent: 401"}


def test_when_it_is_stopped_every_turn_that_was_begun_ends(http: httpx.Client) -> None:
    async def stopped(run: Run) -> Figures:
        asyncio.get_running_loop().call_later(1, run.stop.set)
        return await phases.steady(run, "long", 5, [], 3600)

    figures, run = measured(http, stopped)
    assert figures.seconds < 10
    assert len(figures.replies) == len(figures.acks) == len(run.acknowledged) > 5


def test_shoppers_become_more_until_they_wait_too_long(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def grown(run: Run) -> Any:
        seen = []
        async for figures in phases.growing(run, 2, [], 0.5):
            seen.append(figures.clients)
            monkeypatch.setattr(phases, "TOO_SLOW", 0.0 if len(seen) == 2 else 60.0)
        return seen

    monkeypatch.setattr(phases, "TOO_SLOW", 60.0)
    assert measured(http, grown)[0] == [2, 3]


def test_a_first_complaint_warms_it_up_and_keeps_the_pace(http: httpx.Client) -> None:
    async def warmed(run: Run) -> float:
        await phases.warm_up(run)
        return run.pace

    pace, run = measured(http, warmed)
    assert pace == PACE
    assert (len(run.numbers), len(run.acknowledged)) == (1, 3)


def test_idle_streams_stay_open(http: httpx.Client) -> None:
    figures, run = measured(http, lambda run: phases.idle(run, 60, 0.5))
    assert len(figures.connects) == 60
    assert figures.notes[0].startswith("60 of 60 streams were open after 0 s")
    assert (figures.errors, run.broken) == ({}, [])


def test_a_herd_comes_drops_and_hears_what_it_missed(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "HERD_COMES_WITHIN", 0.2)
    figures, run = measured(http, lambda run: phases.herd(run, 25))
    assert len(figures.resumes) == len(figures.acks) == 25
    assert [note.split(",")[0] for note in figures.notes] == ["25 of 25 came", "25 of 25 resumed", "25 were answered"]
    assert (figures.errors, run.broken) == ({}, [])
