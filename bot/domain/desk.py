"""What agents work with beside conversations and complaints: notes, canned replies, saved views, letters."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

TRIES = 8
"""How often a letter is tried: the last time about half a day after the first."""


@dataclass(eq=False)
class Note:
    """What colleagues tell each other about a conversation; no shopper ever sees it."""

    conversation_id: str
    author_id: int
    text: str
    at: datetime
    id: int | None = None


@dataclass(eq=False)
class CannedReply:
    """A ready answer; without an owner it is everybody's. `{shopper}`, `{agent}` … are filled in: see `services.canned`."""

    shortcut: str
    title: str
    text: str
    owner_id: int | None = None
    id: int | None = None


@dataclass(eq=False)
class SavedView:
    """A list's filters under a name."""

    owner_id: int
    name: str
    query: dict[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(eq=False)
class Letter:
    """An e-mail that is to be sent."""

    recipient: str
    subject: str
    body: str
    created_at: datetime
    tries: int = 0
    not_before: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    id: int | None = None

    def sent(self, now: datetime) -> None:
        self.sent_at, self.error, self.not_before = now, None, None

    def failed(self, now: datetime, error: str) -> None:
        """Try again after a minute, then two, four …; the last failure leaves it unsent, with its reason."""
        self.tries += 1
        self.error = error[:200]
        self.not_before = now + timedelta(minutes=2 ** (self.tries - 1)) if self.tries < TRIES else None
