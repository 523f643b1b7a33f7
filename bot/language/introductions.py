"""The name by which a shopper wants to be called, where a message gives it."""

import re
from functools import cache, lru_cache

from bot.language.rows import of_kind
from bot.language.spelling import fold

_LONGEST = 20
_WORD = re.compile(r"[^\W\d_]+")


def introduced_as(text: str) -> str | None:
    """Return the first name after words like "my name is", as it was typed; None where nobody introduces themselves."""
    words = _WORD.findall(text)
    folded = list(map(_folded, words))
    present = set(folded)
    for lead in _leads():
        if present.issuperset(lead):
            for place in range(len(words) - len(lead)):
                if folded[place : place + len(lead)] == lead:
                    return _name(words[place + len(lead) :])
    return None


def _name(words: list[str]) -> str | None:
    if _folded(words[0]) in _no_names():
        return None
    halves = 2 if _folded(words[0]) in _first_halves() and len(words) > 1 else 1
    name = " ".join(words[:halves])
    return name if 1 < len(name) <= _LONGEST else None


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    """Fold a word: the same few thousand make up nearly all that is written."""
    return fold(word)


@cache
def _leads() -> list[list[str]]:
    leads = [fold(row["phrase"]).split() for row in of_kind("introductions", "lead")]
    return sorted(leads, key=len, reverse=True)


@cache
def _no_names() -> frozenset[str]:
    return frozenset(fold(row["phrase"]) for row in of_kind("introductions", "not"))


@cache
def _first_halves() -> frozenset[str]:
    return frozenset(fold(row["phrase"]) for row in of_kind("introductions", "half"))
