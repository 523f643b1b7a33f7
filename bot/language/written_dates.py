"""Dates that name their day: in figures, or with a month's name, Gregorian and Hijri."""

import datetime
import re
from functools import cache

from bot.language.calendars import HIJRI_YEARS, day_of, edge_of, full_year, hijri_in, latest, year_now
from bot.language.date_shape import (
    CLITIC,
    DASHES,
    FREE_AFTER,
    FREE_BEFORE,
    NO_DATE,
    SEPARATOR,
    Day,
    Shape,
    at_figure,
    at_word,
    word,
)
from bot.language.found import Found
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, one_of, value_of, values
from bot.language.plain import plain

_MONTHS, _DAYS_AT_MOST = 12, 31
_ENDS = " .,!?)\u060c\u061f\u061b"
_NO_DAY_AND_MONTH = r"(?!(?:24 ?/ ?7|10 ?/ ?10|5 ?/ ?5)(?!\d))"  # round the clock, and full marks
_SHORT_NAME = 3  # with a clitic it is more likely to be part of another word: li-bab, "at the door of"
_EDGES = ("first", "middle", "end")


def _year_of(match: re.Match[str], digits: str, today: datetime.date) -> int:
    """The year as typed; a mark of its calendar behind it settles the century of a short one."""
    if len(digits) == 2 and match["hijri"]:
        return 1400 + int(digits)
    if len(digits) == 2 and match["gregorian"]:
        return 2000 + int(digits)
    return full_year(digits, today)


def _in_order(month: int, day: int) -> tuple[int, int]:
    """Day first is the local way; a month over 12 shows that it was not followed."""
    return (day, month) if month > _MONTHS >= day else (month, day)


def _three_figures(match: re.Match[str], today: datetime.date) -> Day:
    year, day = (match["a"], match["c"]) if len(match["a"]) > 2 else (match["c"], match["a"])
    if len(year) not in (2, 4) or len(day) > 2:
        return NO_DATE
    return day_of(_year_of(match, year, today), *_in_order(int(match["b"]), int(day)))


def _two_figures(match: re.Match[str], today: datetime.date) -> Day:
    month, day = _in_order(int(match["b"]), int(match["a"]))
    if not 1 <= month <= _MONTHS or not 1 <= day <= _DAYS_AT_MOST:
        return NO_DATE
    return latest(month, day, today, in_hijri=match["hijri"] is not None)


def _month(match: re.Match[str]) -> tuple[int, bool]:
    """The month's number, and whether it is a Hijri one."""
    name = match["month"]
    if name is None:
        return int(match["figure"]), False
    hijri = name not in values("months", "gregorian")
    return int(value_of("months", "hijri" if hijri else "gregorian", name)), hijri


def _day_and_month(match: re.Match[str], today: datetime.date) -> Day:
    return _day_in_month(match, int(match["day"]), today)


def _ordinal_and_month(match: re.Match[str], today: datetime.date) -> Day:
    return _day_in_month(match, int(value_of("dates", "ordinal", match["ordinal"])), today)


def _day_in_month(match: re.Match[str], day: int, today: datetime.date) -> Day:
    """A Hijri month in a Gregorian year is looked up there; a Gregorian month in a Hijri year is a slip."""
    month, hijri = _month(match)
    if not match["year"]:
        return latest(month, day, today, in_hijri=hijri)
    year = _year_of(match, match["year"], today)
    if hijri and year not in HIJRI_YEARS:
        return hijri_in(year, month, day)
    return day_of(year, month, day) if hijri == (year in HIJRI_YEARS) else None


def _month_first(match: re.Match[str], today: datetime.date) -> Day:
    month, day = int(value_of("months", "gregorian", match["month"])), int(match["day"])
    return day_of(int(match["year"]), month, day) if match["year"] else latest(month, day, today)


def _is_meant_as_month(match: re.Match[str]) -> bool:
    """Month names are also people's names and verbs: something must show that a month is meant."""
    shown = match["year"] or match["figure"] or any(match[edge] for edge in _EDGES)
    behind = match.string[match.start() : match.start("date")]
    led = " " in behind or (behind and len(match["month"] or "") > _SHORT_NAME)
    return bool(shown or led) or match.string.strip(_ENDS) == match["date"]


def _month_alone(match: re.Match[str], today: datetime.date) -> Day:
    """A month without a day: its first day, or its middle or last where that is said."""
    if not _is_meant_as_month(match):
        return NO_DATE
    (month, hijri), edge = _month(match), next((edge for edge in _EDGES if match[edge]), "first")
    if match["year"]:
        year = _year_of(match, match["year"], today)
        return edge_of(year, month, edge) if hijri == (year in HIJRI_YEARS) else None
    now = year_now(today, in_hijri=hijri)
    days = (edge_of(now - back, month, edge) for back in (0, 1))
    return next((day for day in days if day and day <= today), None)


def edges() -> str:
    """Groups `first`, `middle`, `end`: the word for a part of a month or year."""
    return "(?:" + "|".join(f"(?P<{edge}>{word(edge)})" for edge in _EDGES) + ")"


def _month_name() -> str:
    names = one_of([*values("months", "gregorian"), *values("months", "hijri")])
    figure = f"{word('month')} ?(?P<figure>1[0-2]|0?[1-9]){FREE_AFTER}(?! ?{word('units')}{NO_LETTER_AFTER})"
    return f"(?:(?P<month>{names}){NO_LETTER_AFTER}|{figure})"


def _era() -> str:
    return f"(?: ?(?:(?P<hijri>{word('hijri')})|(?P<gregorian>{word('gregorian')})){NO_LETTER_AFTER})?"


def _year() -> str:
    """An optional year; one of two figures must end the clause, or else it may count something."""
    mark = f"(?:{word('hijri')}|{word('gregorian')}){NO_LETTER_AFTER}"
    named = f"(?:{CLITIC}{word('year')} ?)?"
    short = rf"\d\d(?= ?(?:$|[.,!?)\u060c\u061f]|{mark}))"
    return rf"(?:[ ,\u060c/{DASHES}]{{1,3}}{named}(?P<year>(?:1[34]|19|20)\d\d|{short}){FREE_AFTER}{_era()})?"


@cache
def _figures() -> tuple[Shape, ...]:
    three = rf"(?P<a>\d{{1,4}}) ?(?P<s>{SEPARATOR}) ?(?P<b>\d{{1,2}}) ?(?P=s) ?(?P<c>\d{{1,4}}){FREE_AFTER}{_era()}"
    blanks = rf"(?P<a>\d{{1,2}}) (?P<b>\d{{1,2}}) (?P<c>20\d\d|14\d\d){FREE_AFTER}{_era()}"
    two = r"(?P<a>\d{{1,2}}) ?{} ?(?P<b>\d{{1,2}})" + FREE_AFTER + rf"(?! ?[/\\{DASHES}] ?\d)(?! ?%)" + _era()
    dated = f"{NO_LETTER_BEFORE}{CLITIC}{word('dated')}[ :]{{1,2}}"
    free = f"{FREE_BEFORE}(?P<date>{{}})"
    return (
        Shape("three figures", re.compile(free.format(three)), _three_figures),
        Shape("three figures with blanks", re.compile(free.format(blanks)), _three_figures),
        Shape("day/month", re.compile(free.format(_NO_DAY_AND_MONTH + two.format(r"[/\\]"))), _two_figures),
        Shape("day-month after a word", re.compile(f"{dated}(?P<date>{two.format(SEPARATOR)})"), _two_figures),
        Shape("day-month alone", re.compile(f"^ ?(?P<date>{two.format(SEPARATOR)}) ?$"), _two_figures),
    )


def dates_in_figures(text: str) -> list[Found]:
    """What is written like a date in figures, year included, whether or not there is such a day; no values."""
    seen, shapes_with_year = plain(text), _figures()[:2]
    return [seen.found(*m.span("date"), "") for shape in shapes_with_year for m in shape.pattern.finditer(seen.text)]


def _named_day_shapes() -> tuple[Shape, ...]:
    """A day and a month's name; ordinals are looked for in the words as typed, for they hold numbers."""
    near = rf"(?=[ /{DASHES}.]{{0,2}}[^\W\d_])"
    figure = rf"{FREE_BEFORE}(?P<day>[0-3]?\d)(?!\d){near}(?:st|nd|rd|th)?"
    ordinal = f"(?P<ordinal>{word('ordinal')}){NO_LETTER_AFTER}"
    of = rf"(?: ?{word('of')}{NO_LETTER_AFTER}| ?[/{DASHES}.]){{0,2}} ?{CLITIC}"
    behind = f"{of}{_month_name()}{_year()}"
    day = f"(?:{word('day')} ?)?"
    return (
        Shape("day and month", at_figure(f"{day}{figure}{behind}"), _day_and_month),
        Shape("ordinal day and month", at_word(f"{day}{ordinal}{behind}"), _ordinal_and_month, as_typed=True),
    )


def _english_shape() -> Shape:
    names = one_of(name for name in values("months", "gregorian") if name.isascii() and name.isalpha())
    day = r"(?P<day>[0-3]?\d)(?!\d)(?:st|nd|rd|th)?"
    year = rf"(?:,? ?(?P<year>20\d\d))?{FREE_AFTER}"
    return Shape("month and day", at_word(rf"(?P<month>{names})[ .]{{1,2}}{day}{year}"), _month_first)


@cache
def shapes() -> tuple[Shape, ...]:
    """All shapes of written dates."""
    month = f"(?:{edges()} (?:{word('of')} ?)?)?{_month_name()}{_year()}"
    return (
        *_figures(),
        *_named_day_shapes(),
        _english_shape(),
        Shape("month", at_word(month, before=f"(?:{word('in')} )?"), _month_alone),
    )
