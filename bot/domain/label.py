"""What analysts work on: distinct utterances of shoppers, how the model read them, and what they really mean.

Utterances are the same when they are equal after folding. A label is an intent, `faq/<topic>` for a question of the help
centre, or one of the two that take an utterance out of training: see LabelState.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import unified_diff
from enum import StrEnum
from typing import Any

from bot.domain.errors import LabelledMeanwhile

UNSURE = 0.5
"""A reading below this is looked at first."""

MOST_OF_ONE = 3
"""Sentences of a label that one conversation alone may bring into the training data: nobody teaches the bot by insisting."""

FALLBACK = "nlu_fallback"


class LabelState(StrEnum):
    NEW = "new"
    ACCEPTED = "accepted"
    """It has a label and goes into the training data."""
    OUT_OF_SCOPE = "out_of_scope"
    """Nothing the bot should understand; it is trained as such."""
    IGNORED = "ignored"
    """Neither trained nor shown again: noise, or private."""


def hash_of(folded: str) -> str:
    """Return what an utterance is found by: a text itself may be too long for an index."""
    return hashlib.sha1(folded.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


@dataclass(eq=False)
class Utterance:
    folded: str
    text: str
    """As it was said first."""
    intent: str
    confidence: float
    model: str
    """How which model read it last."""
    first_seen: datetime
    last_seen: datetime
    ranking: list[dict[str, Any]] = field(default_factory=list)
    count: int = 1
    """Conversations that said it: nobody brings a line to the head of the inbox by repeating it."""
    priority: int = 0
    suggestion: str | None = None
    """What an agent's correction, or the button after "did you mean", says it means."""
    badly_rated: bool = False
    """Said in a conversation that its shopper rated low."""
    state: LabelState = LabelState.NEW
    label: str | None = None
    entities: list[dict[str, Any]] = field(default_factory=list)
    """`{start, end, entity}` in `text`, as an analyst marked them."""
    labelled_by: int | None = None
    labelled_at: datetime | None = None
    variety: str | None = None
    """The variety of Arabic it seems to be in; None where it was said before that was looked at."""
    version: int = 0
    id: int | None = None
    folded_hash: str = ""

    def __post_init__(self) -> None:
        self.folded_hash = hash_of(self.folded)
        self.weigh()

    def seen_again(
        self, intent: str, confidence: float, ranking: list[dict[str, Any]], model: str, at: datetime, *, counts: bool = True
    ) -> None:
        """Note how it was read now; it `counts` where another conversation said it."""
        self.count += counts
        self.intent, self.confidence, self.ranking, self.model, self.last_seen = intent, confidence, ranking, model, at
        self.weigh()

    def suggest(self, label: str) -> None:
        self.suggestion = label
        self.weigh()

    def rated_badly(self) -> None:
        self.badly_rated = True
        self.weigh()

    def weigh(self) -> None:
        """Set how soon it should be looked at: corrected by somebody, not understood, unsure or badly rated, the rest."""
        if self.suggestion is not None and self.suggestion != self.intent:
            self.priority = 3
        elif self.intent == FALLBACK:
            self.priority = 2
        else:
            self.priority = int(self.confidence < UNSURE or self.badly_rated)

    @property
    def example(self) -> "Example":
        """What it teaches, as it was said; it needs a label."""
        assert self.label is not None
        return Example(self.label, self.text, tuple(Mark(**mark) for mark in self.entities))

    def decide(
        self, state: LabelState, label: str | None, entities: list[dict[str, Any]], by: int, at: datetime, version: int
    ) -> None:
        """Label it; raise LabelledMeanwhile where somebody else has since `version` was looked at."""
        if version != self.version:
            raise LabelledMeanwhile(f"utterance {self.id} was labelled meanwhile", self.label or str(self.state))
        self.state, self.label, self.entities = state, label, entities
        self.labelled_by, self.labelled_at = by, at
        self.version += 1


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An entity in a text."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to train with: its label, its text, the entities marked in it."""

    label: str
    text: str
    marks: tuple[Mark, ...] = ()


def measured(accepted: Iterable[tuple[Example, str | None]]) -> list[Example]:
    """Return what may be trained with: of what one conversation alone said, MOST_OF_ONE of each label, the first ones.

    Beside each example stands that conversation; None where others said it, too, or it came in a file.
    """
    taken: Counter[tuple[str, str]] = Counter()
    kept = []
    for example, conversation in accepted:
        if conversation is not None:
            taken[conversation, example.label] += 1
        if conversation is None or taken[conversation, example.label] <= MOST_OF_ONE:
            kept.append(example)
    return kept


@dataclass(frozen=True, slots=True)
class Change:
    """What writing the training data would do to one file; `after` is None where the file goes away."""

    name: str
    before: str
    after: str | None

    @property
    def diff(self) -> str:
        lines = unified_diff(self.before.splitlines(), (self.after or "").splitlines(), self.name, self.name, lineterm="")
        return "\n".join(lines)


class Look(StrEnum):
    """Why an utterance should be looked at before others."""

    FIRST = "first"
    """Any of the reasons."""
    CORRECTED = "corrected"
    """Somebody's choice says it means something else."""
    NOT_UNDERSTOOD = "not_understood"
    UNSURE = "unsure"
    BADLY_RATED = "badly_rated"


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Empty asks for everything; `text` is folded."""

    state: LabelState | None = LabelState.NEW
    intent: str = ""
    label: str = ""
    text: str = ""
    look: Look | None = None
    since: datetime | None = None
    """Said then or later."""
    variety: str = ""


@dataclass(eq=False)
class Decision:
    """One decision about an utterance, kept for ever: who, what, and what it was before."""

    utterance_id: int
    user_id: int
    at: datetime
    state: LabelState
    label: str | None
    entities: list[dict[str, Any]]
    before: dict[str, Any]
    """`state`, `label` and `entities` as they were."""
    undone: bool = False
    id: int | None = None
