"""How what shoppers say, and how well it is understood, changes over the days: counted from plain rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from bot.domain.figures import share
from bot.domain.label import FALLBACK

WEEK = 7
ENOUGH = 30
"""Of so many in each week a share is compared; fewer say nothing."""
CLEAR = 3.3
"""Standard errors from which a change is no chance: one in a thousand, as some fifty shares are looked at."""
MOST_INTENTS = 10


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A reading that is in no day's count yet; `typed` is false of a tapped button, which is counted nowhere."""

    message_id: int
    text: str
    typed: bool
    at: datetime
    model: str
    intent: str
    confidence: float
    utterance_id: int | None


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    model: str
    intent: str
    variety: str
    count: int
    unsure: int
    """Read as an intent, but with a confidence below `label.UNSURE`."""
    with_new_words: int


@dataclass(frozen=True, slots=True)
class WordCount:
    """How often a word was in an utterance on a day."""

    day: date
    word: str
    utterance_id: int
    variety: str
    count: int


@dataclass(frozen=True, slots=True)
class Word:
    """A new word, how often it was said, and the utterance it was in last."""

    word: str
    count: int
    utterance_id: int
    example: str


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint an agent took over: the kind the bot had read, and the kind the agent made of it, None where none."""

    at: datetime
    guess: str
    became: str | None

    @property
    def agreed(self) -> bool:
        return self.became in (None, self.guess)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days, both ends included; an empty model or variety asks for all."""

    first: date
    last: date
    model: str = ""
    variety: str = ""

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole in the last seven days and in the seven before."""

    what: str
    """`unsure`, `fallback`, `new_words`, `agreement`, `intent` or `variety`."""
    name: str
    """Which intent or variety."""
    part: int
    whole: int
    part_before: int
    whole_before: int

    @property
    def now(self) -> float | None:
        return share(self.part, self.whole)

    @property
    def before(self) -> float | None:
        return share(self.part_before, self.whole_before)

    @property
    def change(self) -> float:
        return (self.now or 0.0) - (self.before or 0.0)

    @property
    def is_clear(self) -> bool:
        """Whether both weeks have enough, and the z-test of two proportions says that it is no chance."""
        if min(self.whole, self.whole_before) < ENOUGH:
            return False
        pooled = (self.part + self.part_before) / (self.whole + self.whole_before)
        error = sqrt(pooled * (1 - pooled) * (1 / self.whole + 1 / self.whole_before))
        return error > 0 and abs(self.change) / error >= CLEAR


Pick = Callable[[DayCount], int]

MEASURES: dict[str, Pick] = {
    "unsure": lambda one: one.unsure,
    "fallback": lambda one: one.count if one.intent == FALLBACK else 0,
    "new_words": lambda one: one.with_new_words,
}


def figures(wanted: Stretch, rows: list[DayCount], cases: list[tuple[date, Case]]) -> dict[str, Any]:
    """Return everything the page shows, as plain data: a number for each day of the stretch, shares of one.

    The weeks compared end with the stretch, which is as long as both.
    """
    days = wanted.days
    handled, agreed = Counter(day for day, _ in cases), Counter(day for day, case in cases if case.agreed)
    shares = compared(days, rows, cases)
    most = moved(shares)
    return {
        "days": [day.isoformat() for day in days],
        "read": _by_day(days, rows, lambda one: one.count),
        **{name: _by_day(days, rows, pick) for name, pick in MEASURES.items()},
        "handled": [handled[day] for day in days],
        "agreement": [agreed[day] for day in days],
        "intents": _named(days, rows, lambda one: one.intent)[:MOST_INTENTS],
        "varieties": _named(days, rows, lambda one: one.variety),
        "weeks": [_told(one) for one in shares if not one.name],
        "enough": any(min(one.whole, one.whole_before) >= ENOUGH for one in shares),
        "moved": _told(most) if most else None,
    }


def compared(days: list[date], rows: list[DayCount], cases: list[tuple[date, Case]]) -> list[Share]:
    """Return every share in the last seven days beside the seven before."""
    now, before = set(days[-WEEK:]), set(days[-2 * WEEK : -WEEK])
    late, early = [row for row in rows if row.day in now], [row for row in rows if row.day in before]
    whole, whole_before = _sum(late, lambda one: one.count), _sum(early, lambda one: one.count)
    found = [Share(name, "", _sum(late, pick), whole, _sum(early, pick), whole_before) for name, pick in MEASURES.items()]
    handled, handled_before = ([case.agreed for day, case in cases if day in week] for week in (now, before))
    found.append(Share("agreement", "", sum(handled), len(handled), sum(handled_before), len(handled_before)))
    for what in ("intent", "variety"):
        parts, parts_before = _parts(late, what), _parts(early, what)
        names = sorted((parts.keys() | parts_before.keys()) - {FALLBACK})
        found += [Share(what, name, parts[name], whole, parts_before[name], whole_before) for name in names]
    return found


def moved(shares: list[Share]) -> Share | None:
    """Return the share that changed most of those that clearly did, None where none did."""
    return max((one for one in shares if one.is_clear), key=lambda one: abs(one.change), default=None)


def _parts(rows: list[DayCount], what: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row.intent if what == "intent" else row.variety] += row.count
    return found


def _sum(rows: Iterable[DayCount], pick: Pick) -> int:
    return sum(map(pick, rows))


def _by_day(days: list[date], rows: list[DayCount], pick: Pick) -> list[int]:
    counted: Counter[date] = Counter()
    for row in rows:
        counted[row.day] += pick(row)
    return [counted[day] for day in days]


def _named(days: list[date], rows: list[DayCount], name: Callable[[DayCount], str]) -> list[dict[str, Any]]:
    """Return each name with its number a day, the most frequent first."""
    groups: dict[str, list[DayCount]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    found = [{"name": one, "counts": _by_day(days, group, lambda row: row.count)} for one, group in groups.items()]
    return sorted(found, key=lambda one: (-sum(one["counts"]), one["name"]))


def _told(one: Share) -> dict[str, Any]:
    return asdict(one) | {"now": one.now, "before": one.before}
