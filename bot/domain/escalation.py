"""When a complaint is due at a higher level without anybody asking for it."""

from datetime import datetime

from bot.domain.complaint import Complaint, Level
from bot.domain.names import Status
from bot.domain.shop import Shop

ENDED = (Status.RESOLVED, Status.CLOSED)


def next_level(complaint: Complaint, now: datetime, shop: Shop) -> Level | None:
    """Return the level that is due now, None while there is time.

    The supervisor when the promised answer did not come or the shopper took up an answer again; the formal complaint and
    the authority when the level below has had its hours (`supervisor_hours`, `formal_hours`; working days) for nothing.
    """
    if not complaint.is_open:
        return None
    if complaint.level is Level.FIRST_LINE:
        return Level.SUPERVISOR if complaint.overdue(now) or _not_satisfied(complaint) else None
    if complaint.level is Level.SUPERVISOR:
        return Level.FORMAL if now >= shop.after(_since(complaint), shop.supervisor_hours) else None
    if complaint.level is Level.FORMAL:
        return Level.AUTHORITY if now >= shop.after(_since(complaint), shop.formal_hours) else None
    return None


def _not_satisfied(complaint: Complaint) -> bool:
    """Whether the shopper has reopened what the shop held to be settled."""
    return any(entry.action == "reopened" and entry.detail["from"] in ENDED for entry in complaint.timeline)


def _since(complaint: Complaint) -> datetime:
    """Return when the complaint reached its level."""
    raised = [entry.at for entry in complaint.timeline if entry.action == "level_raised"]
    return raised[-1] if raised else complaint.created_at
