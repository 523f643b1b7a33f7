"""A word without what Arabic writes onto its front, for comparing names."""

from functools import lru_cache

from bot.language.rows import rows
from bot.language.spelling import fold

SHORTEST = 3
"""Letters that must remain: fewer, and the "prefix" was part of the word."""


@lru_cache(maxsize=1)
def _prefixes() -> tuple[str, ...]:
    return tuple(sorted((row["prefix"] for row in rows("prefixes")), key=len, reverse=True))


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return the folded word without article and clitic prepositions: the longest prefix that leaves a word."""
    folded = fold(word)
    for prefix in _prefixes():
        if folded.startswith(prefix) and len(folded) - len(prefix) >= SHORTEST:
            return folded[len(prefix) :]
    return folded
