"""The complaint record as data: the contract's fields, for JSON and the command line."""

from typing import Any

from bot.domain.complaint import Complaint

FIELDS = (
    "number", "kind", "order_number", "purchase_date", "purchase_date_typed", "product", "seller", "amount", "description",
    "remedy", "expected", "affected", "prior_contact", "contact", "evidence", "status", "level", "severity", "created_at",
    "due_at", "first_answered_at", "closed_at",
)  # fmt: skip


def record_of(complaint: Complaint) -> dict[str, Any]:
    """Return the record with ISO dates, UTC moments and the timeline."""
    values = {name: _plain(getattr(complaint, name)) for name in FIELDS}
    timeline = [
        {"at": _plain(entry.at), "actor": entry.actor, "action": entry.action, "detail": entry.detail}
        for entry in complaint.timeline
    ]
    return values | {"timeline": timeline}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
