"""The strict tracker store: what was saved is read again, and nobody's events are lost without a word."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
import sqlalchemy.exc
from redis import Redis

from bot.engine.parent import lock_store
from bot.store.trackers import Trackers
from tests.builders import at_once, errors_in
from tests.conftest import on_postgres
from tests.rasa_fixtures import RASA, run_async
from tests.redis_server import OwnRedis

pytestmark = RASA


@pytest.fixture
def domain(quiet_rasa: None) -> Any:
    from rasa.shared.core.domain import Domain

    return Domain.from_dict({
        "version": "3.1",
        "intents": ["greet"],
        "slots": {"product": {"type": "text", "mappings": [{"type": "custom"}]}},
    })  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where there is no tracker yet."""
    if request.param == "postgresql":
        for engine in on_postgres():
            yield engine.url.render_as_string(hide_password=False)
    else:
        yield f"sqlite:///{tmp_path / 'new folder' / 'tracker.db'}"


on_sqlite = pytest.mark.parametrize("location", ["sqlite"], indirect=True)


@pytest.fixture
def store(workbench: ModuleType, domain: Any, location: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from bot.channel import tracker_store

    if location.startswith("sqlite"):
        monkeypatch.setattr(tracker_store, "BUSY_TIMEOUT_SECONDS", 0.1)
    made = tracker_store.StrictTrackerStore(domain, host=location)
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


def test_of_an_erased_shopper_nothing_is_left_and_of_another_everything(store: Any, domain: Any, location: str) -> None:
    for sender in ("shopper", "another", "shopper's other conversation"):
        tracker = say(a_tracker(domain, "هلا"), domain, f"جوال {sender}")
        tracker.sender_id = sender
        run_async(store.save(tracker))
    before = rows(store)
    trackers = Trackers(location)
    assert len(trackers.of(["shopper"])) == 4
    trackers.forget(["shopper", "shopper's other conversation", "nobody"])
    assert rows(store) == [row for row in before if row.sender_id == "another"]
    assert len(rows(store)) == 4
    assert run_async(store.retrieve("shopper")) is None
    assert trackers.of(["shopper"]) == []
    assert trackers.of(["another"]) == events(run_async(store.retrieve("another")))


def rows(store: Any) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT * FROM events ORDER BY id"))


def test_of_two_who_save_the_second_is_told(store: Any, domain: Any) -> None:
    """Rasa's own store saves by the number of events: the second one's would silently be cut off or lost."""
    from bot.channel.tracker_store import TrackerOvertaken

    run_async(store.save(a_tracker(domain, "هلا")))
    first, second = run_async(store.retrieve("shopper")), run_async(store.retrieve("shopper"))
    run_async(store.save(say(first, domain, "جوال")))
    with pytest.raises(TrackerOvertaken, match="was read"):
        run_async(store.save(say(second, domain, "سماعة")))
    assert events(run_async(store.retrieve("shopper"))) == events(first)


def test_of_many_servers_that_save_at_once_one_is_first(store: Any, domain: Any, location: str) -> None:
    """On PostgreSQL two transactions could count the same events and both append theirs."""
    from bot.channel.tracker_store import StrictTrackerStore, TrackerOvertaken

    run_async(store.save(a_tracker(domain, "هلا")))
    servers = [StrictTrackerStore(domain, host=location) for _ in range(4)]
    trackers = [say(run_async(server.retrieve("shopper")), domain, f"قال {server}") for server in servers]
    outcomes = at_once(4, lambda number: asyncio.run(servers[number].save(trackers[number])))
    assert sum(outcome is None for outcome in outcomes) == 1
    failed = [outcome for outcome in outcomes if outcome is not None]
    assert all(isinstance(error, TrackerOvertaken | sqlalchemy.exc.OperationalError) for error in failed)
    assert len(run_async(store.retrieve("shopper")).events) == len(trackers[0].events)
    for server in servers:
        server.engine.dispose()


def test_many_servers_may_start_at_once_on_an_empty_database(workbench: ModuleType, domain: Any, location: str) -> None:
    from bot.channel.tracker_store import StrictTrackerStore

    servers = at_once(6, lambda _: StrictTrackerStore(domain, host=location))
    assert errors_in(servers) == []
    run_async(servers[0].save(a_tracker(domain, "هلا")))
    assert run_async(servers[5].retrieve("shopper")) is not None
    for server in servers:
        server.engine.dispose()


def test_rasas_locks_are_in_redis_where_there_is_one(quiet_rasa: None, own_redis: OwnRedis) -> None:
    from rasa.core.lock_store import LockStore, RedisLockStore
    from rasa.utils.endpoints import EndpointConfig

    store = LockStore.create(EndpointConfig.from_dict(lock_store(own_redis.url, "shakwa123")))
    assert isinstance(store, RedisLockStore)

    async def locked() -> list[str]:
        async with store.lock("sara"):
            with Redis.from_url(own_redis.url, decode_responses=True) as redis:
                return redis.keys()

    assert run_async(locked()) == ["shakwa123:lock:sara"]
    store.red.close()


@pytest.mark.parametrize("strict", [True, False])
def test_without_the_count_somebodys_words_are_lost_unnoticed(
    store: Any, domain: Any, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rasa.core.tracker_store import SQLTrackerStore

    from bot.channel.tracker_store import TrackerOvertaken

    if not strict:
        monkeypatch.setattr(type(store), "save", SQLTrackerStore.save)
    run_async(store.save(a_tracker(domain, "هلا")))
    trackers = [run_async(store.retrieve("shopper")) for _ in range(2)]
    saved = []
    for tracker, text in zip(trackers, ("جوال", "سماعة"), strict=True):
        with suppress(TrackerOvertaken):
            run_async(store.save(say(tracker, domain, text)))
            saved.append(text)
    kept = [event["text"] for event in events(run_async(store.retrieve("shopper"))) if event["event"] == "user"]
    assert (kept == ["هلا", *saved]) is strict


def test_of_two_who_begin_the_second_is_told(store: Any, domain: Any) -> None:
    from bot.channel.tracker_store import TrackerOvertaken

    run_async(store.save(a_tracker(domain, "هلا")))
    with pytest.raises(TrackerOvertaken):
        run_async(store.save(a_tracker(domain, "سلام")))


@on_sqlite
def test_a_locked_database_raises_soon(store: Any, domain: Any, lock: None) -> None:
    """And not after fifteen seconds, for which all shoppers would stand still."""
    began = time.monotonic()
    with pytest.raises(sqlalchemy.exc.OperationalError, match="locked"):
        run_async(store.save(a_tracker(domain, "هلا")))
    with pytest.raises(sqlalchemy.exc.OperationalError, match="locked"):
        run_async(store.retrieve("shopper"))
    assert time.monotonic() - began < 10


def test_three_seconds_are_the_longest_wait(quiet_rasa: None) -> None:
    from bot.channel import tracker_store

    assert tracker_store.BUSY_TIMEOUT_SECONDS <= 3


def test_a_failed_save_leaves_what_was_there(store: Any, domain: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.channel import tracker_store

    run_async(store.save(a_tracker(domain, "هلا")))
    tracker = say(run_async(store.retrieve("shopper")), domain, "جوال")
    row = tracker_store._row

    def refused_late(sender: str, event: Any) -> Any:
        return row(sender, event) | ({"sender_id": None} if event.type_name == "slot" else {})

    monkeypatch.setattr(tracker_store, "_row", refused_late)
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        run_async(store.save(tracker))
    assert len(run_async(store.retrieve("shopper")).events) == len(tracker.events) - 2


@on_sqlite
def test_a_failed_read_fails_the_turn(workbench: ModuleType, store: Any, lock: None) -> None:
    """Rasa's own wrapper would answer "no such tracker", and the form would start over."""
    from types import SimpleNamespace

    from rasa.core.tracker_store import FailSafeTrackerStore

    from bot.channel.processor import TurnProcessor

    turn = TurnProcessor.over(SimpleNamespace(tracker_store=FailSafeTrackerStore(store)), None)
    assert turn.tracker_store is store
    with pytest.raises(sqlalchemy.exc.OperationalError):
        run_async(turn.tracker_store.get_or_create_tracker("shopper", append_action_listen=False))


def test_the_tracker_saved_last_is_used_again_without_reading(store: Any, domain: Any) -> None:
    saved = a_tracker(domain, "هلا")
    run_async(store.save(saved))
    assert run_async(store.retrieve("shopper")) is saved


def test_a_turn_that_failed_half_way_leaves_nothing_in_memory(store: Any, domain: Any) -> None:
    run_async(store.save(a_tracker(domain, "هلا")))
    say(run_async(store.retrieve("shopper")), domain, "never saved")
    again = run_async(store.retrieve("shopper"))
    assert [event["text"] for event in events(again) if event["event"] == "user"] == ["هلا"]
    assert again.get_slot("product") is None


def test_what_another_server_saved_is_read(store: Any, domain: Any, location: str) -> None:
    other = type(store)(domain, host=location)
    run_async(store.save(a_tracker(domain, "هلا")))
    run_async(other.save(say(run_async(other.retrieve("shopper")), domain, "جوال")))
    assert run_async(store.retrieve("shopper")).get_slot("product") == "جوال"
    other.engine.dispose()


def test_what_was_erased_is_not_remembered(store: Any, domain: Any) -> None:
    run_async(store.save(a_tracker(domain, "هلا")))
    with store.engine.begin() as connection:
        connection.execute(sa.delete(store.SQLEvent))
    assert run_async(store.retrieve("shopper")) is None


def test_another_model_reads_anew(store: Any, domain: Any) -> None:
    from rasa.shared.core.domain import Domain

    saved = a_tracker(domain, "هلا")
    run_async(store.save(saved))
    store.domain = Domain.from_dict(domain.as_dict())
    assert run_async(store.retrieve("shopper")) is not saved


def test_a_session_begun_anew_leaves_what_was_before_in_the_store_alone(store: Any, domain: Any) -> None:
    from rasa.shared.core.events import SessionStarted

    tracker = a_tracker(domain, "هلا")
    run_async(store.save(tracker))
    tracker.update(SessionStarted(), domain)
    run_async(store.save(say(tracker, domain, "جوال")))
    kept = run_async(store.retrieve("shopper"))
    store._recent._kept.clear()
    read = run_async(store.retrieve("shopper"))
    assert read is not kept
    assert events(read) == events(kept)
    assert [event["event"] for event in events(read)][:2] == ["session_started", "user"]
    run_async(store.save(say(read, domain, "سماعة")))
    with store.sessionmaker() as session:
        stored = session.scalars(sa.select(store.SQLEvent.data).order_by(store.SQLEvent.id)).all()
    assert [json.loads(event)["text"] for event in stored if json.loads(event)["event"] == "user"] == [
        "هلا",
        "جوال",
        "سماعة",
    ]


def test_memory_holds_so_many_and_none_for_long(quiet_rasa: None, domain: Any) -> None:
    from bot.channel.recent import IDLE_SECONDS, MOST, Recent

    now = [0.0]
    recent = Recent(lambda: now[0])
    trackers = [a_tracker(domain) for _ in range(MOST + 1)]
    for number, tracker in enumerate(trackers):
        tracker.sender_id = str(number)
        recent.put(tracker, domain, 1)
    assert recent.take("0", domain, 1) is None
    assert recent.take("1", domain, 1) is trackers[1]
    assert recent.take("1", domain, 1) is None
    now[0] = IDLE_SECONDS + 1
    assert recent.take("2", domain, 1) is None
    assert not recent._kept
