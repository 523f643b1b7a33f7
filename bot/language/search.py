"""The form in which texts are indexed and asked for: folded words without the article and what is glued before it."""

import re

from bot.language.spelling import fold

_WORD = re.compile(r"\w+")
_ARTICLE = re.compile("[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=\\w{3})")
"""Waw or fa, then al-, bal-, kal- or lil-, where a word of three letters or more is left."""


def search_form(text: str) -> str:
    """Return the words of a text with blanks between: two spellings of one word, with or without the article, are equal.

    The same goes for what is stored and what is asked for, so it need not be right about a word, only the same.
    """
    return " ".join(_bare(word) for word in _WORD.findall(fold(text)))


def _bare(word: str) -> str:
    article = _ARTICLE.match(word)
    return word[article.end() :] if article else word
