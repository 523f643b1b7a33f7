"""What is held of one shopper, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

ERASED = "erased"
"""The channel of a conversation of which nothing is left but the complaints that were kept without their shopper."""

SETTLES = timedelta(hours=1)
"""So long after an erasure others may still write what they were at: what they keep is swept until then."""


class ErasedComplaints(StrEnum):
    """What becomes of an erased shopper's complaints."""

    ANONYMISE = "anonymise"
    """Kind, dates, status and amount stay; what tells who complained goes."""
    DELETE = "delete"


class Rest(StrEnum):
    """What an erasure leaves outside the transaction, to be swept up behind it; a crash between is made good later."""

    FILE = "file"
    """A file that a shopper showed, by its id."""
    TRACKER = "tracker"
    """What Rasa remembers, by the conversation's sender."""
    SENTENCE = "sentence"
    """A line of the training data, by its fingerprint."""
    INDEX = "index"
    """Words that the index of the search has not let go of."""


@dataclass(frozen=True, slots=True)
class Owned:
    """What an erasure is about, looked up before anything is deleted."""

    conversations: list[str]
    complaints: dict[str, int]
    """Number → id."""
    references: list[str]
    """Of requests."""
    utterances: list[int]
    """Said by this shopper alone."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is stored of one shopper."""

    conversations: list[str]
    complaints: list[str] = field(default_factory=list)
    """Their numbers."""
    open_complaints: list[str] = field(default_factory=list)
    """Those the shop still owes something for."""
    counts: dict[str, int] = field(default_factory=dict)
    """Rows by table; tables without any are left out."""
