"""Moments that are no day: an hour, a part of a day, "this week", "that day", "since 2023".

Their values are shorter than an ISO day, and no reader takes one for a day: "T16:30"; "TMO", "TMI", "TAF", "TEV" and "TNI" for
the parts of a day (TIMEX3, ISO 24617-1); "2026-11", "2026-W47" and "2026" (ISO 8601); "PAST_REF" for "that day".
"""

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.language.date_shape import FREE_AFTER, FREE_BEFORE, word
from bot.language.found import Found
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, kind, one_of, value_of, values
from bot.language.plain import Plain
from bot.language.relative_dates import about, count, nouns

_LATE = {"TAF": 1, "TEV": 1, "TNI": 6, "TMI": 1}  # the hour of twelve from which on it is one after noon
_QUARTERS = {"5": 30, "25": 15, "75": 45}  # as number words leave them: "three and a half" is 3.5
_HOURS, _NOON, _MINUTES = 24, 12, 60
_BEGINS = f"{NO_LETTER_BEFORE}[\u0648\u0641]?"


@dataclass(frozen=True, slots=True)
class _Time:
    """What the group `date` of the pattern says; an empty value is no moment after all."""

    name: str
    pattern: re.Pattern[str]
    value: Callable[[re.Match[str], datetime.date], str]


@cache
def _parts() -> dict[str, str]:
    return values("dates", "prayer") | values("dates", "after_hour") | values("dates", "daytime")


def _hour(match: re.Match[str], _: datetime.date) -> str:
    """The hour, of twenty-four where the part of the day is said; what no clock shows is none."""
    said = match.groupdict()
    hour = int(said["figure"] or value_of("dates", "hour", said["named"]))
    written = said["minutes"] or "0"
    minutes = _QUARTERS.get(written, int(written))
    late = _LATE.get(_parts()[said["part"]]) if said["part"] else None
    hour += _NOON if late and late <= hour < _NOON else 0
    return f"T{hour:02}:{minutes:02}" if hour <= _HOURS and minutes < _MINUTES else ""


def _part(match: re.Match[str], _: datetime.date) -> str:
    return "" if match["no"] else _parts()[match["part"]]


def _span(match: re.Match[str], today: datetime.date) -> str:
    spans = {"month": f"{today:%Y-%m}", "week": f"{today:%G-W%V}", "year": f"{today:%Y}"}
    return spans[value_of("dates", "span", match["span"])]


def _clock_shapes() -> Iterator[_Time]:
    figure = rf"(?P<figure>\d{{1,2}})(?:[:.](?P<minutes>\d{{1,2}}))?{FREE_AFTER}(?! ?%)"
    share = f"(?: ?\u0648 ?{kind('numbers', 'part')}{NO_LETTER_AFTER})?"
    part = f"(?P<part>{one_of(_parts())}){NO_LETTER_AFTER}"
    daytime = f"(?P<part>{word('daytime')}){NO_LETTER_AFTER}"
    named = f"(?(bare)(?!)|(?P<named>{word('hour')}){NO_LETTER_AFTER})"
    clock = f"(?:{word('clock')}|(?<!\\d )(?P<bare>{word('clock_bare')})) ?{about()}(?:{figure}|{named}){share}(?: {part})?"
    yield _Time("since", re.compile(f"{_BEGINS}(?P<date>{word('since_hour')} {clock})"), _hour)
    yield _Time("hour", re.compile(f"{_BEGINS}(?P<date>(?:{word('about_hour')} )?{clock})"), _hour)
    yield _Time("hour", re.compile(f"{FREE_BEFORE}(?P<date>{figure}(?P<named>) ?{daytime})"), _hour)


def _part_shapes() -> Iterator[_Time]:
    """A part of a day alone, or a time of prayer with a word before it; "good evening" and "every morning" are none."""
    alone = one_of(set(values("dates", "daytime")) - set(values("dates", "no_hour_alone")))
    greeting = f"{NO_LETTER_AFTER}(?! {word('not_hour_after')}{NO_LETTER_AFTER})"
    by = f"(?: \u0628 ?{count()}{nouns()})?"
    no = f"{_BEGINS}(?P<no>{word('not_hour')} )?"
    prayer = f"(?:{word('since_hour')}|{word('about_hour')}) (?P<part>{word('prayer')}){NO_LETTER_AFTER}{by}"
    yield _Time("since", re.compile(f"{no}(?P<date>{word('since_hour')} (?P<part>{alone}){greeting})"), _part)
    yield _Time("part", re.compile(f"{no}(?P<date>(?:{word('about_hour')} )?(?P<part>{alone}){greeting})"), _part)
    yield _Time("part", re.compile(f"{no}(?P<date>{prayer})"), _part)


def _span_shapes() -> Iterator[_Time]:
    that = one_of(phrase for phrase, value in values("dates", "span").items() if value == "past")
    this = one_of(phrase for phrase, value in values("dates", "span").items() if value != "past")
    since = f"(?:(?P<from>{word('since_hour')}) )?"
    year = rf"{word('since_hour')} (?:{word('year')} )?(?P<year>20[12]\d){FREE_AFTER}(?! ?(?!\u0648)[^\W\d_])"
    yield _Time("that", re.compile(f"{_BEGINS}(?P<date>{that}){NO_LETTER_AFTER}"), lambda match, today: "PAST_REF")
    yield _Time("span", re.compile(f"{_BEGINS}(?P<date>{since}(?P<span>{this})){NO_LETTER_AFTER}"), _span)
    yield _Time("since", re.compile(f"{_BEGINS}(?P<date>{year})"), lambda match, today: match["year"])


@cache
def _shapes() -> tuple[_Time, ...]:
    return (*_clock_shapes(), *_part_shapes(), *_span_shapes())


def times(counted: Plain, today: datetime.date) -> Iterator[tuple[str, Found]]:
    """Moments that are no day, in text whose number words are digits, each with the name of its shape."""
    for shape in _shapes():
        for match in shape.pattern.finditer(counted.text):
            value = shape.value(match, today)
            if value:
                yield shape.name, counted.found(*match.span("date"), value)
