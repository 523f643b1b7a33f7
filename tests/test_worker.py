"""The worker takes events out of the outbox and to the webhooks, and leaves a trace that it lives."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey import Huey

from bot.bootstrap import Services, build, now
from bot.domain.user import Role
from bot.keeping import DEAD_AFTER_SECONDS, beat_file, checks_of
from bot.services.chat import Incoming
from bot.services.parts import Parts, ill
from bot.services.runs import Runs
from bot.settings import Settings
from bot.worker import Courier, ReadingAlong, Trainer, beat, make_queue
from tests.builders import a_reading, wait_for
from tests.services.staff import a_user, users_of
from tests.services.workshop import FakeWorkshop, until_given_up


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """An installation on one machine, migrated."""
    services = build(Settings(data_dir=tmp_path / "var", database_url=""))  # type: ignore[arg-type]
    services.migrate()
    return services


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the worker logs, as (event, fields)."""
    lines: list[tuple[str, dict[str, Any]]] = []

    class Log:
        def info(self, event: str, **fields: Any) -> None:
            lines.append((event, fields))

        warning = info

    monkeypatch.setattr("bot.worker.log", Log())
    return lines


def waits(services: Services, *numbers: str) -> None:
    with services.store.write() as work:
        for number in numbers:
            work.outbox.add("complaint.filed", {"number": number}, now())
        work.commit()


def task_called(queue: Huey, name: str) -> Any:
    return next(task for task in queue._registry.periodic_tasks if type(task).__name__ == name)


def test_events_are_published_once_in_order(services: Services, logged: list[tuple[str, dict[str, Any]]]) -> None:
    waits(services, "SH-1", "SH-2")
    courier = Courier(services)
    assert [courier.go_round(), courier.go_round()] == [2, 0]
    assert [event for event, _ in logged] == ["event.published"] * 2
    assert [(fields["topic"], fields["number"]) for _, fields in logged] == [
        ("complaint.filed", "SH-1"),
        ("complaint.filed", "SH-2"),
    ]


def test_the_courier_goes_by_itself_and_a_failed_round_does_not_stop_it(
    services: Services, logged: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []

    def away_at_first() -> int:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise ConnectionError
        return 0

    monkeypatch.setattr(services.webhooks, "deliver_due", away_at_first)
    courier = Courier(services, every=0.01)
    courier.start()
    waits(services, "SH-1")
    wait_for(lambda: any(event == "event.published" for event, _ in logged))
    courier.stop()
    assert not courier.is_alive()
    assert ("event.published", {"topic": "complaint.filed", "number": "SH-1", "event_id": 1}) in logged


def test_the_worker_looks_after_people_every_minute(services: Services) -> None:
    queue = make_queue(services)
    moment = now().replace(minute=0)
    for name in ("look_after_people", "count_readings"):
        task = task_called(queue, name)
        assert all(task.validate_datetime(moment.replace(minute=minute)) for minute in range(60))
        queue.execute(task)
    queue.storage.close()


def test_each_round_shows_that_the_worker_lives(services: Services) -> None:
    beat(services)
    os.utime(beat_file(services.settings), (1, 1))
    Courier(services).go_round()
    assert beat_file(services.settings).stat().st_mtime > 1


def test_the_queue_is_a_file_of_its_own(services: Services) -> None:
    queue = make_queue(services)
    assert services.settings.queue_file.exists()
    assert services.settings.queue_file.name not in services.settings.store_url
    queue.storage.close()


def test_uploads_that_were_never_sent_are_swept_away_every_hour(services: Services) -> None:
    queue = make_queue(services)
    task = task_called(queue, "sweep_uploads")
    assert [task.validate_datetime(datetime(2026, 11, 27, hour, 17)) for hour in (0, 13)] == [True, True]
    assert not task.validate_datetime(datetime(2026, 11, 27, 13, 18))
    assert queue.execute(task) == 0
    queue.storage.close()


def test_the_trainer_does_what_is_asked_for_and_a_stop_gives_it_up(services: Services) -> None:
    workshop = FakeWorkshop()
    runs = Runs(services.store, now, workshop, 0.05)
    noor = a_user(users_of(services.store, now), Role.ANALYST, "noor", "نور")
    trainer = Trainer(runs, every=0.01)
    trainer.start()
    runs.start(noor, train=True, replay=0, margin=0.05)
    wait_for(lambda: runs.newest(1)[0][0].state == "done")
    workshop.trains = until_given_up
    runs.start(noor, train=True, replay=0, margin=0.05)
    wait_for(lambda: runs.newest(1)[0][0].step == "training")
    trainer.stop()
    assert not trainer.is_alive()
    assert [(one.state, one.failure) for one in runs.newest(1)[0]] == [("failed", "worker_stopped")]


def test_what_is_too_old_is_purged_every_night_unless_everything_is_kept(services: Services, tmp_path: Path) -> None:
    conversation = build(services.settings, lambda: now() - timedelta(days=366)).chat.open("widget").conversation_id
    for days, there in ((0, True), (365, False)):
        installed = build(Settings(data_dir=tmp_path / "var", database_url="", retention_days=days))  # type: ignore[arg-type]
        queue = make_queue(installed)
        task = task_called(queue, "purge_old")
        assert task.validate_datetime(datetime(2026, 11, 27, 3, 43))
        assert not task.validate_datetime(datetime(2026, 11, 27, 15, 43))
        assert queue.execute(task) == (0 if there else 1)
        with installed.store.read() as work:
            assert (work.conversations.get(conversation) is not None) is there
        queue.storage.close()


def test_readings_are_counted_by_day(services: Services) -> None:
    talk = services.chat.open("widget").conversation_id
    message, _ = services.chat.receive(talk, Incoming("client-id-1", "وين طلبي الحين"))
    with services.store.write() as work:
        assert message.id is not None
        work.messages.keep_reading(message.id, a_reading())
        work.commit()
    queue = make_queue(services)
    assert queue.execute(task_called(queue, "count_readings")) == 1
    told = services.console.drift.of()
    assert (told["read"][-1], told["varieties"][0]["name"]) == (1, "gulf")
    queue.storage.close()


class FakeFollower:
    """Fails as often as told, then reads two messages, and then finds nothing more."""

    def __init__(self, failures: int) -> None:
        self.rounds: list[str] = []
        self.failures = failures
        self.closed = 0

    def go_round(self) -> int:
        self.rounds.append("failed" if len(self.rounds) < self.failures else "went")
        if self.rounds[-1] == "failed":
            raise ConnectionError
        return 2 if self.rounds.count("went") == 1 else 0

    def close(self) -> None:
        self.closed += 1


def test_a_failing_shadow_is_tried_again_ever_later_and_ends_with_the_worker(
    logged: list[tuple[str, dict[str, Any]]],
) -> None:
    follower = FakeFollower(failures=3)
    along = ReadingAlong(follower, every=0.01, longest=0.04)  # type: ignore[arg-type]
    assert [along.go_round() for _ in range(5)] == [0.02, 0.04, 0.04, 0.0, 0.01]
    assert [fields["failures"] for event, fields in logged if event == "shadow.failed"] == [1, 2, 3]
    along.start()
    wait_for(lambda: len(follower.rounds) > 6)
    along.stop()
    assert not along.is_alive()
    assert follower.closed > 0


def test_the_checks_name_the_part_that_is_ill(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = Parts(checks_of(services))
    assert ill(parts.look()) == ["worker"], "it has never shown that it lives"
    beat(services)
    assert ill(parts.look()) == []
    long_ago = beat_file(services.settings).stat().st_mtime - DEAD_AFTER_SECONDS - 1
    os.utime(beat_file(services.settings), (long_ago, long_ago))
    monkeypatch.setattr("bot.keeping.LEAST_FREE_BYTES", 2**60)
    assert ill(parts.look()) == ["worker", "disk"]
    with services.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert "schema" in ill(parts.look())
