"""What the console lists: complaints by filters, and messages that hold certain words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.names import Kind, Level, Status
from bot.domain.severity import Severity


class Breach(StrEnum):
    BREACHED = "breached"
    WARNED = "warned"
    """Breached already, or soon."""


@dataclass(frozen=True, slots=True)
class ComplaintFilter:
    """Empty and None ask for everything; several values of one kind ask for any of them."""

    text: str = ""
    status: tuple[Status, ...] = ()
    kind: tuple[Kind, ...] = ()
    level: tuple[Level, ...] = ()
    severity: tuple[Severity, ...] = ()
    assignee_id: int | None = None
    unassigned: bool = False
    open_only: bool = False
    breach: Breach | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    id: int
    number: str
    kind: Kind
    status: Status
    level: Level
    severity: Severity
    order_number: str | None
    product: str | None
    amount: str | None
    contact: str | None
    description: str
    created_at: datetime
    first_answered_at: datetime | None
    answer_due_at: datetime | None
    resolve_by: datetime | None
    closed_at: datetime | None
    conversation_id: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class FoundMessage:
    conversation_id: str
    seq: int
    sender: str
    text: str
    created_at: datetime
