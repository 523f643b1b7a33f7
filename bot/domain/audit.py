"""Who saw which shopper's words, and who took data out or away: lines that are written once and never changed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

ONE_LOOK = timedelta(minutes=10)
"""Who sees the same conversation in the same way again within this has looked once."""

COMMAND_LINE = "command line"
"""Who acts where nobody is signed in."""


class Action(StrEnum):
    READ = "read"
    """The transcript, or a complaint with its story."""
    FOUND = "found"
    """A search showed words of the conversation."""
    SEEN_IN = "seen_in"
    """An analyst was told that an utterance was said in the conversation."""
    LISTED = "listed"
    """Complaints were saved as a file of rows."""
    EXPORTED = "exported"
    ERASED = "erased"
    PURGED = "purged"
    USER_ADDED = "user_added"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD_RESET = "password_reset"


@dataclass(frozen=True, slots=True)
class AuditLine:
    at: datetime
    by: str
    """The login of whoever acted, as it was then, or what acted in nobody's name."""
    action: Action
    subject: str = ""
    """The conversation it is about, or the login; empty where it is about neither."""
    details: dict[str, Any] = field(default_factory=dict)
    """Ids and counts alone: the audit outlives what it speaks of."""
    user_id: int | None = None
    id: int | None = None
