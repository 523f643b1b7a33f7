"""The complaint, the draft it grows from, and what may be asked of a shopper for which kind.

Names of kinds, remedies, statuses, levels and slots are the contract's: they do not change.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.errors import NotAllowed


class Kind(StrEnum):
    LATE_DELIVERY = "late_delivery"
    NOT_RECEIVED = "not_received"
    DAMAGED_ITEM = "damaged_item"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    POOR_QUALITY = "poor_quality"
    MISLEADING_PROMOTION = "misleading_promotion"
    OVERCHARGED_FEES = "overcharged_fees"
    PAYMENT_PROBLEM = "payment_problem"
    REFUND_PROBLEM = "refund_problem"
    CANCELLED_ORDER = "cancelled_order"
    NO_REPLY = "no_reply"
    BAD_CONDUCT = "bad_conduct"
    APP_PROBLEM = "app_problem"
    SECURITY_ISSUE = "security_issue"
    OTHER_COMPLAINT = "other_complaint"


class Remedy(StrEnum):
    REFUND = "refund"
    REPLACEMENT = "replacement"
    DELIVER_NOW = "deliver_now"
    REPAIR = "repair"
    PRICE_DIFFERENCE = "price_difference"
    COMPENSATION = "compensation"
    APOLOGY = "apology"
    OTHER = "other"


class Status(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    WAITING_SHOPPER = "waiting_shopper"
    WAITING_SELLER = "waiting_seller"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Level(StrEnum):
    FIRST_LINE = "first_line"
    SUPERVISOR = "supervisor"
    FORMAL = "formal"
    AUTHORITY = "authority"


ASKED = ("complaint_kind", "order_number", "purchase_date", "product", "description", "remedy", "contact")
"""The slots the form asks for, in this order, before the summary; `confirmed` comes last."""

VOLUNTEERED = ("seller", "amount")
"""Slots that are kept when the shopper mentions them and never asked for."""

SLOTS = ASKED + VOLUNTEERED

NEVER_SKIPPED = frozenset({"complaint_kind", "description"})
"""Without these there is no complaint."""

SKIPPED_AT_ONCE = frozenset({"contact"})
"""Optional in the record. Any other slot may be skipped after its use was explained once."""

WITHOUT_ORDER = frozenset({Kind.APP_PROBLEM, Kind.SECURITY_ISSUE})
"""Kinds that need not be about an order: its number, date and product are kept if given, not asked for."""


def asked_for(kind: str | None) -> tuple[str, ...]:
    """Return the slots to ask for, in order, in a complaint of this kind."""
    if kind in WITHOUT_ORDER:
        return tuple(slot for slot in ASKED if slot not in ("order_number", "purchase_date", "product"))
    return ASKED


class DraftState(StrEnum):
    OPEN = "open"
    FILED = "filed"
    ABANDONED = "abandoned"


@dataclass(eq=False)
class SlotValue:
    """One slot of a draft: the validated value, what was typed for it, and how the asking went."""

    slot: str
    value: str | None = None
    typed: str | None = None
    skipped: bool = False
    refusals: int = 0
    version: int = 0
    draft_id: str | None = None


@dataclass(eq=False)
class Draft:
    id: str
    conversation_id: str
    created_at: datetime
    state: DraftState = DraftState.OPEN
    version: int = 0
    asked: str | None = None
    """The slot the shopper was asked for last."""
    slots: dict[str, SlotValue] = field(default_factory=dict)

    def value(self, slot: str) -> str | None:
        return self.slots[slot].value if slot in self.slots else None

    def put(self, slot: str, value: str | None, typed: str | None) -> None:
        """Take a validated value; a later one replaces an earlier one."""
        entry = self._entry(slot)
        entry.value, entry.typed, entry.skipped, entry.refusals = value, typed, False, 0

    def skip(self, slot: str) -> None:
        self._entry(slot).skipped = True

    def refuse(self, slot: str, times: int = 1) -> None:
        """Count a refused answer and keep the old value."""
        self._entry(slot).refusals += times

    def close(self, state: DraftState) -> None:
        self.require_open()
        self.state = state

    def require_open(self) -> None:
        if self.state is not DraftState.OPEN:
            raise NotAllowed(f"draft {self.id} is {self.state}: it takes no more values")

    def _entry(self, slot: str) -> SlotValue:
        self.require_open()
        entry = self.slots.setdefault(slot, SlotValue(slot))
        self.version += 1
        entry.version = self.version
        return entry


@dataclass(eq=False)
class Entry:
    """One line of a complaint's timeline: who did what, when and why."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any] = field(default_factory=dict)
    complaint_id: int | None = None
    id: int | None = None


@dataclass(eq=False)
class Complaint:
    number: str
    draft_id: str
    conversation_id: str
    kind: Kind
    description: str
    created_at: datetime
    due_at: datetime
    order_number: str | None = None
    purchase_date: date | None = None
    purchase_date_typed: str | None = None
    product: str | None = None
    seller: str | None = None
    amount: str | None = None
    remedy: Remedy | None = None
    prior_contact: str | None = None
    contact: str | None = None
    status: Status = Status.SUBMITTED
    level: Level = Level.FIRST_LINE
    version: int = 0
    timeline: list[Entry] = field(default_factory=list)
    id: int | None = None

    def note(self, at: datetime, actor: str, action: str, **detail: Any) -> None:
        self.timeline.append(Entry(at, actor, action, detail))


def new_digits(count: int = 13) -> str:
    """Return random digits: 13 of them hold 43 bits, too many to guess a filed complaint by trying."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def shown_number(digits: str) -> str:
    """Group 14 digits for reading out: `SH-48210-77301-9151`."""
    return f"SH-{digits[:5]}-{digits[5:10]}-{digits[10:]}"
