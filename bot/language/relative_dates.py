"""Dates counted from today: "the day before yesterday", "three weeks ago", "last Thursday", "the end of last month"."""

import datetime
import re
from functools import cache

from bot.language.calendars import edge_of, months_back
from bot.language.date_shape import CLITIC, FREE_AFTER, FREE_BEFORE, NO_DATE, Day, Shape, at_figure, at_word, word
from bot.language.phrases import NO_LETTER_AFTER, kind, value_of
from bot.language.written_dates import edges

_FEW = 3
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
_OF_A_DAY = {"hour": 24, "minute": 24 * 60}
_ENDS = r"(?= ?(?:$|[.,!?)\u060c\u061f]| \u0648[^\W\d]))"  # of a clause, "and" begins another: "day 5 times" is no date
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
    for name, count in (("two", 2), ("units", _FEW), ("unit", 1), ("lone", 1)):
        if match[name]:
            return value_of("dates", name, match[name]), count
    raise AssertionError("the pattern has one of the four")


def _counted(match: re.Match[str], today: datetime.date) -> Day:
    unit, count = _unit(match)
    if match["number"]:
        count = float(match["number"])
    elif match["few"]:
        count = _FEW
    elif match["half"]:
        count = float(value_of("numbers", "part", match["half"]))
    share = float(value_of("numbers", "part", match["share"])) if match["share"] else 0
    return back(today, unit, count + share)


def _ago(match: re.Match[str], today: datetime.date) -> Day:
    if match["more"] or _is_from_the_day(match):
        return NO_DATE
    return _counted(match, today)


def _is_from_the_day(match: re.Match[str]) -> bool:
    """ "From the day I ordered" is no day ago, nor is "from the hour that it came" an hour."""
    said = any(match[name] for name in ("number", "few", "half", "one"))
    if said or not match["unit"] or not value_of("dates", "ago", match["ago"]):
        return False
    unit, goes_on = value_of("dates", "unit", match["unit"]), match.string[match.end() :]
    return (unit == "day" and goes_on[:2].strip().isalpha()) or (unit == "hour" and bool(_as().match(goes_on)))


@cache
def _as() -> re.Pattern[str]:
    return re.compile(f" {word('as')}{NO_LETTER_AFTER}")


def _steps(match: re.Match[str]) -> int:
    """How many units back "last", "before last" or "next" says; 0 if none of them is there."""
    said = {name for name, phrase in match.groupdict().items() if phrase}
    if "before_last" in said:
        return 2
    return 1 if said & {"last", "past"} else -1 if said & {"next", "coming"} else 0


def _last_unit(match: re.Match[str], today: datetime.date) -> Day:
    unit, steps = value_of("dates", "unit", match["unit"]), _steps(match)
    edge = next((edge for edge in ("first", "middle", "end") if match[edge]), None)
    if edge and unit in _MONTHS:
        return _edge(today, unit, steps, edge) if steps or match["the"] else NO_DATE
    return back(today, unit, steps) if steps and unit in ("week", "month", "year") else NO_DATE


def _edge(today: datetime.date, unit: str, steps: int, edge: str) -> datetime.date | None:
    """A part of this or another month or year; of the current one, if that is still to come, of the one before."""
    month = months_back(today, steps * _MONTHS[unit])
    number = {"first": 1, "middle": 6, "end": 12}[edge] if unit == "year" else month.month
    day = edge_of(month.year, number, edge)
    return day if steps or day is None or day <= today else _edge(today, unit, 1, edge)


def _weekday(match: re.Match[str], today: datetime.date) -> Day:
    """The latest one not after today; "last" is never today."""
    if match["each"]:
        return NO_DATE
    name = "name" if match["name"] else "named"
    wanted = int(value_of("dates", "weekday" if match["name"] else "weekday_named", match[name]))
    behind, steps = (today.weekday() - wanted) % 7, _steps(match)
    if steps > 0 and not behind:
        behind = 7
    behind += 7 * (steps - 1) if steps > 0 else -7 if steps < 0 else 0
    return today - datetime.timedelta(days=behind)


def _relative(match: re.Match[str], today: datetime.date) -> Day:
    days = int(value_of("dates", "relative", match["phrase"]))
    if days == 0 and (match["same"] or match["other"]):
        return NO_DATE
    return today + datetime.timedelta(days=days)


def _day_of_month(match: re.Match[str], today: datetime.date) -> Day:
    """A day of this or another month by its number alone: the latest that is not after today."""
    return _that_day(int(match["number"]), _steps(match), today)


def _ordinal_of_month(match: re.Match[str], today: datetime.date) -> Day:
    return _that_day(int(value_of("dates", "ordinal", match["ordinal"])), _steps(match), today)


def _that_day(day: int, steps: int, today: datetime.date) -> datetime.date | None:
    for past in (steps,) if steps else range(12):
        month = months_back(today.replace(day=1), past)
        try:
            found = month.replace(day=day)
        except ValueError:
            continue
        if steps or found <= today:
            return found
    return None


def _nouns() -> str:
    """A unit of time; "month 10" is no unit, but the name of a month."""
    nouns = "|".join(f"(?P<{name}>{word(name)})" for name in ("two", "units", "unit", "lone"))
    return f"(?:{nouns}){NO_LETTER_AFTER}(?(unit)(?! ?\\d))(?P<one> {word('one')}{NO_LETTER_AFTER})?"


def _count() -> str:
    half = f"(?P<half>{kind('numbers', 'part')}) "
    return rf"(?:(?P<few>{word('few')}) |{FREE_BEFORE}(?P<number>\d{{1,3}}(?:\.\d)?) ?|{half}|{word('a')} )?"


def _which() -> str:
    """Groups `before_last`, `last`, `next`, or nothing."""
    return "(?: (?:" + "|".join(f"(?P<{n}>{word(n)})" for n in ("before_last", "last", "next")) + f"){NO_LETTER_AFTER})?"


def _counting_shapes() -> list[Shape]:
    share = f"(?: \u0648 ?(?P<share>{kind('numbers', 'part')}){NO_LETTER_AFTER})?"
    other = rf"(?! {kind('months', 'hijri')}{NO_LETTER_AFTER})"
    about = f"(?:{word('about')}{NO_LETTER_AFTER} ?){{0,2}}"
    since = f"(?P<ago>{word('ago')}){NO_LETTER_AFTER} ?{about}"
    return [
        Shape("ago", at_word(f"{since}{_count()}{_nouns()}{share}{other}", before=f"(?P<more>{word('more')} )?"), _ago),
        Shape("past", at_figure(f"{_count()}{_nouns()}{share} {word('past')}{NO_LETTER_AFTER}"), _counted),
    ]


@cache
def shapes() -> tuple[Shape, ...]:
    """All shapes of dates counted from today."""
    english = f"(?:(?P<past>{word('last_before')}) |(?P<coming>{word('next_before')}) )?"
    the_unit = f"(?:{word('this')} )?{english}(?P<the>{_THE})?(?P<unit>{word('unit')}){NO_LETTER_AFTER}{_which()}"
    weekday = f"{english}(?:{word('day')} )?(?P<name>{word('weekday')})|{word('day')} (?P<named>{word('weekday_named')})"
    sale = f"(?! {word('not_weekday')}{NO_LETTER_AFTER})"
    today = f"(?P<phrase>{word('relative')}){NO_LETTER_AFTER}(?:(?=(?P<other> {word('not_today')}{NO_LETTER_AFTER})))?"
    in_month = f"(?:{word('of')} ?)?(?:{word('this')} )?{CLITIC}{_THE}{word('month')}{NO_LETTER_AFTER}"
    number = rf"{FREE_BEFORE}(?P<number>[0-3]?\d){FREE_AFTER}"
    ordinal = f"(?P<ordinal>{word('ordinal')}){NO_LETTER_AFTER}"
    uncounted = f"(?! ?(?:{word('units')}|{word('unit')}|{word('two')}){NO_LETTER_AFTER})"
    return (
        *_counting_shapes(),
        Shape("last unit", at_word(f"(?:{edges()} )?(?:{word('of')} )?{the_unit}"), _last_unit),
        Shape(
            "weekday",
            at_word(f"(?:{weekday}){NO_LETTER_AFTER}{sale}{_which()}", f"(?P<each>{word('each')} )?"),
            _weekday,
            True,
        ),
        Shape("today", at_word(today, before=f"(?P<same>{word('same')} )?"), _relative),
        Shape("day alone", at_word(f"{word('day')} {number}{_ENDS}"), _day_of_month, as_typed=True),
        Shape("day since", at_word(f"{word('day')} {number}{uncounted}", f"{word('in')} "), _day_of_month, as_typed=True),
        Shape("ordinal of month", at_word(f"{ordinal} {in_month}{_which()}"), _ordinal_of_month, as_typed=True),
        Shape("day of month", at_figure(f"(?:{word('day')} )?{number} {in_month}{_which()}"), _day_of_month),
    )
