"""A conversation and its messages: who said what, in which order."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_TEXT = 2_000
"""Characters in a message; a longer text would hold Rasa's event loop for everybody else."""


class Sender(StrEnum):
    SHOPPER = "shopper"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Holder(StrEnum):
    """Who answers the shopper now."""

    BOT = "bot"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Button:
    """What a reply offers; `payload` is for Rasa alone and never leaves the server."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble as the engine answers it."""

    text: str
    buttons: tuple[Button, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecidingWord:
    """A word that spoke for the intent a text was taken for; the shares of all such words come to one."""

    text: str
    share: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How the NLU read a message: `ranking` and `entities` as Rasa gives them, `model` the model's file name."""

    intent: str
    confidence: float
    ranking: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    model: str
    taken_as: str = ""
    """The intent the dialogue went on with, where the question just asked decided otherwise."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that was offered in one conversation, under the id the client knows."""

    id: str
    conversation_id: str
    message_seq: int
    title: str
    payload: str


@dataclass(eq=False)
class Conversation:
    id: str
    channel: str
    sender_key: str
    token_hash: str
    created_at: datetime
    holder: Holder = Holder.BOT
    version: int = 0
    last_seq: int = 0
    delivered_seq: int = 0
    """Up to where a client without a stream (the REST form) has been answered."""
    told_kept: bool = False
    """Whether the shopper was told, in this outage, that their message is kept."""
    known: dict[str, str] = field(default_factory=dict)
    """What the shop's page says: `order_number`, `product`; and what its server signed: `customer`, `name`, `contact`."""
    customer: str | None = None
    """Who the shop's server says it is: the same in all conversations of one shopper."""

    def learn(self, known: dict[str, str]) -> None:
        """Keep what the page says; a later word replaces an earlier one."""
        self.known = self.known | known
        self.customer = self.known.get("customer", "")[:128] or None

    def next_seq(self) -> int:
        self.last_seq += 1
        return self.last_seq


@dataclass(eq=False)
class Message:
    conversation_id: str
    seq: int
    sender: Sender
    text: str
    created_at: datetime
    client_id: str | None = None
    payload: str | None = None
    """What a tapped button means to Rasa; None for typed text."""
    turn_id: int | None = None
    part: int | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    """As the client sees them: `{"id": …, "title": …}`."""
    custom: dict[str, Any] = field(default_factory=dict)
    id: int | None = None
