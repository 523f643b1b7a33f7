"""The lemma of a token: what the classifier's features count for it."""

from functools import cache, lru_cache

from bot.language.arabizi import arabic
from bot.language.dialect import canonical
from bot.language.rows import rows
from bot.language.spelling import fold


@cache
def _mixed() -> dict[str, str]:
    return {fold(row["surface"]): canonical(row["canonical"]) for row in rows("codemixed")}


@lru_cache(maxsize=16384)
def lemma(word: str) -> str:
    """Folded, a shop word of any language in Arabic, Latin letters read, dialect words in their shared form.

    May hold spaces: a word with a negation or a pronoun written onto it becomes two or three.
    """
    folded = fold(word)
    if folded in _mixed():
        return _mixed()[folded]
    return canonical(arabic(folded) or folded)
