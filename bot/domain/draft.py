"""The draft a complaint grows from, and what may be asked of a shopper for which kind.

Names of slots are the contract's: they do not change.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import NotAllowed
from bot.domain.names import Kind, Remedy

ASKED = ("complaint_kind", "order_number", "purchase_date", "product", "description", "remedy", "contact")
"""The slots the form asks for, in this order, before the summary; `confirmed` comes last."""

FORM_ASKS = frozenset({*ASKED, "merge", "confirmed"})
"""Everything the complaint form may ask: `merge` is whether the words go to an open complaint about the same matter."""

VOLUNTEERED = ("seller", "amount")
"""Slots that are kept when the shopper mentions them and never asked for."""

SLOTS = ASKED + VOLUNTEERED

NEVER_SKIPPED = frozenset({"complaint_kind", "description"})
"""Without these there is no complaint."""

SKIPPED_AT_ONCE = frozenset({"contact"})
"""Optional in the record: a bare "no" is enough, where any other slot is explained first."""

WITHOUT_ORDER = frozenset({Kind.APP_PROBLEM, Kind.SECURITY_ISSUE})
"""Kinds that need not be about an order: its number, date and product are kept if given, not asked for."""


def asked_for(kind: str | None) -> tuple[str, ...]:
    """Return the slots to ask for, in order, in a complaint of this kind."""
    if kind in WITHOUT_ORDER:
        return tuple(slot for slot in ASKED if slot not in ("order_number", "purchase_date", "product"))
    return ASKED


class DraftState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    """Put aside by the shopper, to go on with later."""
    FILED = "filed"
    MERGED = "merged"
    """Its words went to a complaint that was there already."""
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

    @property
    def wish(self) -> str | None:
        """The remedy in the shopper's own words, where it is none of those with a name."""
        remedy = self.slots.get("remedy")
        own = remedy is not None and remedy.value == Remedy.OTHER and remedy.typed != Remedy.OTHER
        return remedy.typed if remedy and own else None

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
        """End an open draft as filed, merged or abandoned; a paused one may only be abandoned."""
        if (self.state, state) != (DraftState.PAUSED, DraftState.ABANDONED):
            self.require_open()
        self.state = state

    def pause(self) -> None:
        self.require_open()
        self.state = DraftState.PAUSED

    def resume(self) -> None:
        if self.state is not DraftState.PAUSED:
            raise NotAllowed(f"draft {self.id} is {self.state}: only a paused one can be resumed")
        self.state = DraftState.OPEN

    def require_open(self) -> None:
        if self.state is not DraftState.OPEN:
            raise NotAllowed(f"draft {self.id} is {self.state}: it takes no more values")

    def _entry(self, slot: str) -> SlotValue:
        self.require_open()
        entry = self.slots.setdefault(slot, SlotValue(slot))
        self.version += 1
        entry.version = self.version
        return entry
