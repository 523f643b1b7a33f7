"""What a shape of dates is: a regular expression over `plain` text and how the day is reckoned from its match."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.language.phrases import NO_LETTER_BEFORE, kind

DASHES = r"\-\u2010-\u2015\u2212"  # for the inside of brackets
SEPARATOR = rf"[/\\.{DASHES}]"
FREE_BEFORE = rf"(?<!\d)(?<!\d[.,/\\{DASHES}])(?<![a-z])"
FREE_AFTER = rf"(?!\d)(?![.,/\\{DASHES}]\d)"
CLITIC = "[\u0648\u0641\u0628\u0644]{0,2}"  # and, so, in, to: written as one with the next word


class NoDate(Enum):
    """What a reckoning answers where the words turn out to be no date."""

    NO_DATE = 0


NO_DATE = NoDate.NO_DATE
Day = datetime.date | NoDate | None  # None: it is meant as a date, but no calendar has the day


@dataclass(frozen=True, slots=True)
class Shape:
    """The pattern's group `date` is the date; unless it reads words `as_typed`, it sees number words as digits."""

    name: str
    pattern: re.Pattern[str]
    reckon: Callable[[re.Match[str], datetime.date], Day]
    as_typed: bool = False


def word(name: str) -> str:
    """Any phrase of a kind in tables/dates.tsv."""
    return kind("dates", name)


def at_word(pattern: str, before: str = "") -> re.Pattern[str]:
    """The pattern as group `date` where a word begins, behind `before` and a clitic that do not belong to it."""
    return re.compile(f"{NO_LETTER_BEFORE}(?=[^\\W\\d_]){before}{CLITIC}(?P<date>{pattern})")


def at_figure(pattern: str) -> re.Pattern[str]:
    """The same, where the date may begin with a figure as well."""
    begins = f"(?:{NO_LETTER_BEFORE}(?=[^\\W\\d_])|(?<!\\d)(?=\\d))"
    return re.compile(f"{begins}{CLITIC}(?P<date>{pattern})")
