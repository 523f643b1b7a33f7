"""What a shopper may ask for beside a complaint: to be called, a question to a seller, a person, a word of praise."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class RequestKind(StrEnum):
    CALLBACK = "callback"
    SELLER_QUESTION = "seller_question"
    SECURITY_REPORT = "security_report"
    RATING = "rating"
    PRAISE = "praise"
    HUMAN = "human"


PREFIXES = {
    RequestKind.CALLBACK: "CB",
    RequestKind.SELLER_QUESTION: "SQ",
    RequestKind.SECURITY_REPORT: "SR",
    RequestKind.RATING: "RT",
    RequestKind.PRAISE: "PR",
    RequestKind.HUMAN: "HU",
}


@dataclass(eq=False)
class Request:
    reference: str
    """As the shopper is told it; it opens nothing, so it may be short."""
    conversation_id: str
    kind: RequestKind
    created_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    turn_id: int | None = None
    """The turn that made it: run again, it finds it and makes none."""
    id: int | None = None


def shown_reference(kind: RequestKind, digits: str) -> str:
    """Group 8 digits for reading out: `CB-4821-7730`."""
    return f"{PREFIXES[kind]}-{digits[:4]}-{digits[4:]}"
