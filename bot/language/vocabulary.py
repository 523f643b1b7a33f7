"""Which words of a text are new: in no sentence that is known, in none of their forms."""

import re
from collections.abc import Iterable

from bot.language.lemmas import LONGEST, lemma
from bot.language.spelling import fold
from bot.language.stems import stem
from bot.language.words import words

MOST = 30
"""New words that are named of one text."""
SHORTEST = 2
_ADDRESS = re.compile(r"(?<!\S)\S*?(?:@|://|www\.)\S*")
"""Sought where a word begins alone: from each of its letters on, a long word would take quadratic time."""


def vocabulary_of(texts: Iterable[str]) -> frozenset[str]:
    """Return every form of every word of some texts."""
    return frozenset(form for word in {word for text in texts for word in _words_of(text)} for form in _forms(word))


def new_words(text: str, known: frozenset[str]) -> list[str]:
    """Return the words of a text, folded, in order and each once, of which no form is in the vocabulary `known`.

    Numbers, codes, single letters and addresses are no words.
    """
    found = dict.fromkeys(word for word in _words_of(text) if known.isdisjoint(_forms(word)))
    return list(found)[:MOST]


def _words_of(text: str) -> list[str]:
    text = _ADDRESS.sub(" ", fold(text))
    return [word.text for word in words(text) if word.text.isalpha() and SHORTEST <= len(word.text) <= LONGEST]


def _forms(word: str) -> set[str]:
    """The word as it is, without what is written onto its front, and in the form that all varieties share."""
    return {word, stem(word), lemma(word)}
