"""A turn: one message of the shopper that the bot owes an answer to.

pending ──claim──► running ──finish──► done
   ▲                  │ fail (engine down, or tries left), or an agent took over while it ran
   └──────────────────┤
                      ├──fail (tries used up)──► failed
                      └──read, while an agent holds the conversation──► suppressed
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from bot.domain.conversation import Reading, Reply
from bot.domain.errors import StaleTurn

LEASE = timedelta(seconds=18)
"""A turn may take 15 s; three more, and whoever runs it is taken for dead and another takes over within 20 s."""
BEYOND = 2 * LEASE
"""No lease and no pause reaches that far: what does was set by a clock that has been put back since, and has passed."""
TRIES = 5
"""How often a message is tried that reaches the engine and fails there; an unreachable engine does not count."""
LONGEST_PAUSE = 15


class TurnState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class TurnRef:
    """A claim on a turn: only its holder may write the turn's results."""

    turn_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Job:
    """What the engine is asked in one turn; `payload` is a tapped button's meaning, None for typed text."""

    claim: TurnRef
    conversation_id: str
    sender_key: str
    text: str
    payload: str | None
    form: dict[str, Any] | None
    """The open draft that Rasa's slots mirror: `draft_id`, `values`, `skipped` and the slot `asked` last."""
    silent: bool = False
    """A person holds the conversation: the message is read, and not answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    replies: list[Reply]
    reading: Reading


@dataclass(eq=False)
class Turn:
    conversation_id: str
    message_seq: int
    created_at: datetime
    state: TurnState = TurnState.PENDING
    epoch: int = 0
    tries: int = 0
    pauses: int = 0
    not_before: datetime | None = None
    lease_until: datetime | None = None
    id: int | None = None

    @classmethod
    def claimed(cls, conversation_id: str, message_seq: int, now: datetime) -> Self:
        """Return a new turn that is run at once by who makes it."""
        return cls(conversation_id, message_seq, now, TurnState.RUNNING, epoch=1, lease_until=now + LEASE)

    def claimable(self, now: datetime) -> bool:
        if self.state is TurnState.PENDING:
            return self.not_before is None or _has_passed(self.not_before, now)
        return self.state is TurnState.RUNNING and self.lease_until is not None and _has_passed(self.lease_until, now)

    def claim(self, now: datetime) -> TurnRef:
        self.state = TurnState.RUNNING
        self.epoch += 1
        self.lease_until = now + LEASE
        assert self.id is not None
        return TurnRef(self.id, self.epoch)

    def require(self, claim: TurnRef) -> None:
        """Raise StaleTurn unless `claim` is the one that runs this turn now."""
        if self.state is not TurnState.RUNNING or self.epoch != claim.epoch:
            raise StaleTurn(f"turn {claim.turn_id} is {self.state} at epoch {self.epoch}, not {claim.epoch}")

    def finish(self) -> None:
        self.state, self.lease_until = TurnState.DONE, None

    def suppress(self) -> None:
        self.state, self.lease_until = TurnState.SUPPRESSED, None

    def interrupt(self) -> None:
        """Drop what a running turn will bring, because a person has taken over: it is read once more, in silence."""
        if self.state is TurnState.RUNNING:
            self.state, self.lease_until, self.not_before = TurnState.PENDING, None, None
            self.epoch += 1

    def put_back(self, now: datetime, *, reached: bool) -> None:
        """Try again after a pause that doubles; give up after TRIES failures inside a reachable engine."""
        self.tries += reached
        self.pauses += 1
        self.lease_until = None
        self.not_before = now + timedelta(seconds=min(2 ** (self.pauses - 1), LONGEST_PAUSE))
        self.state = TurnState.FAILED if self.tries >= TRIES else TurnState.PENDING


def _has_passed(moment: datetime, now: datetime) -> bool:
    return not now < moment <= now + BEYOND
