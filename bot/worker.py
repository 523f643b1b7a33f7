"""Long work off the request path: Huey's tasks."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from huey import Huey, crontab

from bot.bootstrap import Services
from bot.keeping import beat_file
from bot.services.runs import Runs
from bot.services.shadow import Follower
from bot.sharing import leads
from bot.timetable import Worker, open_queue

log = structlog.get_logger()

COURIER_SECONDS = 2.0
TRAINER_SECONDS = 1.0
STOPS_WITHIN = 5.0
"""Seconds a thread has for the round that is under way."""
SHADOW_SECONDS, SHADOW_LONGEST_PAUSE = 2.0, 300.0
COUNTING_SECONDS = 20.0
"""Of each minute, at most: the queue has one worker."""
TOLD = {name: name for name in ("event_id", "number", "reference", "action", "status", "kind", "reason", "severity")} | {
    "conversation": "conversation_id"
}
"""What of an event stands in the log, and as what."""


def make_queue(services: Services) -> Huey:
    """Return the queue with its tasks, each of which may be done twice; nothing runs before `serve`."""
    queue = open_queue(services.settings)

    @queue.periodic_task(crontab(minute="*"))
    def look_after_people() -> None:
        """Mark the clocks that ran out, give shoppers back whom nobody answered, and send letters."""
        services.console.watch.mark_due()
        services.console.takeover.return_unanswered()
        services.letters.send_due()

    @queue.periodic_task(crontab(minute="*"))
    def count_readings() -> int:
        """Count by day how messages were read; what an older version left uncounted takes some rounds."""
        return services.console.drift.catch_up(COUNTING_SECONDS)

    @queue.periodic_task(crontab(minute="17"))
    def sweep_uploads() -> int:
        """Delete files that were never sent, what got through to webhooks long ago, and what erasures have left."""
        services.webhooks.forget_old()
        services.privacy.sweep()
        return services.evidence.sweep()

    @queue.periodic_task(crontab(hour="3", minute="43"))
    def purge_old() -> int:
        """Delete what is kept long enough, where anything ever is."""
        if not services.privacy.terms.days:
            return 0
        purged = services.privacy.purge("worker")
        log.info("privacy.purged", conversations=purged)
        return purged

    return queue


Leads = Callable[[], bool]
"""Returns whether this worker does what one of all does."""


def always() -> bool:
    return True


class Rounds(threading.Thread):
    """Does something every few seconds: too often for the queue's timetable, or too long for it."""

    def __init__(self, name: str, every: float) -> None:
        super().__init__(name=name, daemon=True)
        self._every = every
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.go_round()
            except Exception as error:  # the store may be away: the next round finds what this one left
                log.warning(f"{self.name}.failed", cause=type(error).__name__)

    def go_round(self) -> object:
        raise NotImplementedError

    def stop(self) -> None:
        """Stop after the round that is under way."""
        self._stopped.set()
        self.join(STOPS_WITHIN)


class Courier(Rounds):
    """Takes events out of the outbox and to the webhooks."""

    def __init__(self, services: Services, every: float = COURIER_SECONDS) -> None:
        super().__init__("courier", every)
        self._services = services

    def go_round(self) -> int:
        """Publish what waits, each event once by effect, and deliver what is due; return how many events that were."""
        beat(self._services)
        published = self._services.outbox.publish(_logged)
        self._services.webhooks.deliver_due()
        return published


class Trainer(Rounds):
    """Trains and compares models when somebody asks for it; a stop gives up what is under way."""

    def __init__(self, runs: Runs, every: float = TRAINER_SECONDS, leads: Leads = always) -> None:
        super().__init__("trainer", every)
        self._runs = runs
        self._leads = leads

    def go_round(self) -> bool:
        """Do the run that waits to its end; return whether there was one."""
        return self._leads() and self._runs.work_off(self._stopped.is_set) is not None


class ReadingAlong(Rounds):
    """Has the candidate read what shoppers write, beside everything else; where it fails, it waits ever longer."""

    def __init__(
        self, follower: Follower, every: float = SHADOW_SECONDS, longest: float = SHADOW_LONGEST_PAUSE, leads: Leads = always
    ) -> None:
        super().__init__("reading-along", every)
        self._follower = follower
        self._leads = leads
        self._longest = longest
        self._failures = 0

    def run(self) -> None:
        pause = self._every
        while not self._stopped.wait(pause):
            pause = self.go_round()
        self._follower.close()

    def go_round(self) -> float:
        """Read once and return the seconds to the next time."""
        try:
            read = self._leads() and self._follower.go_round()
        except Exception as error:  # the store may be away, the model broken: nobody waits for this
            self._failures += 1
            log.warning("shadow.failed", cause=type(error).__name__, reason=str(error), failures=self._failures)
            return min(self._longest, self._every * 2.0**self._failures)
        self._failures = 0
        return 0.0 if read else self._every

    def stop(self) -> None:
        """End the reader's process and the thread."""
        self._stopped.set()
        self._follower.close()
        super().stop()


def serve(services: Services) -> None:
    """Work until SIGTERM or SIGINT."""
    queue = make_queue(services)
    beat(services)
    threads = [
        Courier(services),
        Trainer(services.runs, leads=leads(services, "trainer")),
        ReadingAlong(services.follower(), leads=leads(services, "reading-along")),
    ]
    for thread in threads:
        thread.start()
    Worker(queue, workers=1, periodic=True, check_worker_health=True).run()
    for thread in threads:
        thread.stop()


def _logged(topic: str, payload: dict[str, Any]) -> None:
    told = {told_as: payload[name] for name, told_as in TOLD.items() if name in payload}
    log.info("event.published", topic=topic, **told)


def beat(services: Services) -> None:
    """Leave a trace that the worker lives: its file is touched at the start and at every round of its courier."""
    beat_file(services.settings).touch()
