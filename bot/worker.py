"""Long work off the request path: Huey's tasks."""

from pathlib import Path

import structlog
from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from bot.bootstrap import Services

log = structlog.get_logger()


def make_queue(services: Services) -> SqliteHuey:
    """Return the queue with its tasks; nothing runs before `serve`."""
    queue = SqliteHuey("shakwa", filename=str(services.settings.queue_file), fsync=True)

    @queue.periodic_task(crontab(minute="*"))
    def publish_events() -> int:
        """Log what has happened to complaints and take it out of the outbox: each event once by effect."""
        published = services.outbox.publish(lambda topic, payload: log.info("event.published", topic=topic, **payload))
        beat(services)
        return published

    @queue.periodic_task(crontab(minute="*"))
    def look_after_people() -> None:
        """Mark the clocks that ran out, give shoppers back whom nobody answered, and send letters."""
        services.console.watch.mark_due()
        services.console.takeover.return_unanswered()
        services.letters.send_due()

    @queue.periodic_task(crontab(minute="17"))
    def sweep_uploads() -> int:
        """Delete the files that were uploaded and never sent."""
        return services.evidence.sweep()

    return queue


def serve(services: Services) -> None:
    """Work until SIGTERM or SIGINT."""
    queue = make_queue(services)
    beat(services)
    Consumer(queue, workers=1, periodic=True, check_worker_health=True).run()


def beat_file(services: Services) -> Path:
    return services.settings.data_dir / "worker.alive"


def beat(services: Services) -> None:
    """Leave a trace that the worker lives: its file is touched at the start and every minute."""
    beat_file(services).touch()
