"""Character classes for regular expressions, taken from Python's own Unicode tables at first use."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

# No assigned character of a letter, mark, number, punctuation or symbol category stands outside these planes
# (tests/language/test_words.py goes through all 1,114,112 code points).
_PLANES = (range(0x00000, 0x40000), range(0xE0000, 0xE1000))


@cache
def _by_category() -> dict[str, list[int]]:
    sorted_out: dict[str, list[int]] = {}
    for plane in _PLANES:
        for code in plane:
            sorted_out.setdefault(unicodedata.category(chr(code))[0], []).append(code)
    return sorted_out


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -2
    for code in sorted(codes):
        if code != last + 1:
            if last >= 0:
                yield first, last
            first = code
        last = code
    if last >= 0:
        yield first, last


def inside_brackets(codes: Iterable[int]) -> str:
    """The code points as the inside of a `[...]`, in ranges, escaped."""
    return "".join(re.escape(chr(a)) if a == b else f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in _runs(codes))


@cache
def of_categories(initials: str, without: str = "", plane: int | None = None) -> str:
    """The inside of a `[...]` for general categories given by their first letters.

    Less the characters `without`; of one `plane` (code points divided by 65,536) alone if it is given.
    """
    left_out = set(map(ord, without))
    return inside_brackets(
        code
        for initial in initials
        for code in _by_category()[initial]
        if code not in left_out and plane in (None, code >> 16)
    )
