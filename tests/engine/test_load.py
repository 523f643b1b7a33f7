"""The load's clients: what they try again, what they count, and what they hold against the gateway."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.draft import ASKED
from bot.domain.errors import GatewayDown
from bot.domain.promises import Acknowledged
from bot.engine.load import system, visit
from bot.engine.load.figures import percentile
from bot.engine.load.run import Phase, Run
from bot.engine.load.visit import Lost, Visit

SAID = "وصلت مكسورة"


class FakeGateway:
    """Answers messages with these statuses one after another, and a stream with these events."""

    def __init__(self, *statuses: int, events: list[dict[str, Any]] | None = None) -> None:
        self.statuses, self.events = list(statuses), events or []
        self.posted: list[dict[str, Any]] = []
        self.resumed_after: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/session":
            return httpx.Response(201, json={"token": "t0ken", "conversation": "c1"})
        if request.url.path == "/api/stream":
            self.resumed_after.append(request.headers["Last-Event-ID"])
            return httpx.Response(200, content=self.stream())
        self.posted.append(json.loads(request.content))
        status = self.statuses.pop(0)
        return httpx.Response(status, json={"message": {"seq": 1, "text": SAID}}, headers={"Retry-After": "0"})

    async def stream(self) -> AsyncIterator[bytes]:
        for event in self.events:
            yield f"event: message\r\ndata: {json.dumps(event)}\r\n\r\n".encode()
        await asyncio.sleep(3600)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(visit, "REPLY_SECONDS", 0.3)


def met(gateway: FakeGateway, do: Callable[[Visit], Any], monkeypatch: pytest.MonkeyPatch) -> Phase:
    """Open a visit at this gateway and do something in it; return the phase with what was counted."""

    async def go() -> Phase:
        phase = Phase(Run("http://gateway"), "test", 1)
        client = lambda _: httpx.AsyncClient(transport=httpx.MockTransport(gateway), base_url="http://gateway")  # noqa: E731
        monkeypatch.setattr(Run, "client", client)
        async with Visit(phase) as there:
            await do(there)
        return phase

    return asyncio.run(go())


def test_a_message_is_tried_until_it_is_acknowledged_under_one_client_id(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway(503, 429, 202)
    phase = met(gateway, lambda there: there.say(text=SAID), monkeypatch)
    assert len({body["client_id"] for body in gateway.posted}) == 1
    assert (phase.figures.errors, phase.figures.retries, len(phase.figures.acks)) == ({"503": 1, "429": 1}, 2, 1)
    assert phase.run.acknowledged == [Acknowledged(gateway.posted[0]["client_id"], SAID, 1)]


@pytest.mark.parametrize("statuses", [(422,), (503, 503, 503)])
def test_what_is_never_acknowledged_is_not_looked_for(monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, ...]) -> None:
    async def refused(there: Visit) -> None:
        with pytest.raises(Lost):
            await there.say(text=SAID)

    phase = met(FakeGateway(*statuses), refused, monkeypatch)
    assert phase.run.acknowledged == phase.figures.acks == []
    assert phase.figures.errors[str(statuses[0])] == len(statuses)


def test_an_answer_that_never_comes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unanswered(there: Visit) -> None:
        with pytest.raises(Lost):
            await there.ask(text=SAID)

    phase = met(FakeGateway(202), unanswered, monkeypatch)
    assert phase.figures.errors == {"no reply in 0 s": 1}
    assert phase.figures.replies == []


def heard(*events: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    async def listen(there: Visit) -> None:
        assert await there.until(lambda: len(there.messages) == len(events), 5)

    return met(FakeGateway(events=list(events)), listen, monkeypatch).run.broken


def test_what_a_reader_may_not_see_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {"seq": 1, "from": "bot", "text": "أهلا"}
    assert heard(first, first | {"seq": 2}, monkeypatch=monkeypatch) == []
    assert heard(first, first | {"seq": 3}, monkeypatch=monkeypatch) == ["I4: 1 was followed by 3 in conversation c1"]
    assert heard(first, first, monkeypatch=monkeypatch) == ["I4: 1 was followed by 1 in conversation c1"]
    [foreign] = heard(first | {"from": "shopper"}, monkeypatch=monkeypatch)
    assert foreign == "I6: conversation c1 was shown what somebody else wrote"


def test_a_client_comes_back_with_the_number_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway(events=[{"seq": 1, "from": "bot", "text": "أهلا"}])

    async def drop(there: Visit) -> None:
        assert await there.until(lambda: bool(there.messages), 5)
        await there.drop()
        gateway.events.clear()
        there.connect()
        assert await there.until(there.connected.is_set, 5)

    met(gateway, drop, monkeypatch)
    assert gateway.resumed_after == ["0", "1"]


def test_one_number_in_two_conversations_is_named() -> None:
    run = Run("http://gateway")
    run.shown("SH-1", "one")
    run.shown("SH-1", "one")
    assert run.broken == []
    run.shown("SH-1", "two")
    assert run.broken == ["I6: SH-1 was shown in conversations one and two"]


def test_every_complaint_answers_whatever_the_form_asks_with_a_number_of_its_own() -> None:
    run = Run("http://gateway", seed=7)
    told = [run.complaint() for _ in range(200)]
    assert all(set(answers) == {*ASKED, "confirmed"} for _, answers in told)
    assert len({answers["order_number"] for _, answers in told}) == 200
    assert len({opening for opening, _ in told}) == len(run.complaints)
    again = Run("http://gateway", seed=7)
    assert told == [again.complaint() for _ in range(200)]


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_of_nothing_there_is_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))
    assert percentile([3.0], 0.95) == 3.0


def test_what_a_process_takes_is_read_from_the_system() -> None:
    used = system.usage_of(1)
    assert used.memory > 0.5
    assert system.usage_of(2**22 + 1) == system.Usage()
    assert used + used == system.Usage(used.memory * 2, used.cpu * 2, used.waited * 2)


def test_its_own_system_is_led_to_no_store_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what does not start says why, with nothing left of it."""
    monkeypatch.setenv("DATABASE_URL_FILE", "/etc/shakwa/url")
    shakwa = tmp_path / "shakwa"
    shakwa.write_text("#!/bin/sh\nenv; sleep 0.1; exit 3\n")
    shakwa.chmod(0o755)
    monkeypatch.setattr(system.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(GatewayDown) as refused, system.OwnSystem(tmp_path, tmp_path, {"DATABASE_URL": "sqlite:///mine.db"}):
        pytest.fail("it cannot have started")
    assert "DATABASE_URL=sqlite:///mine.db" in (tmp_path / "output.log").read_text()
    assert "DATABASE_URL_FILE" not in (tmp_path / "output.log").read_text()
    assert "Shakwa did not start for the measurement" in str(refused.value)
