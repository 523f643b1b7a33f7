"""Long work off the request path: Huey's tasks."""

import threading
from pathlib import Path
from typing import Any

import structlog
from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from bot.bootstrap import Services

log = structlog.get_logger()

COURIER_SECONDS = 2.0
COURIER_STOPS_WITHIN = 5.0


def make_queue(services: Services) -> SqliteHuey:
    """Return the queue with its tasks; nothing runs before `serve`."""
    queue = SqliteHuey("shakwa", filename=str(services.settings.queue_file), fsync=True)

    @queue.periodic_task(crontab(minute="*"))
    def show_life() -> None:
        beat(services)

    @queue.periodic_task(crontab(minute="*"))
    def look_after_people() -> None:
        """Mark the clocks that ran out, give shoppers back whom nobody answered, and send letters."""
        services.console.watch.mark_due()
        services.console.takeover.return_unanswered()
        services.letters.send_due()

    @queue.periodic_task(crontab(minute="17"))
    def sweep_uploads() -> int:
        """Delete the files that were uploaded and never sent, and what got through to webhooks long ago."""
        services.webhooks.forget_old()
        return services.evidence.sweep()

    return queue


class Courier(threading.Thread):
    """Takes events out of the outbox and to the webhooks, every few seconds: too often for the queue's timetable."""

    def __init__(self, services: Services, every: float = COURIER_SECONDS) -> None:
        super().__init__(name="courier", daemon=True)
        self._services = services
        self._every = every
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.go_round()
            except Exception as error:  # the store may be away: the next round finds what this one left
                log.warning("courier.failed", cause=type(error).__name__)

    def go_round(self) -> int:
        """Publish what waits, each event once by effect, and deliver what is due; return how many events that were."""
        published = self._services.outbox.publish(_logged)
        self._services.webhooks.deliver_due()
        return published

    def stop(self) -> None:
        """Stop after the round that is under way."""
        self._stopped.set()
        self.join(COURIER_STOPS_WITHIN)


def serve(services: Services) -> None:
    """Work until SIGTERM or SIGINT."""
    queue = make_queue(services)
    beat(services)
    courier = Courier(services)
    courier.start()
    Consumer(queue, workers=1, periodic=True, check_worker_health=True).run()
    courier.stop()


def _logged(topic: str, payload: dict[str, Any]) -> None:
    log.info("event.published", topic=topic, **payload)


def beat_file(services: Services) -> Path:
    return services.settings.data_dir / "worker.alive"


def beat(services: Services) -> None:
    """Leave a trace that the worker lives: its file is touched at the start and every minute."""
    beat_file(services).touch()
