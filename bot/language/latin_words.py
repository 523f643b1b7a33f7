"""The Arabic words of a text that are typed in Latin letters, as the words they are: for what is found by Arabic tables."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from bot.language.arabizi import arabic
from bot.language.phrases import folded, values
from bot.language.plain import Plain, plain
from bot.language.rows import rows

_THE = "\u0627\u0644"
_ARTICLE = re.compile(r"[aei]l[ -]?")
_WORD = re.compile(r"(?<![\w@.])(?:[aei]l[ -])?[a-z2-9]*[a-z][a-z0-9]*(?![\w@.])")
_ENGLISH = re.compile(r"(?!3am)\d+(?:st|nd|rd|th|am|pm|k)")
_TABLES = ("dates", "months", "numbers")


@cache
def _own_words() -> frozenset[str]:
    """Latin words that the tables know as they are typed."""
    phrases = (folded(row["phrase"]) for table in _TABLES for row in rows(table) if row["kind"] != "latin")
    return frozenset(word for phrase in phrases if phrase.isascii() for word in phrase.split())


def _known(word: str) -> str | None:
    known = values("dates", "latin").get(word)
    return folded(known) if known else None


def _arabic(word: str) -> str | None:
    """The word, which may have its article, in Arabic letters; None where it is none."""
    joined = word.replace(" ", "").replace("-", "")
    article = _ARTICLE.match(word)
    bare = word[article.end() :] if article and len(word) > article.end() + 1 else word
    if joined in _own_words() or bare in _own_words() or _ENGLISH.fullmatch(word):
        return None
    if known := _known(joined):
        return known
    read = _known(bare) or arabic(bare)
    return read if read is None or bare == word or read.startswith(_THE) else _THE + read


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(text):
        read = _arabic(match[0])
        if read:
            yield match.start(), match.end(), read


@lru_cache(maxsize=32)
def in_arabic(text: str) -> Plain:
    """The folded text with its Arabizi in Arabic letters, "el a7ad" as one word; English, French and brands stay."""
    typed = plain(text)
    pieces = list(_pieces(typed.text))
    return typed.replaced(pieces) if pieces else typed
