"""A file that a shopper shows: a photograph, a document or a short video. The file itself lies outside the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes."""

MOST_FILES = 8
"""Files that may wait for one complaint."""

LONGEST_NAME = 120


class Kind(StrEnum):
    IMAGE = "image"
    DOCUMENT = "document"
    VIDEO = "video"


@dataclass(eq=False)
class EvidenceFile:
    """`id` cannot be guessed: it is the file's name on the disk too, whatever the shopper called it."""

    id: str
    conversation_id: str
    name: str
    kind: Kind
    media_type: str
    size: int
    created_at: datetime
    message_seq: int | None = None
    """The message it was sent with; None while the shopper may still take it back."""
    complaint_id: int | None = None
    """The complaint it belongs to; None until one is filed."""

    @property
    def shown(self) -> dict[str, str | int]:
        """What a message says of it."""
        return {"id": self.id, "name": self.name, "kind": str(self.kind), "size": self.size}
