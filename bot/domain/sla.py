"""The clocks of a complaint: when the shop owes the next answer, and by when the matter is to be settled.

Hours are the shop's working time. Each clock runs, is warned (little time is left), breached, or has been met.

    answer      from filing, from each raise of the level and each reopening: the promise made then;
                after an answer, from the shopper's next words: `next_answer_hours`
    resolution  from filing and from each reopening: `resolution_hours`
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.complaint import Complaint, Entry
from bot.domain.life import ANSWERS
from bot.domain.shop import Shop

WARNING = timedelta(hours=4)
"""A clock with less time left than this is warned."""

PROMISES = frozenset({"filed", "reopened", "level_raised"})
SAYS = frozenset({"words_added", "evidence_mentioned", "files_added", "contact_logged", "merged", "offer_declined"})
"""What the shopper says that calls for another answer."""


class ClockState(StrEnum):
    RUNNING = "running"
    WARNED = "warned"
    BREACHED = "breached"
    MET = "met"
    LATE = "late"
    """It was done, after its time."""


@dataclass(frozen=True, slots=True)
class Clock:
    name: str
    """`first_answer`, `next_answer` or `resolution`."""
    due_at: datetime
    done_at: datetime | None
    state: ClockState


def is_answer(entry: Entry) -> bool:
    """Whether the shop tells the shopper something with this: in words, or with a status that is an answer."""
    return entry.actor not in ("shopper", "system") and (entry.action == "answered" or entry.detail.get("to") in ANSWERS)


def wind(complaint: Complaint, now: datetime, shop: Shop) -> None:
    """Set the clocks by what the timeline says; part of every change."""
    complaint.answer_due_at = _answer_due(complaint, shop) if complaint.is_open else None
    complaint.resolve_by = _resolve_by(complaint, shop) if complaint.is_open else None
    complaint.next_mark_at = min((mark for mark in _marks(complaint) if mark > now), default=None)


def strike(complaint: Complaint, now: datetime) -> list[str]:
    """Write down each clock that has run out and was not written down yet; return their names."""
    noted = {(entry.detail["clock"], entry.detail["due"]) for entry in complaint.timeline if entry.action == "breached"}
    struck = []
    for name, due in (("answer", complaint.answer_due_at), ("resolution", complaint.resolve_by)):
        if due is not None and due <= now and (name, due.isoformat()) not in noted:
            complaint.breach(now, name, due)
            struck.append(name)
    return struck


def clocks(complaint: Complaint, now: datetime, shop: Shop) -> list[Clock]:
    """Return every clock that runs or ran, for showing."""
    first_due = shop.due_at(complaint.created_at, complaint.kind)
    shown = [_clock("first_answer", first_due, complaint.first_answered_at, now)]
    if complaint.answer_due_at is not None and complaint.answer_due_at != first_due:
        shown.append(_clock("next_answer", complaint.answer_due_at, None, now))
    settled = next((entry.at for entry in reversed(complaint.timeline) if entry.detail.get("to") == "resolved"), None)
    done_at = None if complaint.is_open else settled or complaint.closed_at
    return [*shown, _clock("resolution", complaint.resolve_by or _resolve_by(complaint, shop), done_at, now)]


def state_of(due_at: datetime, now: datetime) -> ClockState:
    """Return how a clock stands that still runs."""
    if due_at <= now:
        return ClockState.BREACHED
    return ClockState.WARNED if due_at - now <= WARNING else ClockState.RUNNING


def _clock(name: str, due_at: datetime, done_at: datetime | None, now: datetime) -> Clock:
    if done_at is None:
        return Clock(name, due_at, None, state_of(due_at, now))
    return Clock(name, due_at, done_at, ClockState.MET if done_at <= due_at else ClockState.LATE)


def _answer_due(complaint: Complaint, shop: Shop) -> datetime | None:
    due: datetime | None = None
    for entry in complaint.timeline:
        if entry.action in PROMISES:
            due = complaint.due_at  # the newest promise; earlier ones are overtaken below
        elif is_answer(entry):
            due = None
        elif entry.actor == "shopper" and entry.action in SAYS and due is None:
            due = shop.after(entry.at, shop.next_answer_hours)
    return due


def _resolve_by(complaint: Complaint, shop: Shop) -> datetime:
    begun = [entry.at for entry in complaint.timeline if entry.action == "reopened"]
    return shop.after(begun[-1] if begun else complaint.created_at, shop.resolution_hours)


def _marks(complaint: Complaint) -> list[datetime]:
    dues = [due for due in (complaint.answer_due_at, complaint.resolve_by) if due is not None]
    return [moment for due in dues for moment in (due - WARNING, due)]
