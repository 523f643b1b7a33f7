"""Folded text that knows where each of its characters stood in the original.

`plain` is the one folding of this package (`spelling.fold` is built on it), and every finder that reads words
works on a `Plain`: the regular expressions see one spelling, the results point into the shopper's own text.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.language.found import Found
from bot.language.rows import rows

# Only letters: 1000 must not become 10, and "!!!" is kept as typed.
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class Plain:
    """`text[i]` came from `original[starts[i]:ends[i]]`."""

    original: str
    text: str
    starts: list[int]
    ends: list[int]

    def found(self, start: int, end: int, value: str) -> Found:
        """The stretch `[start:end]` of this text as a stretch of the original."""
        first, last = self.starts[start], self.ends[end - 1]
        return Found(first, last, self.original[first:last], value)

    def over(self, below: "Plain") -> "Plain":
        """This text, whose original is `below.text`, as one whose original is that of `below`."""
        starts = [below.starts[place] for place in self.starts]
        return Plain(below.original, self.text, starts, [below.ends[place - 1] for place in self.ends])

    def replaced(self, pieces: Iterable[tuple[int, int, str]]) -> "Plain":
        """This text with `(start, end, new)` put in; the pieces come in order and do not overlap."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in pieces:
            texts += [self.text[done:start], new]
            starts += self.starts[done:start] + [self.starts[start]] * len(new)
            ends += self.ends[done:start] + [self.ends[end - 1]] * len(new)
            done = end
        texts.append(self.text[done:])
        return Plain(self.original, "".join(texts), starts + self.starts[done:], ends + self.ends[done:])


@cache
def _letters() -> dict[str, str]:
    return {row["from"]: row["to"] for row in rows("letters")}


def _folded(char: str) -> str:
    letters = _letters()
    if char in letters or unicodedata.category(char) == "No":  # a half or a circled one is no digit
        return letters.get(char, char)
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).lower())
    kept = (letters.get(part, part) for part in parts if part.isspace() or not _is_dropped(part))
    return unicodedata.normalize("NFKC", "".join(map(_digit_or_space, kept)))


def _is_dropped(char: str) -> bool:
    """Marks, controls, invisible characters; not what Python's Unicode is too old to know, as the riyal's sign."""
    category = unicodedata.category(char)
    return category[0] == "M" or category in ("Cc", "Cf", "Cs")


def _digit_or_space(char: str) -> str:
    if char.isspace():
        return " "
    return str(unicodedata.decimal(char, char)) if char else char


class _Folds(dict[str, str]):
    """Character to folded characters, filled as characters are met."""

    def __missing__(self, char: str) -> str:
        self[char] = folded = _folded(char)
        return folded


_FOLDS = _Folds()


def _each_character(text: str) -> Plain:
    parts = list(map(_FOLDS.__getitem__, text))
    folded_text, places = "".join(parts), range(len(text))
    if len(folded_text) == len(text) and "" not in parts:  # one for one, as nearly every text is
        return Plain(text, folded_text, list(places), [place + 1 for place in places])
    starts: list[int] = []
    ends: list[int] = []
    for place, folded in enumerate(parts):
        if len(folded) == 1:
            starts.append(place)
            ends.append(place + 1)
        elif folded:
            starts += [place] * len(folded)
            ends += [place + 1] * len(folded)
        elif ends:
            ends[-1] = place + 1
    return Plain(text, folded_text, starts, ends)


@lru_cache(maxsize=32)
def plain(text: str) -> Plain:
    """Fold letter by letter: marks, tatweel and invisible characters dropped, white space and stretches shortened."""
    folded = _each_character(text)
    for pattern in (_SPACES, _STRETCHED):
        if pattern.search(folded.text):
            folded = folded.replaced((m.start(), m.end(), m[0][0]) for m in pattern.finditer(folded.text))
    return folded
