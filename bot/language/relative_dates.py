"""Dates counted from today: "the day before yesterday", "three weeks ago", "last Thursday", "the end of last month"."""

import datetime
import re
from functools import cache

from bot.language.calendars import edge_of, months_back
from bot.language.date_shape import (
    CLITIC,
    FREE_AFTER,
    FREE_BEFORE,
    NO_DATE,
    Day,
    Shape,
    at_figure,
    at_word,
    steps,
    which,
    word,
)
from bot.language.phrases import NO_LETTER_AFTER, kind, value_of
from bot.language.written_dates import edges

_FEW, _FOUR = 3, 4
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_OF_A_DAY = {"hour": 24, "minute": 24 * 60}
_NOUNS = (("two", 2), ("units", _FEW), ("weeks", _FEW), ("unit", 1), ("week", 1))
_ENDS = r" ?(?:$|[.,!?)\u060c\u061f])"  # of a clause: "day 5 times" is no date
_THE = "\u0627\u0644"


def back(today: datetime.date, unit: str, count: float) -> datetime.date:
    """The day that many units ago; half a month is fifteen days, hours count only by full days."""
    if unit in _MONTHS:
        whole, part = divmod(count * _MONTHS[unit], 1)
        return months_back(today, int(whole)) - datetime.timedelta(days=int(part * 30))
    days = count / _OF_A_DAY[unit] if unit in _OF_A_DAY else count * _DAYS[unit]
    return today - datetime.timedelta(days=int(days))


def _unit(match: re.Match[str]) -> tuple[str, float]:
    """The unit, and how many of it the noun itself says: a plural without a number is a few."""
    for name, count in _NOUNS:
        if match[name]:
            return value_of("dates", name, match[name]), count
    raise AssertionError("the pattern has one of them")


def span_of(match: re.Match[str]) -> tuple[str, float]:
    """The unit and how many of it a match of `count` and `nouns` says."""
    unit, count = _unit(match)
    if match["number"]:
        count = float(match["number"])
    elif match["few"] or match["four"]:
        count = _FEW if match["few"] else _FOUR
    elif match["half"]:
        count = float(value_of("numbers", "part", match["half"]))
    return unit, count


def _counted(match: re.Match[str], today: datetime.date) -> datetime.date:
    unit, count = span_of(match)
    share = float(value_of("numbers", "part", match["share"])) if match["share"] else 0
    return back(today, unit, count + share)


def _ago(match: re.Match[str], today: datetime.date) -> Day:
    return NO_DATE if match["more"] or _is_something_else(match) else _counted(match, today)


def _is_something_else(match: re.Match[str]) -> bool:
    """ "From the day I ordered", "since the hour that", "they told me two days", "this is a watch", "from you a watch"."""
    how, unit, bare = value_of("dates", "ago", match["ago"]), _unit(match)[0], not _has_count(match)
    if how == "to" and (match["told"] or (bare and unit not in ("week", "month"))):
        return True
    if how in ("", "from") and match["whom"]:
        return True
    if not how or not bare or match["one"] or unit not in ("day", "hour"):
        return False
    goes_on = match.string[match.end() : match.end() + 2].strip().isalpha()
    return (unit == "day" and goes_on) or _goes_on().match(match.string, match.end()) is not None


def _has_count(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("number", "few", "four", "half", "two", "units", "weeks", "share"))


@cache
def _goes_on() -> re.Pattern[str]:
    return re.compile(f" (?:{word('from_moment')}{NO_LETTER_AFTER}|{_THE})")


def _gone_by(match: re.Match[str], today: datetime.date) -> Day:
    """ "Three days have passed", "two weeks and I am waiting"; "within two weeks and they" is a promise."""
    unit = _unit(match)[0]
    long = unit in ("week", "month", "year") or (unit != "minute" and _has_count(match))
    return _counted(match, today) if match["gone"] or (long and not match["within"]) else NO_DATE


def _last_unit(match: re.Match[str], today: datetime.date) -> Day:
    unit, gone = value_of("dates", "unit", match["unit"]), steps(match)
    edge = next((edge for edge in ("first", "middle", "end") if match[edge]), None)
    if edge and unit in _MONTHS:
        return _edge(today, unit, gone, edge) if gone or match["the"] else NO_DATE
    return back(today, unit, gone) if gone and unit in ("week", "month", "year") else NO_DATE


def _edge(today: datetime.date, unit: str, gone: int, edge: str) -> datetime.date | None:
    """A part of this or another month or year; of the current one, if that is still to come, of the one before."""
    month = months_back(today, gone * _MONTHS[unit])
    number = {"first": 1, "middle": 6, "end": 12}[edge] if unit == "year" else month.month
    day = edge_of(month.year, number, edge)
    return day if gone or day is None or day <= today else _edge(today, unit, 1, edge)


def _weekday(match: re.Match[str], today: datetime.date) -> Day:
    """The latest one not after today; "last" is never today."""
    if match["each"]:
        return NO_DATE
    name, table = next(one for one in _WEEKDAYS if match[one[0]])
    behind, gone = (today.weekday() - int(value_of("dates", table, match[name]))) % 7, steps(match)
    if gone > 0 and not behind:
        behind = 7
    behind += 7 * (gone - 1) if gone > 0 else -7 if gone < 0 else 0
    return today - datetime.timedelta(days=behind)


_WEEKDAYS = (("name", "weekday"), ("named", "weekday_named"), ("alone", "weekday_alone"), ("led", "weekday_led"))


def _relative(match: re.Match[str], today: datetime.date) -> Day:
    days = int(value_of("dates", "relative", match["phrase"]))
    if days == 0 and (match["same"] or match["other"]):
        return NO_DATE
    return today + datetime.timedelta(days=days)


def _day_of_month(match: re.Match[str], today: datetime.date) -> Day:
    """A day of this or another month by its number alone: the latest that is not after today."""
    return _latest_day(int(match["number"]), steps(match), today)


def _ordinal_of_month(match: re.Match[str], today: datetime.date) -> Day:
    return _latest_day(int(value_of("dates", "ordinal", match["ordinal"])), steps(match), today)


def _latest_day(day: int, gone: int, today: datetime.date) -> datetime.date | None:
    for past in (gone,) if gone else range(12):
        month = months_back(today.replace(day=1), past)
        try:
            found = month.replace(day=day)
        except ValueError:
            continue
        if gone or found <= today:
            return found
    return None


def nouns() -> str:
    """A unit of time; "month 10" is no unit, but the name of a month, and "last Friday" no week."""
    named = "|".join(f"(?P<{name}>{word(name)})" for name in ("two", "units", "unit"))
    weeks = f"(?(number)(?P<weeks>{word('weeks')})|(?!))|(?P<week>{word('week')})(?! (?:{word('last')}|{word('next')}))"
    return f"(?:{named}|{weeks}){NO_LETTER_AFTER}(?(unit)(?! ?\\d))(?P<one> {word('one')}{NO_LETTER_AFTER})?"


def count() -> str:
    """How many units: `number`, `few`, `four`, `half`, or nothing."""
    four = f"(?P<four>{word('four')}) (?={word('units')}{NO_LETTER_AFTER})"
    number = rf"{FREE_BEFORE}(?P<number>\d{{1,3}}(?:\.\d{{1,2}})?) ?\u0644?"
    return f"(?:(?P<few>{word('few')}) |{four}|{number}|(?P<half>{kind('numbers', 'part')}) |{word('a')} )?"


def about() -> str:
    """Words for "about", or nothing."""
    return f"(?:{word('about')}{NO_LETTER_AFTER} ?){{0,2}}"


def _counting_shapes() -> list[Shape]:
    share = f"(?: \u0648 ?(?P<share>{kind('numbers', 'part')}){NO_LETTER_AFTER})?"
    other = f"(?! {kind('months', 'hijri')}{NO_LETTER_AFTER})"
    since = f"(?P<ago>{word('ago')}){NO_LETTER_AFTER} ?(?:(?P<whom>{word('since_for')}){NO_LETTER_AFTER} )?{about()}"
    before = f"(?:(?:(?P<more>{word('more')})|(?P<told>{word('told')})) )?"
    whole = f"(?: {word('whole')}{NO_LETTER_AFTER})?"
    gone = f"{whole}(?: (?P<gone>{word('past')}){NO_LETTER_AFTER}|(?= {word('while')}{NO_LETTER_AFTER}))"
    within = f"(?:(?P<within>{word('within')}) )?"
    return [
        Shape("ago", at_word(f"{since}{count()}{nouns()}{share}{other}", before=before), _ago),
        Shape("gone by", at_figure(f"{count()}{nouns()}{share}{gone}", before=within), _gone_by),
    ]


def _weekdays() -> str:
    """Groups `name`, `named` behind a word for day, `alone` without its article, `led` so before "last" or "next"."""
    english = f"(?:(?P<past>{word('last_before')}) |(?P<coming>{word('next_before')}) )?"
    led = f"(?P<led>{word('weekday_led')})(?= (?:{word('before_last')}|{word('last')}|{word('next')}){NO_LETTER_AFTER})"
    return (
        f"(?:{english}(?:{word('day')} )?(?P<name>{word('weekday')})|{word('day')} (?P<named>{word('weekday_named')})"
        f"|(?P<alone>{word('weekday_alone')})|{led}){NO_LETTER_AFTER}"
    )


@cache
def shapes() -> tuple[Shape, ...]:
    """All shapes of dates counted from today."""
    english = f"(?:(?P<past>{word('last_before')}) |(?P<coming>{word('next_before')}) )?"
    the_unit = f"(?:{word('this')} )?{english}(?P<the>{_THE})?(?P<unit>{word('unit')}){NO_LETTER_AFTER}{which()}"
    sale = f"(?! {word('not_weekday')}{NO_LETTER_AFTER})"
    today = f"(?P<phrase>{word('relative')}){NO_LETTER_AFTER}(?:(?=(?P<other> (?:{word('not_today')}|{word('ordinal')}){NO_LETTER_AFTER})))?"
    in_month = f"(?:{word('of')} ?)?(?:{word('this')} )?{CLITIC}{_THE}{word('month')}{NO_LETTER_AFTER}{which()}"
    number = rf"{FREE_BEFORE}(?P<number>[0-3]?\d){FREE_AFTER}"
    ordinal = f"(?P<ordinal>{word('ordinal')}){NO_LETTER_AFTER}"
    goes_on = f"(?= \u0648| {word('ends_day')}{NO_LETTER_AFTER}|{_ENDS})"
    return (
        *_counting_shapes(),
        Shape("last unit", at_word(f"(?:{edges()} )?(?:{word('of')} )?{the_unit}"), _last_unit),
        Shape("weekday", at_word(f"{_weekdays()}{sale}{which()}", f"(?P<each>{word('each')} )?"), _weekday, True),
        Shape("today", at_word(today, before=f"(?P<same>{word('same')} )?"), _relative),
        Shape("day alone", at_word(f"{word('day')} {number}{goes_on}"), _day_of_month, as_typed=True),
        Shape("day of month", at_figure(f"(?:{word('day')} )?{number} {in_month}"), _day_of_month),
        Shape("ordinal of month", at_word(f"{ordinal} {in_month}"), _ordinal_of_month, as_typed=True),
    )
