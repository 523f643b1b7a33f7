"""Days by the feasts: "the second day of the feast", "before the feast by a week", "after Ramadan".

Without its name "the feast" is the latest of the two. Before or after it without saying how long is the day before or
after: nearer than a shopper means it, as "a few days" are, and read back like them.
"""

import datetime
import re
from collections.abc import Iterator
from functools import cache

from bot.language.calendars import latest
from bot.language.date_shape import NO_DATE, Day, Shape, steps, which, word
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, value_of
from bot.language.relative_dates import back, count, nouns, span_of

_AFTER_THE_DAY = {"second": 1, "third": 2, "eve": -1}


def _days(written: str, today: datetime.date) -> Iterator[datetime.date]:
    """The latest of each Hijri "month-day" of a table's cell."""
    for part in written.split():
        month, day = part.split("-")
        found = latest(int(month), int(day), today, in_hijri=True)
        if found:
            yield found


def _away(match: re.Match[str], today: datetime.date) -> datetime.timedelta:
    """How far before or after is; a day where it is not said."""
    return today - back(today, *span_of(match)) if match["by"] else datetime.timedelta(days=1)


def _feast(match: re.Match[str], today: datetime.date) -> Day:
    feast = max(_days(value_of("dates", "feast", match["feast"]), today), default=None)
    if feast is None or match["next"] or not (match["led"] or steps(match)):
        return NO_DATE
    if match["earlier"]:
        return feast - _away(match, today)
    if match["later"]:
        return feast + _away(match, today)
    return feast + datetime.timedelta(days=next((days for name, days in _AFTER_THE_DAY.items() if match[name]), 0))


def _season(match: re.Match[str], today: datetime.date) -> Day:
    """Before its first or after its last day: of the latest that has begun, or ended."""
    days = list(_days(value_of("dates", "season", match["feast"]), today))
    if len(days) < 2 or match["next"]:
        return NO_DATE
    return days[0] - _away(match, today) if match["earlier"] else days[1] + _away(match, today)


@cache
def shapes() -> tuple[Shape, ...]:
    """Something must show that the day is meant and not a feast's clothes or a wish for it."""
    names = "|".join(f"(?P<{name}>{word(f'feast_{name}')})" for name in ("eve", "second", "third", "on"))
    sides = f"(?:(?P<earlier>{word('feast_before')})|(?P<later>{word('feast_after')})) "
    by = f"(?P<by> \u0628 ?{count()}{nouns()})?"
    begins = f"{NO_LETTER_BEFORE}\u0648?(?P<date>"
    feast = f"(?P<feast>{word('feast')}){NO_LETTER_AFTER}"
    led = f"(?P<led>{sides}|(?:{names}) (?:\u0645\u0646 )?|[\u0628\u0641](?=\u0627\u0644))?"
    of_feast = f"{led}{feast}{which()}{by}"
    season = f"{sides}(?P<feast>{word('season')}){NO_LETTER_AFTER}{which()}{by}"
    return (
        Shape("feast", re.compile(f"{begins}{of_feast})"), _feast),
        Shape("season", re.compile(f"{begins}{season})"), _season),
    )
