"""The lemma of a token: what the classifier's features count for it."""

from functools import cache, lru_cache

from bot.language.arabizi import arabic
from bot.language.dialect import canonical
from bot.language.rows import rows
from bot.language.spelling import fold

LONGEST = 40
"""Characters of the longest token that is remembered; a longer one is no word anyway."""


@cache
def _shop_words() -> dict[str, str]:
    return {fold(row["surface"]): canonical(row["canonical"]) for row in rows("codemixed")}


def _lemma(word: str) -> str:
    folded = fold(word)
    if folded in _shop_words():
        return _shop_words()[folded]
    shared = canonical(arabic(folded) or folded)
    return _shop_words().get(shared, shared)


_remembered = lru_cache(maxsize=32768)(_lemma)


def lemma(word: str) -> str:
    """The token folded, a shop word of any language in Arabic, Latin letters read, dialect in the shared form.

    May hold a space: a word with a negation written onto it becomes two.
    """
    return _remembered(word) if len(word) <= LONGEST else _lemma(word)
