"""However many workers share a queue, what is due is done once; where the queue is away, each does it by itself."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from huey import Huey, crontab
from pydantic import SecretStr
from redis import Redis

from bot.settings import Settings
from bot.timetable import Timetable, open_queue
from tests.builders import Log, at_once, errors_in
from tests.redis_server import OwnRedis

NOON = datetime(2026, 11, 22, 12, 0)
SECRET = SecretStr(secrets.token_hex(32))


@pytest.fixture(params=["file", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("own_redis").url if request.param == "redis" else ""
    return Settings(data_dir=tmp_path, redis_url=SecretStr(url), secret=SECRET)


class Workers:
    """So many workers' queues and timetables, as far as they go without threads; `done` counts what was done."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.done: list[str] = []
        self.queues = [self._queue(settings) for _ in range(count)]
        self.timetables = [Timetable(queue, threading.Event(), 1, True) for queue in self.queues]

    def _queue(self, settings: Settings) -> Huey:
        queue = open_queue(settings)

        @queue.periodic_task(crontab(minute="*"))
        def every_minute() -> None:
            self.done.append("minute")

        @queue.periodic_task(crontab(minute="17"))
        def every_hour() -> None:
            self.done.append("hour")

        return queue

    def look(self, moment: datetime) -> None:
        """Every worker's timetable looks at the clock at the same instant, and then every worker does what it finds."""
        outcomes = at_once(len(self.timetables), lambda number: self.timetables[number].enqueue_periodic_tasks(moment))
        assert errors_in(outcomes) == []
        for queue in self.queues:
            while (task := queue.dequeue()) is not None:
                queue.execute(task)

    def close(self) -> None:
        for queue in self.queues:
            queue.storage.close()


@pytest.fixture
def workers(settings: Settings) -> Iterator[Workers]:
    with closing(Workers(settings, 4)) as workers:
        yield workers


def test_each_minute_is_put_into_the_queue_once(workers: Workers) -> None:
    for minute in range(15, 20):
        workers.look(NOON + timedelta(minutes=minute))
    assert (workers.done.count("minute"), workers.done.count("hour")) == (5, 1)


def test_a_worker_that_is_a_little_late_does_not_do_it_again(workers: Workers) -> None:
    workers.look(NOON)
    workers.look(NOON + timedelta(seconds=40))
    assert workers.done == ["minute"]


def test_nothing_piles_up(workers: Workers, settings: Settings) -> None:
    for minute in range(30):
        workers.look(NOON + timedelta(minutes=minute))
    storage = workers.queues[0].storage
    assert len([key for key in storage.result_items() if "timetable" in str(key)]) <= 10


def test_while_redis_is_away_each_worker_does_it_by_itself(tmp_path: Path, own_redis: OwnRedis) -> None:
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(own_redis.url), secret=SECRET)
    with closing(Workers(settings, 2)) as workers:
        own_redis.stop()
        for timetable in workers.timetables:
            timetable.enqueue_periodic_tasks(NOON)
        assert workers.done == ["minute"] * 2
        own_redis.start()
        workers.look(NOON + timedelta(minutes=1))
        assert workers.done == ["minute"] * 3


def test_while_redis_is_away_its_queue_is_empty_and_that_is_said_once(
    tmp_path: Path, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("bot.timetable.log", Log(said))
    monkeypatch.setattr("bot.timetable.PAUSE_SECONDS", 0.0)
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(own_redis.url), secret=SECRET)
    with closing(Workers(settings, 1)) as workers:
        queue = workers.queues[0]
        own_redis.stop()
        assert [queue.dequeue() for _ in range(5)] == [None] * 5
        assert [queue.read_schedule() for _ in range(5)] == [[]] * 5
        own_redis.start()
        workers.look(NOON)
    assert said == ["worker.queue.away", "worker.queue.back"]
    assert workers.done == ["minute"]


def test_a_task_that_fails_keeps_no_other_from_being_done(tmp_path: Path, own_redis: OwnRedis) -> None:
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(own_redis.url), secret=SECRET)
    with closing(Workers(settings, 1)) as workers:

        @workers.queues[0].periodic_task(crontab(minute="*"))
        def a_bad_one() -> None:
            raise RuntimeError

        own_redis.stop()
        workers.timetables[0].enqueue_periodic_tasks(NOON + timedelta(minutes=17))
        assert sorted(workers.done) == ["hour", "minute"]


def test_a_task_that_somebody_else_wrote_into_redis_is_not_done(tmp_path: Path, own_redis: OwnRedis) -> None:
    """A pickle is code: only what is signed with our secret is read."""
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(own_redis.url), secret=SECRET)
    stranger = settings.model_copy(update={"secret": SecretStr(secrets.token_hex(32))})
    with closing(Workers(settings, 1)) as workers, closing(Workers(stranger, 1)) as others:
        others.timetables[0].enqueue_periodic_tasks(NOON)
        with Redis.from_url(own_redis.url) as redis:
            [queue] = redis.keys("huey.redis.*")
            task = redis.rpop(queue)
            redis.lpush(workers.queues[0].storage.queue_key, task)
        with pytest.raises(ValueError, match="Signature"):
            workers.queues[0].dequeue()
        assert workers.done == []


def test_the_moment_is_the_worlds_and_not_the_machines(workers: Workers) -> None:
    assert abs(workers.queues[0]._get_timestamp() - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)
