"""The state of the training data: what is missing, what contradicts itself, and what is likely labelled wrongly."""

from collections import Counter
from dataclasses import dataclass, replace

SURE = 0.8
"""From this probability on, another label than the one a sentence has is worth a look."""
CONFUSED = 3
"""Sentences that have to be taken for the other label before a pair is named."""


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """A sentence of the training data, without its annotations, and the label it stands under."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Misread:
    """A sentence that a model which had not seen it takes for another label."""

    sentence: Sentence
    guess: str
    sure: float


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two sentences of one label with nearly all words in common: the second teaches nothing."""

    sentence: Sentence
    other: Sentence

    @property
    def both(self) -> tuple[Sentence, Sentence]:
        return self.sentence, self.other


@dataclass(frozen=True, slots=True)
class Confused:
    label: str
    guess: str
    count: int


@dataclass(frozen=True, slots=True)
class Health:
    """Each list is sorted by what should be mended first."""

    made_at: str
    """UTC, ISO 8601."""
    sources: str
    """Hash of the files it was made from."""
    sentences: int
    too_few: list[tuple[str, int]]
    """Labels with their sentences, where these are fewer than TOO_FEW."""
    contradictions: list[list[Sentence]]
    """The same sentence, after folding, under several labels."""
    misread: list[Misread]
    look_alikes: list[LookAlike]
    missing_varieties: list[tuple[str, list[str]]]
    entities: dict[str, int]
    """How often each entity is marked; 0 where one has no value."""

    @property
    def mislabelled(self) -> list[Misread]:
        """What is likely labelled wrongly: the model is sure of another label."""
        return [one for one in self.misread if one.sure >= SURE]

    @property
    def confused(self) -> list[Confused]:
        """Pairs of labels that are taken for each other, the most frequent first."""
        pairs = Counter((one.sentence.label, one.guess) for one in self.misread)
        return [Confused(*pair, count) for pair, count in pairs.most_common() if count >= CONFUSED]

    def without(self, mended: Sentence) -> "Health":
        """Return it as it is once a sentence was mended; the counts stay those of when it was made."""
        others = [[one for one in group if one != mended] for group in self.contradictions]
        return replace(
            self,
            contradictions=[group for group in others if len(group) > 1],
            misread=[one for one in self.misread if one.sentence != mended],
            look_alikes=[one for one in self.look_alikes if mended not in one.both],
        )
