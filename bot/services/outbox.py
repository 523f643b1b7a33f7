"""Business events: written in the transaction that causes them, published afterwards, each once by effect."""

from collections.abc import Callable
from typing import Any

from bot import failpoints
from bot.services.ports import Clock, Store

Publish = Callable[[str, dict[str, Any]], object]


class Outbox:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def publish(self, publish: Publish, limit: int = 500) -> int:
        """Hand out the events that wait, oldest first, and put each on its way to the webhooks that want it.

        One that fails waits with those behind it, and its error is raised.

        An event is handed out again where its publisher dies before the commit: `event_id` tells a receiver so.
        """
        with self._store.write() as work:
            waiting = work.outbox.waiting(limit)
            for event_id, topic, payload in waiting:
                failpoints.here("event.before_publish")
                try:
                    publish(topic, payload | {"event_id": event_id})
                except Exception:
                    work.commit()  # those before it are done
                    raise
                failpoints.here("event.after_publish")
                work.webhooks.fan_out(event_id, topic, payload, self._clock())
                work.outbox.done(event_id, self._clock())
            work.commit()
        return len(waiting)
