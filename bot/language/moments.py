"""When something of the shopper's case happened: the dates of a message that are entities.

More than `dates.find_dates`, which reads the answer to "when did you buy it": an hour ("at two o'clock"), a part of a
day, a feast, "this month", and how long something has been going on ("it has been three weeks") are moments too. And less:
a promise of tomorrow, a habit ("do you open on Fridays?"), the day a rule counts to ("the tenth day") and a comparison
("as if from yesterday") are not. A moment that is no day has its own words as its value.
"""

import datetime
import re
from collections.abc import Iterator
from functools import cache

from bot.language.arabizi import arabic
from bot.language.date_shape import word
from bot.language.dates import find_dates
from bot.language.found import Found, longest_first, outside
from bot.language.numbers import in_digits
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, values
from bot.language.plain import plain
from bot.language.spelling import fold

NEAR = 24
"""Characters before a date in which a word that denies it is looked for."""

_LATIN_WORD = re.compile(r"(?<![\w@.])[A-Za-z][A-Za-z0-9]+(?![\w@.])")
_ARTICLE = "\u0627\u0644"  # written apart in Latin letters: "el khamis"
_CLAUSE = re.compile(r"[.!?\n\u061f]")


def find_moments(text: str, today: datetime.date) -> list[Found]:
    """Return the moments of a message in order, each in the shopper's own words; a day's value is its ISO date."""
    arabic_text, places = _in_arabic(text)
    days = [day for day in find_dates(arabic_text, today) if _happened(arabic_text, day, today)]
    others = outside(longest_first(_moments(arabic_text)), days)
    own = (Found(places[one.start], places[one.end], "", one.value) for one in (*days, *others))
    return sorted((Found(o.start, o.end, text[o.start : o.end], o.value) for o in own), key=lambda found: found.start)


def in_arabic(text: str) -> str:
    """Return the text with Latin words that are Arabic in Arabic letters."""
    return _in_arabic(text)[0]


def _in_arabic(text: str) -> tuple[str, list[int]]:
    """Return the text with Latin words that are Arabic in Arabic letters, and where each character stood before."""
    parts: list[str] = []
    places: list[int] = []
    last = 0
    for match in _LATIN_WORD.finditer(text):
        read = arabic(fold(match[0]))
        if read is None:
            continue
        parts += [text[last : match.start()], read]
        places += [*range(last, match.start()), *[match.start()] * len(read)]
        article = read == _ARTICLE and _LATIN_WORD.match(text, match.end() + 1)
        last = match.end() + bool(article)
    return "".join([*parts, text[last:]]), [*places, *range(last, len(text) + 1)]


def _happened(text: str, day: Found, today: datetime.date) -> bool:
    """Whether a date is of something that was, and not a promise, a habit, a rule or a comparison."""
    clause = _CLAUSE.split(plain(text[: day.start]).text)[-1]
    before, behind = clause[-NEAR:], plain(text[day.end : day.end + NEAR]).text
    return not (
        datetime.date.fromisoformat(day.value) > today
        or _denied_before().search(before)
        or (_counted_to().match(behind) and plain(day.text).text in _todays())
        or (_habit().search(clause + " " + behind) and _is_bare(day) and plain(day.text).text not in _yesterdays())
    )


def _is_bare(day: Found) -> bool:
    """Whether it is one word or two: "Friday", "on Friday"; "last Friday" is no habit."""
    return len(day.text.split()) < 3 and not re.search(r"\d", plain(day.text).text)


@cache
def _todays() -> frozenset[str]:
    return frozenset(re.findall(r"[^(?:|)]+", word("this_day")))


@cache
def _yesterdays() -> frozenset[str]:
    """The words for days that are over, which no habit has: "call me" and "he called me" are one word, "yesterday" tells."""
    return frozenset(phrase for phrase, days in values("dates", "relative").items() if int(days) < 0)


@cache
def _denied_before() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{word('not_a_day')} ?$")


@cache
def _counted_to() -> re.Pattern[str]:
    return re.compile(f" {word('ordinal')}{NO_LETTER_AFTER}")


@cache
def _habit() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{word('habit')}{NO_LETTER_AFTER}")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """What is a moment and no day, as group `date`, or as `since` where no habit is so told; numbers are digits."""
    unit = "|".join(word(name) for name in ("two", "units", "unit", "since_unit"))
    feast_name = f"(?: {word('feast_name')})?"
    since = f"{word('since')} (?:{word('about')} )?"
    ends = NO_LETTER_AFTER
    counted = rf"(?:\d{{1,3}} ?|{word('few')} )?(?:{unit}){ends}"
    feast = f"{word('feast')}{feast_name}{ends}(?: \u0628(?:{unit}){ends})?"
    shapes = (
        rf"(?P<date>{word('clock')} ?\d{{1,2}}(?:[:.]\d\d)?(?: {word('daytime')}{ends})?)",
        f"(?:{word('from')} )?(?P<date>{word('daytime')}){ends}(?! {word('no_daytime')}{ends})",
        f"(?P<date>{feast})",
        f"(?P<date>{word('this_unit')}){ends}",
        f"{since}(?P<since>{counted})",
        rf"(?P<date>{word('weekday_named')} {word('last')}){ends}",
    )
    return tuple(re.compile(f"{NO_LETTER_BEFORE}[\u0648\u0641]?{shape}") for shape in shapes)


def _moments(text: str) -> Iterator[Found]:
    seen = in_digits(plain(text))
    for pattern in _patterns():
        for match in pattern.finditer(seen.text):
            if "since" in match.groupdict() or not _habit().search(_clause_of(seen.text, *match.span())):
                yield seen.found(*match.span(1), match[1])


def _clause_of(text: str, start: int, end: int) -> str:
    """Return the part of the sentence before a stretch, and a little behind it."""
    return f"{_CLAUSE.split(text[:start])[-1]} {text[end : end + NEAR]}"
