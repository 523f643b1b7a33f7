"""Pieces of regular expressions built from the tables, for use on `plain` text."""

import re
from collections.abc import Iterable
from functools import cache

from bot.language.plain import plain
from bot.language.rows import of_kind

# `\b` sees no border between an Arabic letter and a digit; these look at letters alone.
NO_LETTER_BEFORE = r"(?<![^\W\d_])"
NO_LETTER_AFTER = r"(?![^\W\d_])"
NO_DIGIT_BEFORE = r"(?<!\d)(?<!\d[.,])"
NO_DIGIT_AFTER = r"(?![.,]?\d)"


def folded(phrase: str) -> str:
    """A table's phrase as it appears in `plain` text."""
    return plain(phrase).text.strip()


def one_of(phrases: Iterable[str]) -> str:
    """A group that matches any of the phrases, the longest first; no part of it can match nothing."""
    distinct = sorted({folded(phrase) for phrase in phrases} - {""}, key=lambda phrase: (-len(phrase), phrase))
    return f"(?:{'|'.join(map(re.escape, distinct))})"


@cache
def kind(table: str, name: str) -> str:
    """`one_of` the phrases of one kind in a table."""
    return one_of(row["phrase"] for row in of_kind(table, name))


@cache
def values(table: str, name: str) -> dict[str, str]:
    """Folded phrase to value, for one kind in a table."""
    return {folded(row["phrase"]): row["value"] for row in of_kind(table, name)}


def value_of(table: str, name: str, phrase: str) -> str:
    """The value of a phrase that `kind(table, name)` has matched."""
    return values(table, name)[phrase]
