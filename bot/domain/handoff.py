"""A handoff: a conversation that waits for a person, or that a person holds.

             ┌── given up: the shopper cancels, or leaves a telephone number
    waiting ─┤                       ┌── handed back to the bot
       ▲     └──claim, assign──► held┼── closed
       └──────── not answered ───────┘

While it waits, the bot goes on answering; while it is held, the bot is silent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import HeldByAnother, NotAllowed
from bot.domain.severity import Severity

UNANSWERED = timedelta(minutes=5)
"""A shopper who waits for a word of the person who took over for so long is given back to the queue."""


class HandoffState(StrEnum):
    WAITING = "waiting"
    HELD = "held"
    ENDED = "ended"


class Reason(StrEnum):
    """Why a person is needed; the first two the shopper knows of, and waits."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    ANGRY = "angry"
    ESCALATED = "escalated"
    OVERDUE = "overdue"
    STEPPED_IN = "stepped_in"
    """Nobody asked: a person took over of their own accord."""


class Outcome(StrEnum):
    HANDED_BACK = "handed_back"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CALLBACK = "callback"


ANNOUNCED = frozenset({Reason.ASKED, Reason.NOT_UNDERSTOOD})

MINUTES_FOR = {
    Reason.ASKED: 5,
    Reason.NOT_UNDERSTOOD: 0,
    Reason.ANGRY: 15,
    Reason.ESCALATED: 20,
    Reason.OVERDUE: 20,
    Reason.STEPPED_IN: 0,
    Severity.LOW: 0,
    Severity.NORMAL: 0,
    Severity.HIGH: 15,
    Severity.URGENT: 45,
}
"""Minutes of waiting that a reason and a severity count for: nobody waits for ever behind graver matters."""


@dataclass(eq=False)
class Handoff:
    conversation_id: str
    reason: Reason
    asked_at: datetime
    state: HandoffState = HandoffState.WAITING
    severity: Severity = Severity.NORMAL
    agent_id: int | None = None
    claimed_at: datetime | None = None
    answered_at: datetime | None = None
    """When the person who took over first said something."""
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    returns: int = 0
    """How often it came back to the queue unanswered."""
    version: int = 0
    id: int | None = None

    @property
    def is_announced(self) -> bool:
        """Whether the shopper knows that they wait."""
        return self.state is HandoffState.WAITING and self.reason in ANNOUNCED

    @property
    def comes_after(self) -> bool:
        """Whether nobody sits and waits: a promise was broken, and the shopper may be long gone. Who waits comes first."""
        return self.reason is Reason.OVERDUE

    def urgency(self, now: datetime) -> float:
        """Return minutes: those waited and those its reason and severity count for."""
        waited = (now - self.asked_at).total_seconds() / 60
        return waited + MINUTES_FOR[self.reason] + MINUTES_FOR[self.severity]

    def ask_again(self, reason: Reason, severity: Severity) -> bool:
        """Take a reason that weighs more, or one the shopper knows of; return whether anything changed."""
        before = (self.reason, self.severity)
        known, weightier = reason in ANNOUNCED, MINUTES_FOR[reason] > MINUTES_FOR[self.reason]
        if self.reason not in ANNOUNCED and (known or weightier):
            self.reason = reason
        self.severity = max(self.severity, severity, key=list(Severity).index)
        return (self.reason, self.severity) != before

    def give_to(self, agent_id: int, now: datetime) -> None:
        """Let a person hold it; whoever held it before holds it no longer."""
        self._require_open()
        self.state, self.agent_id, self.claimed_at, self.answered_at = HandoffState.HELD, agent_id, now, None

    def claim(self, agent_id: int, now: datetime) -> bool:
        """Let the first who asks hold it; return whether that is new. Raise HeldByAnother for everybody else."""
        self._require_open()
        if self.state is HandoffState.HELD:
            if self.agent_id != agent_id:
                raise HeldByAnother(f"conversation {self.conversation_id} is held by user {self.agent_id}")
            return False
        self.give_to(agent_id, now)
        return True

    def require_holder(self, agent_id: int) -> None:
        if self.state is not HandoffState.HELD:
            raise NotAllowed(f"nobody holds conversation {self.conversation_id}", "not_held")
        if self.agent_id != agent_id:
            raise HeldByAnother(f"conversation {self.conversation_id} is held by user {self.agent_id}")

    def answer(self, now: datetime) -> None:
        self.answered_at = self.answered_at or now

    def come_back(self) -> None:
        """Wait again, at the place its first asking gives it."""
        self._require_open()
        self.state, self.agent_id, self.claimed_at, self.answered_at = HandoffState.WAITING, None, None, None
        self.reason = Reason.ASKED if self.reason is Reason.STEPPED_IN else self.reason
        self.returns += 1

    def end(self, outcome: Outcome, now: datetime) -> None:
        self._require_open()
        self.state, self.outcome, self.ended_at = HandoffState.ENDED, outcome, now

    def _require_open(self) -> None:
        if self.state is HandoffState.ENDED:
            raise NotAllowed(f"the handoff of conversation {self.conversation_id} has ended", "handoff_ended")


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A handoff that has not ended, with what tells agents whose it is and what it is about."""

    handoff: Handoff
    shopper: str | None
    """The name the shop's server signed."""
    agent: str | None
    last_words: str | None
    """The shopper's newest message."""
    kind: str | None
    """Of the complaint that is being written, else of the newest one filed."""
    number: str | None
    """Of the newest complaint filed in the conversation."""
