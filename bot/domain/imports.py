"""What comes in from a file of sentences, line by line, and what becomes of each."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.label import Mark

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
"""Sentences of one import; more are brought in several files."""


class Fate(StrEnum):
    NEW = "new"
    LABELLED = "labelled"
    """Known, and the file's label is news."""
    KNOWN = "known"
    CONFLICT = "conflict"
    """Somebody accepted another label before: that one stays."""
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a line is refused."""

    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    HELD_OUT = "held_out"
    """It is a question models are judged by: whoever learns it by heart proves nothing."""
    MARKS = "marks"
    """Its marks cannot be read, are no entities of the domain, or are not in its text."""
    TWO_LABELS = "two_labels"
    """An earlier line of the same import has another label for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence at its place in a file, counted from 1; an empty label is none."""

    file: str
    number: int
    text: str
    label: str = ""
    marks: tuple[Mark, ...] = ()
    reason: Reason | None = None
    fate: Fate = Fate.NEW
    times: int = 1
    """How often it stands in the import."""
    before: str = ""
    """The label accepted before, where it is another."""


@dataclass(frozen=True, slots=True)
class Import:
    """A whole import as it would be, or was, written."""

    lines: list[Line]
    unknown: Counter[str]
    """Labels that cannot be trained; their sentences come without one."""

    @property
    def fates(self) -> Counter[Fate]:
        return Counter(line.fate for line in self.lines)

    @property
    def merged(self) -> int:
        """How many lines say what an earlier one says."""
        return sum(line.times - 1 for line in self.lines)
