"""What a supervisor wants to know of a stretch of time, counted from plain rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    created_at: datetime
    kind: str
    channel: str
    first_answered_at: datetime | None
    settled_at: datetime | None
    breached: bool


@dataclass(frozen=True, slots=True)
class AgentRow:
    """What one agent did: `taken` conversations, `messages` sent, seconds from each claim to the first word."""

    name: str
    taken: int
    messages: int
    answers: int
    """Complaints answered."""
    seconds: list[float]


@dataclass(frozen=True, slots=True)
class Talks:
    total: int
    """Conversations in which a shopper said something."""
    with_person: int
    """Those of them that a person held."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Hours; None where there is nothing to count."""

    count: int
    middle: float | None
    ninetieth: float | None


def spread(values: list[float]) -> Spread:
    """Return how many values there are, their median and their 90th percentile."""
    if not values:
        return Spread(0, None, None)
    high = quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]
    return Spread(len(values), round(median(values), 2), round(high, 2))


def hours(rows: Iterable[tuple[datetime, datetime | None]]) -> list[float]:
    return [(end - begin).total_seconds() / 3600 for begin, end in rows if end is not None]


def by_day(rows: list[ComplaintRow], first: date, last: date, zone: tzinfo) -> list[tuple[date, int]]:
    """Return every day of the stretch with how many complaints were filed on it, in the shop's time."""
    counted = Counter(row.created_at.astimezone(zone).date() for row in rows)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, counted[day]) for day in days]


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def figures(
    rows: list[ComplaintRow], talks: Talks, stars: dict[int, int], agents: list[AgentRow], first: date, last: date,
    zone: tzinfo,
) -> dict[str, Any]:  # fmt: skip
    """Return everything the dashboard shows, as plain data; shares are of one, times in hours."""
    rated = sum(stars.values())
    return {
        "complaints": len(rows),
        "kinds": Counter(row.kind for row in rows).most_common(),
        "channels": Counter(row.channel for row in rows).most_common(),
        "days": [(day.isoformat(), count) for day, count in by_day(rows, first, last, zone)],
        "first_answer": _told(spread(hours((row.created_at, row.first_answered_at) for row in rows))),
        "resolution": _told(spread(hours((row.created_at, row.settled_at) for row in rows))),
        "breached": share(sum(row.breached for row in rows), len(rows)),
        "conversations": talks.total,
        "bot_solved": share(talks.total - talks.with_person, talks.total),
        "stars": [[star, stars.get(star, 0)] for star in range(1, 6)],
        "satisfaction": round(sum(star * count for star, count in stars.items()) / rated, 2) if rated else None,
        "agents": [
            {
                "name": one.name, "taken": one.taken, "messages": one.messages, "answers": one.answers,
                "seconds": round(median(one.seconds)) if one.seconds else None,
            }
            for one in agents
        ],
    }  # fmt: skip


def _told(one: Spread) -> dict[str, Any]:
    return {"count": one.count, "median": one.middle, "p90": one.ninetieth}
