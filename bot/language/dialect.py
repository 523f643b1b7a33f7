"""Dialect words as the one form that stands for them in the classifier's features (`tables/dialect.tsv`).

A word that is not listed is tried as a listed one with something written onto it: the two halves of a negation, the
letters of the progressive and the future before a verb, the article, prepositions and "and" before a noun, pronouns
behind either. What carries meaning (the negation, the preposition, the pronoun) stays as a word of its own, so one word
may become two or three. Every rule asks for a listed word, and was kept because it helped: bot/decisions has the figures.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from bot.language.rows import of_kind, rows
from bot.language.spelling import fold

LONGEST = 24
"""Letters of the longest word that is looked into; a longer one stays as it is."""
SHORTEST = 3
"""Letters that must remain when something is taken off a word."""


@cache
def _listed() -> dict[str, str]:
    return {fold(row["surface"]): fold(row["canonical"]) for row in rows("dialect")}


@cache
def _verbs() -> frozenset[str]:
    return frozenset(fold(row["surface"]) for row in rows("dialect") if row["pos"] == "verb")


@cache
def _written(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((row["written"], row["listed"]) for row in of_kind("dialect_clitics", kind))


def _before(word: str, kind: str) -> Iterator[tuple[str, str]]:
    """What may be written onto the front, and the word without it."""
    for written, listed in _written(kind):
        if word.startswith(written) and len(word) - len(written) >= SHORTEST:
            yield written, listed + word[len(written) :]


def _behind(word: str, kind: str) -> Iterator[tuple[str, str]]:
    """The word without what may be written onto its end, and that."""
    for written, listed in _written(kind):
        if word.endswith(written) and len(word) - len(written) >= SHORTEST:
            yield word[: -len(written)] + listed, written


def _plain_verb(word: str) -> str | None:
    """A listed verb form, its ending in any spelling."""
    for form in (word, *(form for form, _ in _behind(word, "ending"))):
        if form in _verbs():
            return _listed()[form]
    return None


def _present(word: str) -> str | None:
    """A verb with the progressive or future on its front."""
    persons = tuple(letter for letter, _ in _written("present"))
    for _, rest in _before(word, "progressive"):
        if rest.startswith(persons) and (verb := _plain_verb(rest)):
            return verb
    return next((verb for _, rest in _before(word, "first") if (verb := _plain_verb(rest))), None)


def _verb(word: str) -> str | None:
    """A verb in any of its forms, an object behind it as a word of its own."""
    if verb := _plain_verb(word) or _present(word):
        return verb
    for rest, pronoun in _behind(word, "object"):
        if verb := _plain_verb(rest) or _present(rest):
            return f"{verb} {pronoun}"
    return None


def _denied(word: str) -> str | None:
    """The two halves of a negation around a verb, or the second alone."""
    (ma, _), (me, _), (sh, _) = _written("ma")[0], _written("me")[0], _written("sh")[0]
    if not word.endswith(sh) or len(word) <= SHORTEST + 1:
        return None
    if word.startswith(ma):
        return f"{ma} {_one(word[len(ma) : -len(sh)])}"
    if word.startswith(me) and (verb := _verb(word[len(me) : -len(sh)])):
        return f"{ma} {verb}"
    return _verb(word[: -len(sh)])


def _noun(word: str) -> str | None:
    """A listed word that is no verb, with a pronoun behind it or without."""
    if word in _listed():
        return _listed()[word]
    for rest, pronoun in _behind(word, "object"):
        for form in (rest, *(form for form, _ in _behind(rest, "marbuta"))):
            if form in _listed() and form not in _verbs():
                return f"{_listed()[form]} {pronoun}"
    return None


def _joined(word: str) -> str | None:
    """A listed word with the article, a preposition or "and" on its front."""
    for front, rest in _before(word, "joined"):
        if noun := _noun(rest):
            return f"{front} {noun}"
    for front, rest in _before(word, "and"):
        if verb := _verb(rest) or _denied(rest):
            return f"{front} {verb}"
    return None


@lru_cache(maxsize=16384)
def _one(word: str) -> str:
    if word in _listed():
        return _listed()[word]
    if not SHORTEST < len(word) <= LONGEST:
        return word
    return _denied(word) or _verb(word) or _noun(word) or _joined(word) or word


def canonical(word: str) -> str:
    """The form of a word that all varieties share, folded; an unknown word is only folded. Several words one by one."""
    return " ".join(map(_one, fold(word).split(" ")))
