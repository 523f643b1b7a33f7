"""Dialect words as the one form that stands for them in the classifier's features (`tables/dialect.tsv`).

A word that is not listed is tried as a listed one with something written onto it: the two halves of a negation, the
letters of the progressive and the future before a verb, the article, prepositions and "and" before a noun, pronouns
behind either. The progressive is dropped; the others are written onto the shared form again, but a negation becomes a
word of its own. Every rule asks for a listed word.
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
def _all(pos: str) -> frozenset[str]:
    """The listed words of a part of speech."""
    return frozenset(fold(row["surface"]) for row in rows("dialect") if row["pos"] == pos)


def possessive(word: str) -> bool:
    """Whether a folded word says whose something is, which some varieties put between a thing and what it is for."""
    return word in _all("possession")


@cache
def _written(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((row["written"], row["listed"]) for row in of_kind("dialect_clitics", kind))


def _before(word: str, kind: str) -> Iterator[tuple[str, str]]:
    """What may be written onto the front, and the word without it."""
    for written, listed in _written(kind):
        if word.startswith(written) and len(word) - len(written) >= SHORTEST:
            yield written, listed + word[len(written) :]


def without_joined(word: str) -> Iterator[str]:
    """What is left of a folded word without the article, a preposition or "and" on its front, for each that may be there."""
    yield from (rest for _, rest in _before(word, "joined"))


def _behind(word: str, kind: str) -> Iterator[tuple[str, str]]:
    """The word without what may be written onto its end, and that."""
    for written, listed in _written(kind):
        if word.endswith(written) and len(word) - len(written) >= SHORTEST:
            yield word[: -len(written)] + listed, written


def _bound(word: str, pronoun: str) -> str:
    """The word with a pronoun written onto it."""
    for end, inner in _written("bound"):
        if word.endswith(end):
            return word[: -len(end)] + inner + pronoun
    return word + pronoun


def _plain_verb(word: str) -> str | None:
    """A listed verb form, its ending in any spelling."""
    forms = [word, *(form for form, _ in _behind(word, "ending"))]
    if word.startswith(tuple(letter for letter, _ in _written("second"))):
        forms += [form for form, _ in _behind(word, "feminine")]
    return next((_listed()[form] for form in forms if form in _all("verb")), None)


def _present(word: str) -> str | None:
    """A verb with the progressive or future on its front."""
    persons = tuple(letter for letter, _ in _written("present"))
    for _, rest in _before(word, "progressive"):
        if rest.startswith(persons) and (verb := _plain_verb(rest)):
            return verb
    return next((verb for _, rest in _before(word, "first") if (verb := _plain_verb(rest))), None)


def _verb(word: str) -> str | None:
    """A verb in any of its forms, with an object behind it or without."""
    if verb := _plain_verb(word) or _present(word):
        return verb
    for rest, pronoun in _behind(word, "object"):
        if verb := _plain_verb(rest) or _present(rest):
            return _bound(verb, pronoun)
    return None


def _denied(word: str) -> str | None:
    """The two halves of a negation around a verb, or the second alone, which denies as well in Palestine."""
    (ma, _), (me, _), (sh, _) = _written("ma")[0], _written("me")[0], _written("sh")[0]
    if not word.endswith(sh) or len(word) <= SHORTEST + 1:
        return None
    if word.startswith(ma):
        return f"{ma} {_read(word[len(ma) : -len(sh)])}"
    verb = (word.startswith(me) and _verb(word[len(me) : -len(sh)])) or _verb(word[: -len(sh)])
    return f"{ma} {verb}" if verb else None


def _noun(word: str) -> str | None:
    """A listed word, or a noun with a pronoun behind it."""
    if word in _listed():
        return _listed()[word]
    for rest, pronoun in (*_behind(word, "possessor"), *_behind(word, "object")):
        for form in (rest, *(form for form, _ in _behind(rest, "marbuta"))):
            if form in _all("noun"):
                return _bound(_listed()[form], pronoun)
    return None


def _takes_article(word: str) -> bool:
    return word not in _listed() or word in _all("noun") or word in _all("adjective")


def _joined(word: str) -> str | None:
    """A listed word with the article, a preposition or "and" on its front; the article stands before no verb."""
    for front, rest in _before(word, "joined"):
        if (len(front) == 1 or _takes_article(rest)) and (noun := _noun(rest)):
            return front + noun
    for front, rest in _before(word, "and"):
        if verb := _verb(rest) or _denied(rest):
            return front + verb
    return None


def _read(word: str) -> str:
    """The word by the first rule that fits, whatever the rules would say of the outcome."""
    if word in _listed():
        return _listed()[word]
    if not SHORTEST < len(word) <= LONGEST:
        return word
    return _denied(word) or _verb(word) or _noun(word) or _joined(word) or word


@lru_cache(maxsize=32768)
def _one(word: str) -> str:
    """The outcome if it is final; a word whose outcome would be read again as something else is left alone."""
    outcome = _read(word)
    final = fold(outcome) == outcome and all(_read(part) == part for part in outcome.split())
    return outcome if final else word


def canonical(word: str) -> str:
    """The form of a word that all varieties share, folded; an unknown word is only folded. Several words one by one."""
    return " ".join(_one(part) if len(part) <= LONGEST else part for part in fold(word).split(" "))
