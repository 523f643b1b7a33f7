"""The worker's queue, and the timetable that puts what is due into it: once, however many workers share the queue."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from huey import Huey, SqliteHuey
from huey.consumer import Consumer, Scheduler
from huey.serializer import SignedSerializer
from huey.storage import RedisStorage
from redis import ConnectionPool
from redis.exceptions import RedisError

from bot.settings import Settings

log = structlog.get_logger()

ANSWER_SECONDS = 5.0
"""After which Redis counts as away; a worker that waits for a task waits one second at a time."""
PAUSE_SECONDS = 1.0
"""How long Redis is left alone while it is away."""
REMEMBERED = timedelta(minutes=10)
"""How long it is known that a minute's tasks were put into the queue: much longer than clocks differ."""


def open_queue(settings: Settings) -> Huey:
    """Return the queue in Redis, or in a file where there is none.

    Tasks are pickled, and whoever writes a pickle runs code where it is read: in Redis they are signed.
    """
    url = settings.redis_url.get_secret_value()
    if not url:
        return SqliteHuey("shakwa", filename=str(settings.queue_file), fsync=True)
    pool = ConnectionPool.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    signed = SignedSerializer(settings.key("queue"))
    return SharedQueue(
        settings.shared_name, storage_class=RedisStorage, connection_pool=pool, serializer=signed, results=False
    )


class SharedQueue(Huey):
    """A queue in Redis that is empty while Redis is away, and says so once: Huey would print a trace each time it looks."""

    _is_away = False

    def dequeue(self) -> Any:
        return self._asked(super().dequeue, None)

    def read_schedule(self, timestamp: datetime | None = None) -> Any:
        return self._asked(lambda: Huey.read_schedule(self, timestamp), [])

    def _asked(self, ask: Callable[[], Any], nothing: Any) -> Any:
        try:
            answer = ask()
        except RedisError as error:
            if not self._is_away:
                log.warning("worker.queue.away", cause=type(error).__name__)
            self._is_away = True
            time.sleep(PAUSE_SECONDS)
            return nothing
        if self._is_away:
            log.info("worker.queue.back")
        self._is_away = False
        return answer


class Timetable(Scheduler):
    """Each worker has one; the first of them to see a minute puts its tasks into the queue.

    While the queue is away every worker does them by itself: all of them may be done twice.
    """

    def enqueue_periodic_tasks(self, now: datetime | None) -> None:
        try:
            if self._is_first(now or self.huey._get_timestamp()):
                super().enqueue_periodic_tasks(now)
        except Exception as error:  # whatever the queue is in
            log.warning("worker.timetable.alone", cause=type(error).__name__)
            self._do_here(now)

    def _is_first(self, now: datetime) -> bool:
        self.huey.storage.delete_data(_minute(now - REMEMBERED))
        return bool(self.huey.storage.put_if_empty(_minute(now), b"1"))

    def _do_here(self, now: datetime | None) -> None:
        for task in self.huey.read_periodic(now):
            try:
                task.execute()
            except Exception as error:
                log.error("worker.task.failed", task=task.name, cause=type(error).__name__, exc_info=error)


class Worker(Consumer):
    scheduler_class = Timetable


def _minute(moment: datetime) -> str:
    return f"timetable.{moment:%Y-%m-%dT%H:%M}"
