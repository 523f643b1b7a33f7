"""Weighing a complaint with what the shop's settings and the shopper's words say of it."""

import re
from datetime import datetime

from bot.domain.complaint import Complaint, Severity
from bot.domain.severity import graver, severity_of
from bot.domain.shop import Shop
from bot.language.amounts import find_amounts
from bot.language.digits import western

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,3})?")


def amount_in(text: str | None, currency: str) -> float | None:
    """Return an amount in the shop's currency from what was said of it; a bare number is in it too."""
    values = [found.value.split() for found in find_amounts(text or "", currency)]
    if values:
        return next((float(number) for number, code in values if code == currency), None)
    bare = _NUMBER.search(western(text or "").replace(",", ""))
    return float(bare[0]) if bare else None


def weigh(complaint: Complaint, now: datetime, shop: Shop) -> Severity:
    """Return how grave the complaint is now; it never becomes less grave. Whether the shopper was angry and whether there
    was danger to health when it was filed stand in the timeline."""
    weighed = severity_of(
        complaint.kind,
        amount_in(complaint.amount, shop.currency),
        _told(complaint, "angry"),
        complaint.overdue(now),
        complaint.level,
        high_amount=shop.high_amount,
        hazard=_told(complaint, "hazard"),
    )
    return graver(complaint.severity, weighed)


def _told(complaint: Complaint, name: str) -> bool:
    return any(entry.detail.get(name) for entry in complaint.timeline)
