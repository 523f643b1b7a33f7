"""Names of products and sellers, found where the sentence speaks of one.

A list alone reads a watch into every hour and a product into every box. A conditional random field over the words, their
neighbours and what the lists say of them (Lafferty et al., 2001) learns from the marked examples where a listed word is
meant, and finds names that are in no list. With too few marked examples to learn from, every listed word is a name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import spacy
from sklearn_crfsuite import CRF
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from bot.language.dialect import possessive
from bot.language.lemmas import lemma
from bot.language.spelling import fold
from bot.language.stems import stem

OUTSIDE, BEGIN, INSIDE = "O", "B-", "I-"
ENOUGH = 100
"""Marked names from which the field is trained."""
WIDE, NEAR = 2, 1
"""Neighbours on either side whose lemma, and whose spelling too, is looked at."""

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """A name: the words `start` to `end` (exclusive), and the entity it is."""

    entity: str
    start: int
    end: int


class Lists:
    """Listed names, compared without prefixes, spelling and the article, by spaCy's phrase matcher over given words."""

    def __init__(self, names: dict[str, list[Phrase]]) -> None:
        self.names = names
        self._spacy: Language = spacy.blank("ar")
        self._matcher = PhraseMatcher(self._spacy.vocab)
        for entity, phrases in names.items():
            self._matcher.add(entity, [Doc(self._spacy.vocab, words=phrase) for phrase in phrases])

    def __getstate__(self) -> dict[str, list[Phrase]]:
        return self.names

    def __setstate__(self, names: dict[str, list[Phrase]]) -> None:
        self.__init__(names)  # type: ignore[misc]

    def find(self, stems: Sequence[str]) -> list[Span]:
        """Return the longest listed names among a message's stems, none overlapping another.

        A possessive inside a name is read over: "the machine of the coffee" is the coffee machine.
        """
        kept = [at for at, word in enumerate(stems) if not possessive(word)]
        spans = filter_spans(self._matcher(Doc(self._spacy.vocab, words=[stems[at] for at in kept]), as_spans=True))
        places = [Span(span.label_, kept[span.start], kept[span.end - 1] + 1) for span in spans]
        return sorted(places, key=lambda span: span.start)


@dataclass
class Names:
    """Finds names; `field` is None where there was too little to learn from."""

    lists: Lists
    field: CRF | None = field(default=None)

    def find(self, words: Sequence[str]) -> list[Span]:
        """Return the names among a message's words, in order."""
        listed = self.lists.find(stems_of(words))
        if self.field is None or not words:
            return listed
        return spans_of(self.field.predict_single(describe(words, listed)))


def learn(examples: Iterable[tuple[list[str], list[Span]]], lists: Lists, marked_lists: Lists) -> Names:
    """Learn from messages and the names marked in them; with few marks, `marked_lists` (the lists with every marked name)
    is all that is known."""
    examples = list(examples)
    if sum(len(spans) for _, spans in examples) < ENOUGH:
        return Names(marked_lists)
    crf = CRF(algorithm="lbfgs", c1=0.05, c2=0.05, max_iterations=60)
    described = [describe(words, lists.find(stems_of(words))) for words, _ in examples]
    crf.fit(described, [tags_of(spans, len(words)) for words, spans in examples])
    return Names(lists, crf)


def stems_of(words: Iterable[str]) -> list[str]:
    """Return words as names are compared; one of which nothing is left (tatweel alone) stays: spaCy takes no empty word."""
    return [stem(word) or word for word in words]


def describe(words: Sequence[str], listed: Sequence[Span]) -> list[list[str]]:
    """Return what the field sees of each word: itself, its neighbours, and what the lists say of both."""
    spelled = [_spelled(word) for word in words]
    shared = [lemma(word) for word in words]
    known = tags_of(listed, len(words))
    return [_own(spelled, shared, known, at) + _around(spelled, shared, known, at) for at in range(len(words))]


@lru_cache(maxsize=32768)
def _spelled(word: str) -> tuple[str, str]:
    return fold(word), stem(word) or word


def _own(spelled: list[tuple[str, str]], shared: list[str], known: list[str], at: int) -> list[str]:
    folded, bare = spelled[at]
    before = shared[at - 1] if at else ""
    earlier = shared[at - 2] if at > 1 else ""
    after = shared[at + 1] if at + 1 < len(shared) else ""
    return [
        "bias", f"first={folded[:1]}", f"last={folded[-1:]}", f"head={folded[:3]}", f"tail={folded[-3:]}",
        f"latin={folded.isascii()}", f"letters={folded.isalpha()}", f"length={min(len(folded), 8)}",
        f"prefix={folded[: max(0, len(folded) - len(bare))]}",
        f"between={before}|{after}", f"behind={before}|{known[at]}", f"behind two={earlier}|{before}",
    ]  # fmt: skip


def _around(spelled: list[tuple[str, str]], shared: list[str], known: list[str], at: int) -> list[str]:
    seen = []
    for step in range(-WIDE, WIDE + 1):
        place = at + step
        if not 0 <= place < len(shared):
            seen.append(f"{step} outside")
            continue
        seen += [f"{step} lemma={shared[place]}", f"{step} listed={known[place]}"]
        if abs(step) <= NEAR:
            folded, bare = spelled[place]
            seen += [f"{step} stem={bare}", f"{step} head={folded[:2]}", f"{step} tail={folded[-2:]}"]
    return seen


def tags_of(spans: Iterable[Span], length: int) -> list[str]:
    """Return one tag a word: begin, inside or outside of a name."""
    tags = [OUTSIDE] * length
    for span in spans:
        tags[span.start : span.end] = [INSIDE + span.entity] * (span.end - span.start)
        tags[span.start] = BEGIN + span.entity
    return tags


def spans_of(tags: Sequence[str]) -> list[Span]:
    """Return the names that tags spell out; an inside without its begin begins one."""
    spans: list[Span] = []
    for at, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        entity = tag[len(BEGIN) :]
        if tag.startswith(INSIDE) and spans and spans[-1].end == at and spans[-1].entity == entity:
            spans[-1] = Span(entity, spans[-1].start, at + 1)
        else:
            spans.append(Span(entity, at, at + 1))
    return spans
