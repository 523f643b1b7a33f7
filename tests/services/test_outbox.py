"""Events are handed out in order, each once by effect; one that cannot be published waits with those behind it."""

from typing import Any

import pytest

from bot.services.outbox import Outbox
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in
from tests.conftest import Clock

Event = tuple[str, dict[str, Any]]


@pytest.fixture
def outbox(store: Store, clock: Clock) -> Outbox:
    """An outbox in which three events wait."""
    with store.write() as work:
        for number in (1, 2, 3):
            work.outbox.add("complaint.filed", {"number": f"SH-{number}"}, clock())
        work.commit()
    return Outbox(store, clock)


class Printer:
    """Takes events until it jams at one."""

    def __init__(self, jams_at: str = "") -> None:
        self.jams_at = jams_at
        self.events: list[Event] = []

    def __call__(self, topic: str, payload: dict[str, Any]) -> None:
        if payload["number"] == self.jams_at:
            raise ConnectionError("jammed")
        self.events.append((topic, payload))

    @property
    def numbers(self) -> list[str]:
        return [payload["number"] for _, payload in self.events]


def test_each_event_is_handed_out_once_and_in_order(outbox: Outbox) -> None:
    printer = Printer()
    assert outbox.publish(printer) == 3
    assert outbox.publish(printer) == 0
    assert printer.numbers == ["SH-1", "SH-2", "SH-3"]
    assert {topic for topic, _ in printer.events} == {"complaint.filed"}
    assert len({payload["event_id"] for _, payload in printer.events}) == 3


def test_no_more_than_the_limit_is_handed_out_at_a_time(outbox: Outbox) -> None:
    printer = Printer()
    assert [outbox.publish(printer, limit=2) for _ in range(3)] == [2, 1, 0]
    assert printer.numbers == ["SH-1", "SH-2", "SH-3"]


def test_an_event_that_fails_waits_with_those_behind_it_and_those_before_it_are_not_repeated(outbox: Outbox) -> None:
    printer = Printer(jams_at="SH-2")
    for _ in range(3):
        with pytest.raises(ConnectionError):
            outbox.publish(printer)
    printer.jams_at = ""
    assert outbox.publish(printer) == 2
    assert printer.numbers == ["SH-1", "SH-2", "SH-3"]


def test_what_is_not_committed_is_never_published(outbox: Outbox, store: Store, clock: Clock) -> None:
    with store.write() as work:
        work.outbox.add("complaint.filed", {"number": "SH-4"}, clock())
    printer = Printer()
    outbox.publish(printer)
    assert "SH-4" not in printer.numbers


def test_workers_that_publish_at_once_do_not_repeat_one_another(outbox: Outbox) -> None:
    printer = Printer()
    outcomes = at_once(8, lambda _: outbox.publish(printer))
    assert errors_in(outcomes) == []
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 0, 0, 3]
    assert printer.numbers == ["SH-1", "SH-2", "SH-3"]
