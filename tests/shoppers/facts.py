"""The shoppers as data: what each of them says, and what is right when they have said it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("shoppers.yml")
FILED = ("filed", "resumed_and_filed", "not_understood_then_buttons")
ENDS = (*FILED, "stopped_kept", "stopped_dropped", "human")
VARIETIES = ("gulf", "egyptian", "levantine", "iraqi", "maghrebi", "msa")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Step = str | dict[str, str]
"""A text to say, `{"tap": title}` or `{"edit": slot}`: a button of the last reply, a line of the summary."""


@dataclass(frozen=True)
class Fact:
    expect: Any = None
    says: str | None = None
    tap: str | None = None
    also: list[str] = field(default_factory=list)
    """Other slots that this answer tells too."""


@dataclass(frozen=True)
class Correction:
    at: str
    slot: str
    steps: list[Step]
    expect: Any


@dataclass(frozen=True)
class Leaving:
    at: str
    says: str
    returns: str | None = None


@dataclass(frozen=True)
class Person:
    """One shopper; README.md says what each field means."""

    name: str
    variety: str
    opening: list[str]
    facts: dict[str, Fact]
    ends: str
    tells: list[str] = field(default_factory=list)
    skips: dict[str, list[Step]] = field(default_factory=dict)
    interrupts: dict[str, list[Step]] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    leaves: Leaving | None = None
    when_lost: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.facts["complaint_kind"].expect)


@cache
def people() -> tuple[Person, ...]:
    return tuple(_person(entry) for entry in yaml.safe_load(FILE.read_text("utf-8")))


def _person(entry: dict[str, Any]) -> Person:
    return Person(**entry | {
        "facts": {slot: Fact(**fact) for slot, fact in entry["facts"].items()},
        "corrections": [Correction(**correction) for correction in entry.get("corrections", [])],
        "leaves": Leaving(**entry["leaves"]) if "leaves" in entry else None,
    })  # fmt: skip


def day(expect: dict[str, Any], today: date) -> date:
    """Return the day that e.g. `{"days_ago": 14}` or `{"weekday_before": "thursday"}` means on `today`."""
    [(how, what)] = expect.items()
    return MEANS[how](what, today)


def _days_ago(count: int, today: date) -> date:
    return today - timedelta(days=count)


def _months_ago(count: int, today: date) -> date:
    """The same day of an earlier month, or its last day where it is shorter."""
    months = today.year * 12 + today.month - 1 - count
    first = date(months // 12, months % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(today.day, last.day))


def _weekday(name: str, today: date) -> date:
    """The latest such weekday that is not to come."""
    return today - timedelta(days=(today.weekday() - WEEKDAYS.index(name)) % 7)


def _weekday_before(name: str, today: date) -> date:
    """The latest such weekday before today."""
    return _weekday(name, today - timedelta(days=1))


def _month_day(month_day: list[int], today: date) -> date:
    """The latest such day that is not to come."""
    this_year = date(today.year, *month_day)
    return this_year if this_year <= today else date(today.year - 1, *month_day)


MEANS: dict[str, Any] = {
    "days_ago": _days_ago,
    "months_ago": _months_ago,
    "weekday": _weekday,
    "weekday_before": _weekday_before,
    "month_day": _month_day,
}
