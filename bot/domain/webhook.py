"""Webhooks: a shop's own systems are told what happens, by signed requests that are tried until they get through."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
MOST_TRIES = 22
"""With pauses that double from FIRST_PAUSE to LONGEST_PAUSE, the last try is about three days after the first."""
LEASE = timedelta(seconds=60)
"""A worker that sends takes a delivery for so long; then another may take it for dead."""


class Topic(StrEnum):
    FILED = "complaint.filed"
    CHANGED = "complaint.changed"
    BREACHED = "complaint.breached"
    WAITING = "conversation.waiting"
    TAKEN = "conversation.taken"
    REQUEST = "request.made"
    TEST = "webhook.test"
    """Sent when somebody asks for it, to one webhook alone."""


@dataclass(eq=False)
class Webhook:
    url: str
    secret: str
    """What the receiver checks signatures with."""
    topics: list[str]
    created_at: datetime
    description: str = ""
    active: bool = True
    id: int | None = None

    def wants(self, topic: str) -> bool:
        return self.active and topic in self.topics


@dataclass(eq=False)
class Delivery:
    """One event on its way to one webhook."""

    webhook_id: int
    event_id: int | None
    """The outbox's number: the same for all webhooks, and when it is sent again."""
    topic: str
    created_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    not_before: datetime | None = None
    """None once it has got through or was given up."""
    delivered_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    id: int | None = None

    @property
    def state(self) -> str:
        if self.delivered_at is not None:
            return "delivered"
        return "waiting" if self.not_before is not None else "given_up"

    def lease(self, now: datetime) -> None:
        """Keep others away while it is sent; who dies meanwhile leaves it to be sent again."""
        self.not_before = now + LEASE

    def got_through(self, now: datetime, status: int) -> None:
        self.tries += 1
        self.delivered_at, self.not_before, self.last_status, self.last_error = now, None, status, None

    def failed(self, now: datetime, status: int | None, error: str) -> None:
        """Try again after a pause that doubles; give up after MOST_TRIES."""
        self.tries += 1
        self.last_status, self.last_error = status, error[:200]
        pause = min(FIRST_PAUSE * 2 ** min(self.tries - 1, 20), LONGEST_PAUSE)
        self.not_before = now + pause if self.tries < MOST_TRIES else None

    def send_again(self, now: datetime) -> None:
        """Begin anew, because somebody asked for it."""
        self.delivered_at, self.tries, self.not_before = None, 0, now
