"""A message in clauses: cut at marks that end one, and before words that begin something further.

The words are in `tables/connectives.tsv`; a clause keeps the one it begins with. What is left of a cut is often no
sentence ("and?", "please!"): such a piece stays with its neighbour.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, one_of
from bot.language.plain import plain
from bot.language.rows import rows

FEWEST_WORDS = 3
"""Words of the shortest clause."""

Span = tuple[int, int]

_ENDS = ".,;!?\u060c\u061b\u061f\u06d4\u2026\n\r\u2028\u2029"
_ADDRESS = r"(?:https?://|www\.)[^\s\u060c\u061b\u061f]*[\w/=]"
# A mark between two figures or Latin letters is within a number, a date, a time or an e-mail address.
_WITHIN = r"(?<=[0-9A-Za-z\u0660-\u0669\u06f0-\u06f9])[.,;!?\u060c](?=[0-9A-Za-z\u0660-\u0669\u06f0-\u06f9])"
_MARKS = re.compile(f"{_ADDRESS}|{_WITHIN}|(?P<end>[{_ENDS}])")
_WORD = re.compile(r"[^\W_]+")


@cache
def _connective() -> re.Pattern[str]:
    return re.compile(NO_LETTER_BEFORE + one_of(row["phrase"] for row in rows("connectives")) + NO_LETTER_AFTER)


def clause_spans(text: str) -> list[Span]:
    """Return where the clauses of a text begin and end, white space around them left out."""
    pieces = [(start, end) for start, end in pairwise(_cuts(text)) if start < end]
    return [_trimmed(text, span) for span in _joined(text, pieces) if _words(text, span)]


def _cuts(text: str) -> list[int]:
    seen = plain(text)
    behind_marks = {mark.end() for mark in _MARKS.finditer(text) if mark["end"]}
    before_words = {seen.starts[found.start()] for found in _connective().finditer(seen.text)}
    return sorted({0, len(text)} | behind_marks | before_words)


def _joined(text: str, pieces: Iterable[Span]) -> list[Span]:
    """Join a piece of too few words to the one before it, the first to the one behind it."""
    joined: list[Span] = []
    sizes: list[int] = []
    for start, end in pieces:
        size = _words(text, (start, end))
        if joined and min(size, sizes[-1] if len(joined) == 1 else size) < FEWEST_WORDS:
            joined[-1], sizes[-1] = (joined[-1][0], end), sizes[-1] + size
        else:
            joined.append((start, end))
            sizes.append(size)
    return joined


def _words(text: str, span: Span) -> int:
    return len(_WORD.findall(text, *span))


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
