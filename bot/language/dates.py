"""Dates in a shopper's words, absolute and relative, Gregorian and Hijri."""

import datetime
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from hijridate import Gregorian

from bot.language import relative_dates, written_dates
from bot.language.calendars import months_back
from bot.language.date_shape import NoDate, word
from bot.language.found import Found, longest_first
from bot.language.numbers import in_digits
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, kind
from bot.language.plain import plain

OLDEST_MONTHS = 60  # a purchase further back than this is refused as TOO_OLD
_IMPOSSIBLE = ""  # the value of a claim whose day no calendar has


class DateProblem(StrEnum):
    """Why an answer is no purchase date."""

    NONE_FOUND = "none_found"
    FUTURE = "future"
    TOO_OLD = "too_old"
    IMPOSSIBLE = "impossible"


def _claims(text: str, today: datetime.date) -> Iterator[tuple[str, Found]]:
    """Shape name and claim; a claim's value is empty where no calendar has the day."""
    typed = plain(text)
    counted = in_digits(typed)
    for shape in (*written_dates.shapes(), *relative_dates.shapes()):
        seen = typed if shape.as_typed else counted
        for match in shape.pattern.finditer(seen.text):
            day = shape.reckon(match, today)
            if not isinstance(day, NoDate):
                yield shape.name, seen.found(*match.span("date"), day.isoformat() if day else _IMPOSSIBLE)


@cache
def _between() -> re.Pattern[str]:
    return re.compile(f"[ ,:\\u060c]{{0,3}}(?:{word('joint')}[ :]{{0,2}})?")


def _joined(text: str, kept: list[Found], names: dict[Found, str]) -> Iterator[Found]:
    """A weekday and the written date behind it are one date: the written one."""
    written = {shape.name for shape in written_dates.shapes()}
    for place, found in enumerate(kept):
        before = kept[place - 1] if place else None
        after = kept[place + 1] if place + 1 < len(kept) else None
        if names[found] == "weekday" and after and names[after] in written and _touch(text, found, after):
            continue
        if before and names[before] == "weekday" and names[found] in written and _touch(text, before, found):
            found = Found(before.start, found.end, text[before.start : found.end], found.value)
        yield found


def _touch(text: str, first: Found, second: Found) -> bool:
    return _between().fullmatch(plain(text[first.end : second.start]).text) is not None


def _all_dates(text: str, today: datetime.date) -> list[Found]:
    claims = list(_claims(text, today))
    names = {found: name for name, found in reversed(claims)}
    return list(_joined(text, longest_first(found for _, found in claims), names))


def find_dates(text: str, today: datetime.date) -> list[Found]:
    """Dates as ISO days, those ahead included; days that no calendar has are left out.

    Day before month, unless the figures forbid it. A date without a year is the latest one not after `today`, and so
    is a weekday. A month without a day is its first day; "last month" is today's day a month ago. "A few days" are
    three. Years 1300-1500 are Hijri, and two-digit years within five of the current Hijri year.
    """
    return [found for found in _all_dates(text, today) if found.value != _IMPOSSIBLE]


@cache
def _corrected() -> re.Pattern[str]:
    return re.compile(NO_LETTER_BEFORE + kind("dates", "mean") + NO_LETTER_AFTER)


def _judged(found: Found, today: datetime.date) -> datetime.date | DateProblem:
    if found.value == _IMPOSSIBLE:
        return DateProblem.IMPOSSIBLE
    day = datetime.date.fromisoformat(found.value)
    if day > today:
        return DateProblem.FUTURE
    return day if day >= months_back(today, OLDEST_MONTHS) else DateProblem.TOO_OLD


def read_past_date(text: str, today: datetime.date) -> datetime.date | DateProblem:
    """The answer to "when did you buy it": the first date that can be one, or else what is wrong with the first.

    So "they said tomorrow, I ordered last week" is last week. Who corrects themselves ("last week, I mean eight days ago")
    means what they say last.
    """
    found_last = _all_dates(_corrected().split(plain(text).text)[-1], today)
    answers = [_judged(found, today) for found in found_last or _all_dates(text, today)]
    days = (answer for answer in answers if isinstance(answer, datetime.date))
    return next(days, answers[0] if answers else DateProblem.NONE_FOUND)


def hijri(day: datetime.date) -> str:
    """The day in the Umm al-Qura calendar as "1447-09-12"; ValueError outside 1924-2077."""
    return str(Gregorian.fromdate(day).to_hijri().isoformat())
