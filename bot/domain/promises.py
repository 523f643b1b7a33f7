"""What Shakwa promises to keep whatever happens, and what clients remember so that it can be checked."""

from dataclasses import dataclass
from datetime import timedelta

OUTBOX_MAY_WAIT = timedelta(seconds=120)
"""An event of the outbox is done within this time."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message whose sender was told that it is stored."""

    client_id: str
    text: str | None
    """What it says, None for a button whose title the client was not told."""
    seq: int | None = None
    """Its number, where the channel says it."""
