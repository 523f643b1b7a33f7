"""Tells when something was bought from the other dates of a message: calls, promises, deliveries."""

import datetime
import re
from functools import cache

from bot.language.dates import find_dates
from bot.language.found import Found
from bot.language.rows import rows
from bot.language.spelling import fold

REACH = 45
"""Characters between the word for buying and its date, which what was bought may stand in."""


@cache
def _bought() -> re.Pattern[str]:
    phrases = sorted((fold(row["phrase"]) for row in rows("buying")), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, phrases))})(?![^\W\d_])")


def bought_on(text: str, today: datetime.date) -> Found | None:
    """Return the first date that follows a word for buying or ordering in the same breath, None if there is none."""
    for found in find_dates(text, today):
        before = fold(text[max(0, found.start - REACH) : found.start])
        if _bought().search(re.split(r"[.!?\n\u061f]", before)[-1]):
            return found
    return None
