"""The worker takes events out of the outbox and to the webhooks, and leaves a trace that it lives."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from huey import SqliteHuey

from bot.bootstrap import Services, build, now
from bot.settings import Settings
from bot.worker import Courier, beat, beat_file, make_queue
from tests.builders import wait_for


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


def task_called(queue: SqliteHuey, name: str) -> Any:
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


def test_the_worker_shows_that_it_lives_and_looks_after_people_every_minute(services: Services) -> None:
    queue = make_queue(services)
    moment = now().replace(minute=0)
    for name in ("show_life", "look_after_people"):
        task = task_called(queue, name)
        assert all(task.validate_datetime(moment.replace(minute=minute)) for minute in range(60))
        queue.execute(task)
    assert beat_file(services).exists()
    queue.storage.close()


def test_a_beat_is_later_than_the_one_before(services: Services) -> None:
    beat(services)
    os.utime(beat_file(services), (1, 1))
    beat(services)
    assert beat_file(services).stat().st_mtime > 1


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
