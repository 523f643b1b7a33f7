"""When something of the shopper's case happened: the dates of a message that are entities.

A moment is absolute or counted from today or from a feast, its hour included, and keeps its "ago" ("two weeks ago", "since
the morning", "before the feast"). Of "it has been two weeks" and "I have been waiting two weeks" it is "two weeks". A day
and the hour beside it are one moment with the day's value. None are: what is to come, as a promise is, nor the time of a
wish or a question; how long a rule gives or a delay took ("within 14 days", "two hours late", "after two days"); what is so
always, as opening hours are; the day that something is compared with ("as if from yesterday") or that is denied ("not
Thursday"); and years of custom ("a customer for years").
"""

import datetime
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.language.date_shape import word
from bot.language.dates import shaped_dates
from bot.language.found import Found, longest_first, outside
from bot.language.hours import times
from bot.language.latin_words import in_arabic
from bot.language.numbers import in_digits
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, one_of, values
from bot.language.plain import Plain, plain
from bot.language.rows import of_kind
from bot.language.tense import happened, is_habit, is_supposed
from bot.language.written_dates import edges

NEAR, REACH = 24, 160
"""Characters before a date in which a word that denies it is looked for, and around it in which the tense is."""

MOST_READ = 20_000  # ten times the longest message

_OPEN = frozenset({"today", "weekday", "day alone", "day of month", "ordinal of month", "month", "feast", "season"})
_LENGTHS = frozenset({"ago", "so long", "gone by"})
_OPEN_TIMES = frozenset({"hour", "part", "span"})
_PROMISED = frozenset({"weekday", "day alone", "day of month", "ordinal of month", "month", "feast", "last unit"})
_ONTO = ("\u0644", "\u0644\u0644")  # written onto the day: until, for
_LONG_AGO = 300  # days from which on a wait is more likely custom
_DUAL = "\u064a\u0646 "
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was found, and whether the words around it must tell if it has happened."""

    found: Found
    name: str
    open: bool


def find_moments(text: str, today: datetime.date) -> list[Found]:
    """Return the moments of a message in order, each in the shopper's own words; a day's value is its ISO date.

    A moment that is no day has a value of `bot.language.hours`. Only the first MOST_READ characters are read.
    """
    text = text[:MOST_READ]
    moments = _joined(text, sorted(_claims(text, today), key=lambda moment: moment.found.start))
    return [moment.found for moment in moments if _is_one(text, moment, today)]


def _claims(text: str, today: datetime.date) -> Iterator[_Moment]:
    days = [(name, day) for name, day in shaped_dates(text, today) if day.value]
    yield from (_without_verb(_Moment(day, name, _is_open(name, day, today))) for name, day in days)
    counted = in_digits(in_arabic(text))
    others = {found: name for name, found in times(counted, today)}
    for found in outside(longest_first(others), [day for _, day in days]):
        yield _Moment(found, others[found], others[found] in _OPEN_TIMES)


def _is_open(name: str, day: Found, today: datetime.date) -> bool:
    if name == "today":
        return day.value == today.isoformat()
    if name == "last unit":
        return _edge().match(plain(day.text).text) is not None and not _last().search(plain(day.text).text)
    return name in _OPEN and not _last().search(plain(day.text).text)


@cache
def _last() -> re.Pattern[str]:
    return re.compile(f" (?:{word('last')}|{word('before_last')})$|^{word('last_before')} ")


@cache
def _edge() -> re.Pattern[str]:
    return re.compile(f"{edges()} ")


@cache
def _verb() -> re.Pattern[str]:
    verbs = one_of(row["phrase"] for row in of_kind("dates", "ago") if row["value"] in ("since", "to"))
    for_whom = f"(?: {word('since_for')}{NO_LETTER_AFTER})?"
    return re.compile(f"{verbs}{NO_LETTER_AFTER}{for_whom} ?")


def _without_verb(moment: _Moment) -> _Moment:
    """ "It has been two weeks" as "two weeks"."""
    day = moment.found
    seen = in_arabic(day.text)
    verb = _verb().match(seen.text) if moment.name == "ago" else None
    if verb is None or verb.end() == len(seen.text):
        return moment
    start = seen.starts[verb.end()]
    return _Moment(Found(day.start + start, day.end, day.text[start:], day.value), "so long", False)


def _joined(text: str, moments: list[_Moment]) -> Iterator[_Moment]:
    """A day and the hour beside it are one moment, of the day's value; so is "the morning of" with its day."""
    last: _Moment | None = None
    for moment in (_with_part(text, moment) for moment in moments):
        if last and _is_time(last) != _is_time(moment) and _touch(text, last.found, moment.found):
            day = moment if _is_time(last) else last
            start, end = last.found.start, moment.found.end
            last = _Moment(Found(start, end, text[start:end], day.found.value), day.name, day.open)
            continue
        if last:
            yield last
        last = moment
    if last:
        yield last


def _is_time(moment: _Moment) -> bool:
    return moment.found.value.startswith("T")


@cache
def _between() -> re.Pattern[str]:
    return re.compile(f"[ ,\u060c]{{0,3}}(?:{word('hour_joint')} ?)?")


def _touch(text: str, first: Found, second: Found) -> bool:
    return _between().fullmatch(plain(text[first.end : second.start]).text) is not None


@cache
def _of_day() -> re.Pattern[str]:
    """ "Since", or "the evening of"; not "since" before an hour, which has it already."""
    part = f"[\u0648\u0641\u0628]?(?P<part>{word('of_day')} )"
    return re.compile(f"{NO_LETTER_BEFORE}(?:{part}|[\u0648\u0641]?(?P<since>{word('since_hour')} )(?P<of>{word('of_day')} )?)$")


def _with_part(text: str, moment: _Moment) -> _Moment:
    """ "The evening of Sunday", "since Sunday"; since a day is of the past."""
    found, first = moment.found, max(0, moment.found.start - NEAR)
    seen = in_arabic(text[first : found.start])
    led = None if moment.name in (*_LENGTHS, "since") or _is_time(moment) else _of_day().search(seen.text)
    if led is None:
        return moment
    start = first + seen.starts[led.start("part") if led["part"] else led.start("since")]
    name = "since" if led["since"] else moment.name
    return _Moment(Found(start, found.end, text[start : found.end], found.value), name, moment.open and not led["since"])


def _around(seen: Plain, found: Found) -> tuple[str, str]:
    """The folded text on either side, as much of it as may tell anything."""
    start, end = bisect_left(seen.starts, found.start), bisect_left(seen.starts, found.end)
    return seen.text[max(0, start - REACH) : start], seen.text[end : end + REACH]


def _is_one(text: str, moment: _Moment, today: datetime.date) -> bool:
    """Whether it is of something that was, and not a promise, a habit, a rule or a comparison."""
    found = moment.found
    if _is_day(found) and found.value > today.isoformat():
        return False
    before, behind = _around(in_arabic(text), found)
    if _denied().search(before[-NEAR:]) or (moment.name == "so long" and is_supposed(before)):
        return False
    if moment.name in _LENGTHS and _is_custom(found, before + behind, today):
        return False
    if not moment.open:
        return moment.name != "since" or not is_habit(before, "")
    if before.endswith(_ONTO) or is_supposed(before) or _is_of_a_call(found, before):
        return False
    if _not_a_day().search(before[-NEAR:]) or _is_number(moment, before):
        return False
    return happened(before, behind, or_was_promised=moment.name in _PROMISED)


@cache
def _call() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{word('call')}{NO_LETTER_AFTER}")


@cache
def _by() -> re.Pattern[str]:
    return re.compile(f"{word('feast_after')} |{word('feast_before')} ")


def _is_of_a_call(found: Found, before: str) -> bool:
    """ "Call me after five"; "they called me at five" has happened."""
    return _by().match(plain(found.text).text) is not None and _call().search(before) is not None


def _is_day(found: Found) -> bool:
    return len(found.value) == len("2026-11-22")


@cache
def _denied() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{word('denied')} ?$")


@cache
def _not_a_day() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}[\u0648]?{word('not_a_day')} ?$")


def _is_number(moment: _Moment, before: str) -> bool:
    """ "Both of them" and "a day or two" are spelled as Monday is."""
    said = plain(moment.found.text).text
    if moment.name != "weekday":
        return False
    if said in values("dates", "a_day_or_two"):
        return bool(before.strip())
    return said in values("dates", "both") and (before.endswith(_DUAL) or _two_before().search(before[-NEAR:]) is not None)


@cache
def _two_before() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}[\u0648]?{word('two_before')} ?$")


@cache
def _customer() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{word('customer')}{NO_LETTER_AFTER}")


def _is_custom(found: Found, around: str, today: datetime.date) -> bool:
    """ "A customer for two years", "for years": so long a time is not when something of the case happened."""
    if (today - datetime.date.fromisoformat(found.value)).days < _LONG_AGO:
        return False
    said = plain(found.text).text
    years = values("dates", "units").get(said.split(" ")[-1]) == "year"
    return (years and not _FIGURE.search(in_digits(plain(found.text)).text)) or _customer().search(around) is not None
