"""The strict tracker store: what was saved is read again, and nobody's events are lost without a word."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy.exc

from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA


@pytest.fixture
def domain(quiet_rasa: None) -> Any:
    from rasa.shared.core.domain import Domain

    return Domain.from_dict({
        "version": "3.1",
        "intents": ["greet"],
        "slots": {"product": {"type": "text", "mappings": [{"type": "custom"}]}},
    })  # fmt: skip


@pytest.fixture
def store(workbench: ModuleType, domain: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from bot.channel import tracker_store

    monkeypatch.setattr(tracker_store, "BUSY_TIMEOUT_SECONDS", 0.1)
    made = tracker_store.StrictTrackerStore(domain, host=f"sqlite:///{tmp_path / 'new folder' / 'tracker.db'}")
    yield made
    made.engine.dispose()


@pytest.fixture
def lock(store: Any) -> Iterator[None]:
    """Somebody else writes, and does not finish."""
    other = sqlite3.connect(store.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def a_tracker(domain: Any, *said: str) -> Any:
    from rasa.shared.core.events import ActionExecuted, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    tracker = DialogueStateTracker.from_events("shopper", [ActionExecuted("action_listen")], domain.slots)
    for text in said:
        tracker.update(UserUttered(text, {"name": "greet"}, metadata={"turn_id": 7}), domain)
    return tracker


def say(tracker: Any, domain: Any, text: str) -> Any:
    from rasa.shared.core.events import SlotSet, UserUttered

    tracker.update(UserUttered(text, {"name": "greet"}), domain)
    tracker.update(SlotSet("product", text), domain)
    return tracker


def events(tracker: Any) -> list[dict[str, Any]]:
    return [event.as_dict() for event in tracker.events]


def test_what_was_saved_is_read_again(store: Any, domain: Any) -> None:
    tracker = a_tracker(domain, "هلا", "كيفكم 😡")
    run_async(store.save(tracker))
    read = run_async(store.retrieve("shopper"))
    assert events(read) == events(tracker)
    assert read.latest_message.metadata == {"turn_id": 7}


def test_each_save_appends(store: Any, domain: Any) -> None:
    run_async(store.save(a_tracker(domain, "هلا")))
    for text in ("جوال", "سماعة"):
        tracker = run_async(store.retrieve("shopper"))
        run_async(store.save(say(tracker, domain, text)))
    read = run_async(store.retrieve("shopper"))
    assert [event["text"] for event in events(read) if event["event"] == "user"] == ["هلا", "جوال", "سماعة"]
    assert read.get_slot("product") == "سماعة"


def test_a_tracker_may_be_saved_twice(store: Any, domain: Any) -> None:
    tracker = a_tracker(domain, "هلا")
    run_async(store.save(tracker))
    run_async(store.save(tracker))
    run_async(store.save(say(tracker, domain, "جوال")))
    assert len(run_async(store.retrieve("shopper")).events) == len(tracker.events)


def test_nothing_is_known_of_a_stranger(store: Any) -> None:
    assert run_async(store.retrieve("nobody")) is None


def test_of_two_who_save_the_second_is_told(store: Any, domain: Any) -> None:
    """Rasa's own store saves by the number of events: the second one's would silently be cut off or lost."""
    from bot.channel.tracker_store import TrackerOvertaken

    run_async(store.save(a_tracker(domain, "هلا")))
    first, second = run_async(store.retrieve("shopper")), run_async(store.retrieve("shopper"))
    run_async(store.save(say(first, domain, "جوال")))
    with pytest.raises(TrackerOvertaken, match="events are stored"):
        run_async(store.save(say(second, domain, "سماعة")))
    assert events(run_async(store.retrieve("shopper"))) == events(first)


def test_of_two_who_begin_the_second_is_told(store: Any, domain: Any) -> None:
    from bot.channel.tracker_store import TrackerOvertaken

    run_async(store.save(a_tracker(domain, "هلا")))
    with pytest.raises(TrackerOvertaken):
        run_async(store.save(a_tracker(domain, "سلام")))


def test_a_locked_database_raises_soon(store: Any, domain: Any, lock: None) -> None:
    """And not after fifteen seconds, for which all shoppers would stand still."""
    began = time.monotonic()
    with pytest.raises(sqlalchemy.exc.OperationalError, match="locked"):
        run_async(store.save(a_tracker(domain, "هلا")))
    with pytest.raises(sqlalchemy.exc.OperationalError, match="locked"):
        run_async(store.retrieve("shopper"))
    assert time.monotonic() - began < 2


def test_three_seconds_are_the_longest_wait(quiet_rasa: None) -> None:
    from bot.channel import tracker_store

    assert tracker_store.BUSY_TIMEOUT_SECONDS <= 3


def test_a_failed_save_leaves_what_was_there(store: Any, domain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_async(store.save(a_tracker(domain, "هلا")))
    tracker = say(run_async(store.retrieve("shopper")), domain, "جوال")
    rows = type(store)._row

    def fails_late(self: Any, sender: str, event: Any) -> Any:
        if event.type_name == "slot":
            raise ValueError("disk full")
        return rows(self, sender, event)

    monkeypatch.setattr(type(store), "_row", fails_late)
    with pytest.raises(ValueError, match="disk full"):
        run_async(store.save(tracker))
    assert len(run_async(store.retrieve("shopper")).events) == len(tracker.events) - 2


def test_a_failed_read_fails_the_turn(workbench: ModuleType, store: Any, lock: None) -> None:
    """Rasa's own wrapper would answer "no such tracker", and the form would start over."""
    from types import SimpleNamespace

    from rasa.core.tracker_store import FailSafeTrackerStore

    from bot.channel.processor import TurnProcessor

    turn = TurnProcessor.over(SimpleNamespace(tracker_store=FailSafeTrackerStore(store)), None)
    assert turn.tracker_store is store
    with pytest.raises(sqlalchemy.exc.OperationalError):
        run_async(turn.tracker_store.get_or_create_tracker("shopper", append_action_listen=False))
