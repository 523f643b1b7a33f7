"""Which part of a complaint a shopper names when they want it changed."""

import re
from functools import cache

from bot.language.rows import rows
from bot.language.spelling import fold


def named_field(text: str) -> str | None:
    """Return the slot whose name stands first in the text, the longest of several at one place; None if none does."""
    match = _names().search(fold(text))
    return _slots()[match[0]] if match else None


@cache
def _slots() -> dict[str, str]:
    return {fold(row["phrase"]): row["slot"] for row in rows("fields")}


@cache
def _names() -> re.Pattern[str]:
    longest = sorted(_slots(), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, longest))})(?![^\W\d_])")
