"""How a shopper shows, in another conversation, that a complaint is theirs: its number and the contact filed with it."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import TooMany

TRIES = 5
WINDOW = timedelta(minutes=15)
"""So many wrong answers are borne in so long a time."""


@dataclass(frozen=True, slots=True)
class Door:
    """What is looked at of a complaint before anything of it is shown to a conversation."""

    complaint_id: int
    contact: str | None
    known: bool
    """Whether it was filed in the conversation or proved there before."""


def opens(door: Door | None, contact: str) -> bool:
    """Whether `contact` is the one the complaint was filed with; as much work where there is no complaint or no contact."""
    stored = (door.contact if door else None) or ""
    return hmac.compare_digest(stored.encode(), contact.encode("utf-8", "replace")) and stored != ""


def require_tries_left(wrong: list[datetime], now: datetime) -> None:
    """Raise TooMany where the moments of the wrong answers in the WINDOW, oldest first, leave no try."""
    if len(wrong) >= TRIES:
        raise TooMany(int((wrong[-TRIES] + WINDOW - now).total_seconds()) + 1)
