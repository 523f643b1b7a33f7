"""The complaint and its timeline. Names of kinds, remedies, statuses and levels are the contract's: they do not change."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.errors import NotAllowed
from bot.domain.life import ANSWERS, OPEN, require_level, require_step, require_words
from bot.domain.names import Kind, Level, Remedy, Status
from bot.domain.severity import Severity

__all__ = [
    "Complaint", "Entry", "Kind", "Level", "LoggedContact", "Remedy", "Severity", "Status",
    "new_digits", "new_secret", "shown_number",
]  # fmt: skip


@dataclass(eq=False)
class Entry:
    """One line of a complaint's timeline: who did what, when and why."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any] = field(default_factory=dict)
    complaint_id: int | None = None
    turn_id: int | None = None
    """The turn that wrote it: run again, it finds its line and writes none."""
    id: int | None = None

    def anonymise(self, mark: str) -> None:
        """Leave who did what and when; words that were written give way to `mark`."""
        kept = {name: value for name, value in self.detail.items() if name in IMPERSONAL}
        self.detail = kept | {name: mark for name in WORDS if name in self.detail}


IMPERSONAL = frozenset({"from", "to", "from_level", "to_level", "clock", "due", "count", "skipped", "to_user"})
"""What an entry's detail may hold and tells nothing of the shopper."""

WORDS = ("text", "channel")
"""What a line of the timeline is written with, and the shopper or the shop has put in words."""


@dataclass(eq=False)
class LoggedContact:
    """A contact with the shop that the shopper had elsewhere, as the shopper tells it."""

    channel: str
    content: str
    added_at: datetime
    at_typed: str | None = None
    at: datetime | None = None
    who: str | None = None
    """Whom the shopper dealt with."""
    complaint_id: int | None = None
    id: int | None = None


def new_digits(count: int = 13) -> str:
    """Return random digits: 13 of them hold 43 bits, too many to guess a filed complaint by trying."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def shown_number(digits: str) -> str:
    """Group 14 digits for reading out: `SH-48210-77301-9151`."""
    return f"SH-{digits[:5]}-{digits[5:10]}-{digits[10:]}"


def new_secret() -> str:
    """Return 192 random bits as 32 characters of an address: who has them may read the complaint's file."""
    return secrets.token_urlsafe(24)


@dataclass(eq=False)
class Complaint:
    """A filed complaint. Each verb checks that its step is allowed, writes one Entry and raises `version` by one."""

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
    expected: str | None = None
    """What the shopper expects, said when the complaint was raised to a higher level."""
    affected: str | None = None
    """How the matter affects the shopper, said then too."""
    status: Status = Status.SUBMITTED
    level: Level = Level.FIRST_LINE
    severity: Severity = Severity.NORMAL
    first_answered_at: datetime | None = None
    answer_due_at: datetime | None = None
    """By when the shopper is to hear from the shop; None while no answer is owed."""
    resolve_by: datetime | None = None
    """By when the matter is to be settled; None once it is."""
    next_mark_at: datetime | None = None
    """When a clock of it next turns to warned or breached."""
    offer: str | None = None
    """What the shop offers to settle it, in its own words."""
    offer_accepted: bool | None = None
    assignee_id: int | None = None
    closed_at: datetime | None = None
    file_secret: str = field(default_factory=new_secret)
    version: int = 0
    timeline: list[Entry] = field(default_factory=list)
    contacts: list[LoggedContact] = field(default_factory=list)
    id: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def evidence(self) -> list[str]:
        """Return what the shopper said they have to show."""
        return [entry.detail["text"] for entry in self.timeline if entry.action == "evidence_mentioned"]

    def written_in(self, turn_id: int, action: str) -> bool:
        """Whether this turn has done this already."""
        return any((entry.turn_id, entry.action) == (turn_id, action) for entry in self.timeline)

    def files_added_in(self, turn_id: int) -> int:
        """Return how many files this turn has added."""
        return sum(
            entry.detail["count"] for entry in self.timeline if (entry.turn_id, entry.action) == (turn_id, "files_added")
        )

    def took_in(self, draft_id: str) -> bool:
        return any(entry.detail.get("draft_id") == draft_id for entry in self.timeline)

    def overdue(self, now: datetime) -> timedelta:
        """Return how long the promised answer has been due; nothing once it was given or the complaint is settled."""
        waiting = self.is_open and not self._answered()
        return max(now - self.due_at, timedelta()) if waiting else timedelta()

    def note(self, at: datetime, actor: str, action: str, **detail: Any) -> None:
        self.timeline.append(Entry(at, actor, action, detail))

    def move(self, status: Status, at: datetime, actor: str, reason: str | None) -> None:
        """Take the complaint to another status; raise NotAllowed where no step leads there."""
        require_step(self.status, status)
        action = {Status.WITHDRAWN: "withdrawn", Status.REOPENED: "reopened"}.get(status, "status_changed")
        self._change(at, actor, action, reason=reason, **self._step(status, at, actor))

    def withdraw(self, at: datetime, actor: str, reason: str | None) -> None:
        self.move(Status.WITHDRAWN, at, actor, reason)

    def reopen(self, at: datetime, actor: str, reason: str | None) -> None:
        self.move(Status.REOPENED, at, actor, reason)

    def raise_level(self, level: Level, at: datetime, actor: str, **detail: Any) -> None:
        """Take the complaint to a higher level; a resolved one is reopened by it."""
        require_level(self.status, self.level, level)
        reopened = self._step(Status.REOPENED, at, actor) if self.status is Status.RESOLVED else {}
        levels = {"from_level": str(self.level), "to_level": str(level)}
        self.level = level
        self._change(at, actor, "level_raised", **levels, **reopened, **detail)

    def add_words(self, at: datetime, actor: str, text: str) -> None:
        """Add what somebody has to say; the shopper's words end the waiting for them."""
        require_words(self.status)
        answers = actor == "shopper" and self.status is Status.WAITING_SHOPPER
        self._change(at, actor, "words_added", text=text, **(self._step(Status.IN_REVIEW, at, actor) if answers else {}))

    def mention_evidence(self, at: datetime, actor: str, text: str) -> None:
        """Keep that the shopper has something to show: a photograph, a receipt, a witness."""
        require_words(self.status)
        self._change(at, actor, "evidence_mentioned", text=text)

    def add_files(self, at: datetime, actor: str, count: int) -> None:
        """Keep that files were handed in, also after the end: they may be why it is taken up again."""
        self._change(at, actor, "files_added", count=count)

    def merge(self, at: datetime, actor: str, draft_id: str, text: str | None) -> None:
        """Take over the words of a draft about the same matter."""
        require_words(self.status)
        self._change(at, actor, "merged", text=text, draft_id=draft_id)

    def answer(self, at: datetime, actor: str, text: str) -> None:
        """Keep what the shop tells the shopper; what nobody had looked at yet is in review from now on."""
        require_words(self.status)
        self.first_answered_at = self.first_answered_at or at
        begins = self.status in (Status.SUBMITTED, Status.REOPENED)
        self._change(at, actor, "answered", text=text, **(self._step(Status.IN_REVIEW, at, actor) if begins else {}))

    def make_offer(self, at: datetime, actor: str, offer: str) -> None:
        """Keep what the shop offers to settle the matter; a later offer replaces an earlier one."""
        require_words(self.status)
        self.offer, self.offer_accepted = offer, None
        self._change(at, actor, "offered", text=offer)

    def settle_offer(self, at: datetime, actor: str, *, accepted: bool) -> None:
        if self.offer is None:
            raise NotAllowed(f"nothing was offered for {self.number}", "no_offer")
        self.offer_accepted = accepted
        self._change(at, actor, "offer_accepted" if accepted else "offer_declined", text=self.offer)

    def assign(self, at: datetime, actor: str, assignee_id: int | None, name: str) -> None:
        """Make somebody answer for it, or nobody."""
        self.assignee_id = assignee_id
        self._change(at, actor, "assigned", to_user=name)

    def breach(self, at: datetime, clock: str, due: datetime) -> None:
        """Keep that a clock has run out: see `sla.strike`."""
        self._change(at, "system", "breached", clock=clock, due=due.isoformat())

    def log_contact(self, contact: LoggedContact, actor: str) -> None:
        """Keep a contact that was had elsewhere; also after the end, for it may be why the complaint is taken up again."""
        self.contacts.append(contact)
        self._change(contact.added_at, actor, "contact_logged", channel=contact.channel, text=contact.content)

    def promise(self, due_at: datetime) -> None:
        """Give another moment by which the shop owes an answer; part of the change that calls for it."""
        self.due_at = due_at

    def anonymise(self, at: datetime, mark: str) -> None:
        """Leave what statistics need and put `mark` where words were; what is still open is withdrawn.

        Contacts are rows of their own, which the store deletes.
        """
        if self.is_open:
            self.withdraw(at, "system", None)
        for name in PERSONAL:
            setattr(self, name, None)
        self.description, self.file_secret = mark, new_secret()
        self.answer_due_at = self.resolve_by = self.next_mark_at = None
        for entry in self.timeline:
            entry.anonymise(mark)

    def _answered(self) -> bool:
        """Whether the shop has answered since the complaint was filed, raised or reopened last."""
        for entry in reversed(self.timeline):
            if entry.actor != "shopper" and (entry.action == "answered" or entry.detail.get("to") in ANSWERS):
                return True
            if entry.action in ("level_raised", "reopened"):
                return False
        return False

    def _step(self, status: Status, at: datetime, actor: str) -> dict[str, str]:
        """Change the status with what hangs on it and return the detail of the entry."""
        detail = {"from": str(self.status), "to": str(status)}
        self.status = status
        self.closed_at = at if status in (Status.CLOSED, Status.WITHDRAWN) else None
        if status in ANSWERS and actor != "shopper":
            self.first_answered_at = self.first_answered_at or at
        return detail

    def _change(self, at: datetime, actor: str, action: str, **detail: Any) -> None:
        self.note(at, actor, action, **{name: value for name, value in detail.items() if value is not None})
        self.version += 1


PERSONAL = (
    "order_number", "purchase_date", "purchase_date_typed", "product", "seller", "prior_contact", "contact", "expected",
    "affected", "offer",
)  # fmt: skip
"""What of a complaint tells who complained, or is in somebody's words."""
