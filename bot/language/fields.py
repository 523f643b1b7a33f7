"""What a shopper calls by its name: a part of the complaint to be changed, a way the shop was reached."""

import re
from functools import cache

from bot.language.rows import rows
from bot.language.spelling import fold


def named_field(text: str) -> str | None:
    """Return the slot whose name stands first in the text, the longest of several at one place; None if none does."""
    return _first_named("fields", "slot", text)


def named_channel(text: str) -> str | None:
    """Return phone, email, visit or social, whichever is named first; None if none is."""
    return _first_named("channels", "channel", text)


def told_contact(text: str) -> str | None:
    """Return the channel of a contact that the text tells of ("I called them and they said …"), None if it tells of none."""
    words = fold(text).split()
    told = next((row for row in rows("channels") if row["says"] == "contacted" and fold(row["phrase"]) in words), None)
    if told is None:
        return None
    verbs = {fold(row["phrase"]) for row in rows("channels") if row["says"] == "contacted"}
    return named_channel(" ".join(word for word in words if word not in verbs)) or told["channel"]


def _first_named(table: str, column: str, text: str) -> str | None:
    match = _names(table, column).search(fold(text))
    return _meanings(table, column)[match[0]] if match else None


@cache
def _meanings(table: str, column: str) -> dict[str, str]:
    return {fold(row["phrase"]): row[column] for row in rows(table)}


@cache
def _names(table: str, column: str) -> re.Pattern[str]:
    longest = sorted(_meanings(table, column), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, longest))})(?![^\W\d_])")
