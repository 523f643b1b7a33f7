"""Finding a table's phrases word by word: a tree of words, so that thousands of phrases cost no more than a few.

A phrase may name other phrases: `{money}` in one stands for any phrase of the kind `money`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from bot.language.plain import Plain, plain
from bot.language.rows import Row, rows

_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|[.!?;,\u060c\u061b\u061f]")
_PIECE = re.compile(r"\{\w+\}|[^\W\d_]+(?:'[a-z]+)?")
_AND_SO, _AS_IN_TO = "\u0648\u0641", "\u0628\u0644\u0643"  # the clitics a word may begin with, in this order
_LONGEST = 9  # words of a phrase, at most
_TO_THE = "\u0644\u0644"


@dataclass(slots=True)
class _Node:
    next: dict[str, "_Node"] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase of the table in a text: words `first` to `last`, the characters `start` to `end` of the plain text."""

    kind: str
    value: str
    first: int
    last: int
    start: int
    end: int


class Token(NamedTuple):
    """A word of a plain text, or a mark that ends a clause."""

    text: str
    start: int
    end: int


def tokens(text: Plain) -> list[Token]:
    """The words of a plain text and the marks that end its clauses; `it's` is one word."""
    return [Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text.text)]


def _plant(root: _Node, row: Row) -> None:
    node = root
    for token in _PIECE.findall(plain(row["phrase"]).text):
        if token[0] == "{" and token not in node.slots:
            node.slots.append(token)
        node = node.next.setdefault(token, _Node())
    node.rows.append(row)


@cache
def _tree(table: str, kinds: tuple[str, ...]) -> _Node:
    root = _Node()
    for row in rows(table):
        if row["kind"] in kinds:
            _plant(root, row)
    return root


@cache
def _first_words(table: str, kinds: tuple[str, ...]) -> frozenset[str]:
    root = _tree(table, kinds)
    of_slots = (_first_words(table, (slot[1:-1],)) for slot in root.slots)
    return frozenset(root.next).union(*of_slots)


def _endings(table: str, node: _Node, texts: list[str], place: int) -> Iterator[tuple[int, Row]]:
    """Where phrases that begin at the node and at the place end, each with its row."""
    for row in node.rows:
        yield place, row
    if place == len(texts):
        return
    if texts[place] in node.next:
        yield from _endings(table, node.next[texts[place]], texts, place + 1)
    for slot in node.slots:
        for behind, _ in _endings(table, _tree(table, (slot[1:-1],)), texts, place):
            yield from _endings(table, node.next[slot], texts, behind)


def _without_clitics(word: str) -> Iterator[str]:
    """The word, then what is left of it if its first letters are clitics."""
    yield word
    rest = word[1:] if word[0] in _AND_SO else word
    if rest is not word:
        yield rest
    if rest.startswith(_TO_THE):
        yield rest[2:]
    if rest[:1] and rest[0] in _AS_IN_TO:
        yield rest[1:]


@lru_cache(maxsize=4096)
def _beginnings(table: str, kinds: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The forms of a word with which a phrase begins."""
    firsts = _first_words(table, kinds)
    return tuple(form for form in _without_clitics(word) if form in firsts)


def _longest(table: str, kinds: tuple[str, ...], texts: list[str], place: int) -> tuple[int, int, Row] | None:
    """The longest phrase at the place: where it ends, how many letters of clitics were left out, its row."""
    best = None
    for form in _beginnings(table, kinds, texts[place]):
        for behind, row in _endings(table, _tree(table, kinds), [form, *texts[place + 1 : place + _LONGEST]], 0):
            if best is None or place + behind > best[0]:
                best = (place + behind, len(texts[place]) - len(form), row)
    return best


def spoken(table: str, words: list[Token], kinds: tuple[str, ...]) -> list[Spoken]:
    """The table's phrases of some kinds among a text's words, the longest first from the left, none over another."""
    found, place = [], 0
    texts = [word.text for word in words]
    while place < len(words):
        best = _longest(table, kinds, texts, place)
        if best is None:
            place += 1
            continue
        behind, skipped, row = best
        start = words[place].start + skipped
        found.append(Spoken(row["kind"], row["value"], place, behind - 1, start, words[behind - 1].end))
        place = behind
    return found
