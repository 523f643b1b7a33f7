"""Whether something at a time that tells no past of its own ("today", "in the morning", "on Friday") has happened.

The words around it tell. Of a wish, a question, a promise or what will be it has not; nor of a habit, as opening hours are.
The nearest verb decides: "I want the order I made on Thursday" is of the past, "I made it and want it on Thursday" is not.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from bot.language.date_shape import word
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, folded, values
from bot.language.rows import of_kind

BEFORE, BEHIND = 8, 2
"""Words on either side in which a verb is looked for."""

_OPENING = 3  # with fewer words before the time than this, the verb may stand behind it
_WORD = re.compile(r"[^\W\d_]+")
_STOPS = re.compile(r"[.!?\n\u061f\u061b]")
_COMMA = re.compile(r"[,:\u060c]")
_CLITICS = "\u0648\u0641"  # and, so
_NOUN = re.compile("[\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644")  # has the article
_SHORTEST = 4


@cache
def _is_of(name: str) -> frozenset[str]:
    return frozenset(values("dates", name))


@cache
def _forms(name: str) -> tuple[tuple[str, str], ...]:
    """Beginning and end of the words of a form."""
    pairs = (row["phrase"].split("\u2026") for row in of_kind("dates", f"{name}_form"))
    return tuple((folded(begins), folded(ends)) for begins, ends in pairs)


def _has_form(name: str, said: str) -> bool:
    if len(said) < _SHORTEST or said in _is_of(f"not_{name}") or _NOUN.match(said):
        return False
    return any(said.startswith(begins) and said.endswith(ends) for begins, ends in _forms(name))


@lru_cache(maxsize=4096)
def _told(said: str) -> bool | None:
    """True of a verb of the past, False of a wish, a question or the future, None of any other word."""
    bare = said[1:] if said[0] in _CLITICS and len(said) > 1 else said
    for name, past in (("once", True), ("ahead", False)):
        if said in _is_of(name) or bare in _is_of(name):
            return past
    forms = (name == "once" for name in ("once", "ahead") for one in (bare, said) if _has_form(name, one))
    return next(forms, None)


def _nearest(said: Sequence[str]) -> bool | None:
    """What the last word that tells anything tells; "was coming" is of the past."""
    for place in reversed(range(len(said))):
        told = _told(said[place])
        if told is False and place and said[place - 1] in _is_of("was") and said[place] not in _is_of("ahead"):
            return True
        if told is not None:
            return told
    return None


@cache
def _habit() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}[\u0648\u0641]?{word('habit')}{NO_LETTER_AFTER}")


def _clauses(before: str, behind: str) -> tuple[str, str]:
    """What of the two stretches belongs to the clause between them."""
    return _COMMA.split(_STOPS.split(before)[-1])[-1], _COMMA.split(_STOPS.split(behind)[0])[0]


def is_habit(before: str, behind: str) -> bool:
    """Whether the clause is of what is always so."""
    return any(_habit().search(part) for part in _clauses(before, behind))


@cache
def _if() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}[\u0648\u0641]?{word('if')}{NO_LETTER_AFTER}")


def is_supposed(before: str) -> bool:
    """Whether the clause that ends there says "if"."""
    return _if().search(_clauses(before, "")[0]) is not None


def happened(before: str, behind: str, *, or_was_promised: bool = False) -> bool:
    """Whether what stands between two stretches of folded text is told as something that was, or was promised for then."""
    if is_habit(before, behind):
        return False
    before, behind = _clauses(before, behind)
    said = _WORD.findall(before)
    if or_was_promised and not _is_of("promised").isdisjoint(said):
        return True
    told = _nearest(said[-BEFORE:])
    if told is None and len(said) < _OPENING:
        told = next((told for told in map(_told, _WORD.findall(behind)[:BEHIND]) if told is not None), None)
    return told is not False
