"""What gateways tell one another about a conversation; nothing of what is said in it."""

from dataclasses import dataclass
from enum import StrEnum


class SignalKind(StrEnum):
    WAKE = "wake"
    """There is something new to read."""
    TYPING = "typing"
    """`who` began or stopped writing."""
    LOOKING = "looking"
    """`names` look at it through the sender; with `asks` it wants to hear who does elsewhere."""


@dataclass(frozen=True, slots=True)
class Signal:
    kind: SignalKind
    topic: str
    """The conversation's id, or what else streams listen to."""
    who: str = ""
    on: bool = False
    names: tuple[str, ...] = ()
    asks: bool = False
    sender: str = ""
    """The gateway it comes from."""
