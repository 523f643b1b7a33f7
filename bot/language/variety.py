"""Which variety of Arabic a text is written in, guessed from the words that one variety alone has.

The words are those of `tables/dialect.tsv`, put right by `tables/varieties.tsv`.
"""

import re
from collections import Counter
from functools import cache, lru_cache

from bot.language.arabizi import arabic
from bot.language.dialect import without_joined
from bot.language.rows import rows
from bot.language.spelling import fold
from bot.language.words import words

MSA, ARABIZI, FOREIGN, UNMARKED = "msa", "arabizi", "foreign", "unmarked"
DIALECTS = ("gulf", "egyptian", "levantine", "iraqi", "maghrebi")
VARIETIES = (*DIALECTS, MSA, ARABIZI, FOREIGN, UNMARKED)
"""`msa` has words of Modern Standard Arabic and of no dialect; `foreign` is another language; `unmarked` could be any."""

_LATIN = re.compile("[a-z]")


@cache
def _listed() -> dict[str, str]:
    """Folded word to the one variety that has it."""
    found = {fold(row["surface"]): row["variety"] for row in rows("dialect")}
    found |= {row["word"]: row["variety"] for row in rows("varieties")}
    return {word: variety for word, variety in found.items() if variety in DIALECTS or variety == MSA}


@lru_cache(maxsize=32768)
def _of_word(word: str) -> str:
    if word in _listed():
        return _listed()[word]
    return next((_listed()[rest] for rest in without_joined(word) if rest in _listed()), "")


def variety_of(text: str) -> str:
    """Return one of VARIETIES: that of most marked words, a dialect before MSA, whose words all use, then the first.

    Of the held-out questions in Arabic letters two thirds get their own, one in twenty another's, the rest are unmarked.
    """
    spoken = [word.text for word in words(fold(text)) if any(map(str.isalpha, word.text))]
    latin = [word for word in spoken if _LATIN.search(word)]
    if len(latin) * 2 > len(spoken):
        return ARABIZI if any(map(arabic, latin)) else FOREIGN
    votes = Counter(variety for word in spoken if (variety := _of_word(word)))
    standard = votes.pop(MSA, 0)
    if votes and standard <= max(votes.values()):
        return max(votes, key=votes.__getitem__)
    return MSA if standard else UNMARKED
