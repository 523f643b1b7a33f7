"""How grave a complaint is: where its kind begins, and what takes it up.

| begins at | kinds |
|---|---|
| urgent | security_issue; any kind in which somebody's health is in danger |
| high | money gone or nothing come: payment_problem, refund_problem, not_received |
| low | app_problem, other_complaint |
| normal | all others |

One step up each: the amount reaches the shop's `high_amount`; the shopper is angry; the answer is overdue.
From the formal level on it is high at least.
"""

from datetime import timedelta
from enum import StrEnum

from bot.domain.names import Kind, Level


class Severity(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


BEGINS_AT = {
    Kind.SECURITY_ISSUE: Severity.URGENT,
    Kind.PAYMENT_PROBLEM: Severity.HIGH,
    Kind.REFUND_PROBLEM: Severity.HIGH,
    Kind.NOT_RECEIVED: Severity.HIGH,
    Kind.APP_PROBLEM: Severity.LOW,
    Kind.OTHER_COMPLAINT: Severity.LOW,
}
"""Kinds that do not begin at normal."""

LEAST_AT = {Level.FORMAL: Severity.HIGH, Level.AUTHORITY: Severity.HIGH}

_ORDER = list(Severity)


def severity_of(
    kind: Kind,
    amount: float | None,
    angry: bool,
    waited: timedelta,
    level: Level,
    *,
    high_amount: float = 2_000,
    hazard: bool = False,
) -> Severity:
    """Return the severity by the table above; `amount` is in the shop's currency, `waited` is how long it is overdue."""
    steps = (amount is not None and amount >= high_amount) + angry + (waited > timedelta())
    begins = Severity.URGENT if hazard else BEGINS_AT.get(kind, Severity.NORMAL)
    raised = _ORDER[min(_ORDER.index(begins) + steps, len(_ORDER) - 1)]
    return graver(raised, LEAST_AT.get(level, Severity.LOW))


def graver(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=_ORDER.index)
