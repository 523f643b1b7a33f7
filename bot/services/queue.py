"""The queue of conversations that wait for a person, from both sides: who waits where, and whom agents should take first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from bot.domain.conversation import Message
from bot.domain.errors import NotAllowed, SessionUnknown
from bot.domain.handoff import Handoff, HandoffState, Outcome, QueueLine, Reason
from bot.domain.names import Kind
from bot.domain.severity import BEGINS_AT, Severity, graver
from bot.domain.shop import Shop
from bot.domain.user import User
from bot.services.chat import PAGE
from bot.services.notices import tell
from bot.services.ports import Clock, Store, Work
from bot.services.words import Words

PRESENT = timedelta(minutes=30)
"""An agent who did nothing for so long is not counted as there: their session is over."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a waiting shopper is told."""

    position: int
    agents: int
    """How many are there and available."""
    hours: str


@dataclass(frozen=True, slots=True)
class News:
    """What a shopper's stream shows when it looks."""

    messages: list[Message]
    """In order, at most PAGE."""
    place: Place | None
    """None for who does not wait for a person."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A line of the agents' queue."""

    line: QueueLine
    urgency: float
    """Minutes, as `Handoff.urgency` counts them."""


class Queue:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._words = words

    def lines(self) -> list[Queued]:
        """Return what waits, the most urgent first and broken promises after people, then what is held."""
        now = self._clock()
        with self._store.read() as work:
            lines = [Queued(line, line.handoff.urgency(now)) for line in work.handoffs.board()]
        return sorted(lines, key=_rank)

    def news(self, conversation_id: str, after: int) -> News | None:
        """Return what follows message number `after`, and the place; None where the conversation has been erased."""
        with self._store.read() as work:
            messages = work.messages.after(conversation_id, after, PAGE)
            if not messages and work.conversations.get(conversation_id) is None:
                return None
            return News(messages, self._place(work, conversation_id))

    def cancel(self, conversation_id: str) -> None:
        """Give up waiting, because the shopper wants to; raise NotAllowed where nobody waits."""
        with self._store.write() as work:
            conversation = work.conversations.locked(conversation_id)
            if conversation is None:
                raise SessionUnknown(f"no conversation {conversation_id}")
            if not leave(work, conversation_id, Outcome.CANCELLED, self._clock()):
                raise NotAllowed(f"conversation {conversation_id} does not wait for anybody", "not_waiting")
            tell(work, conversation, self._words, "wait_cancelled", self._clock())
            work.commit()

    def _place(self, work: Work, conversation_id: str) -> Place | None:
        """Return where a shopper stands who waits for a person and knows it, else None."""
        now = self._clock()
        mine = work.handoffs.open_of(conversation_id)
        if mine is None or not mine.is_announced:
            return None
        waiting = [one for one in work.handoffs.open() if one.state is HandoffState.WAITING and not one.comes_after]
        ahead = sum(one.urgency(now) > mine.urgency(now) for one in waiting)
        return Place(ahead + 1, len(present(work, now)), self._shop.chat_hours)


def _rank(queued: Queued) -> tuple[bool, bool, float]:
    handoff = queued.line.handoff
    return handoff.state is HandoffState.HELD, handoff.comes_after, -queued.urgency


def enter(work: Work, conversation_id: str, reason: Reason, now: datetime) -> Handoff | None:
    """Put a conversation into the queue, or give its place there a graver reason; None where a person holds it already.

    Part of the caller's transaction.
    """
    handoff = work.handoffs.open_of(conversation_id)
    severity = _severity(work, conversation_id)
    if handoff is None:
        handoff = work.handoffs.add(Handoff(conversation_id, reason, now, severity=severity))
    elif handoff.state is HandoffState.HELD:
        return None
    elif not handoff.ask_again(reason, severity):
        return handoff
    publish_waiting(work, handoff, now)
    return handoff


def publish_waiting(work: Work, handoff: Handoff, now: datetime) -> None:
    """Put the event that a conversation waits into the outbox. Part of the caller's transaction."""
    why = {"reason": str(handoff.reason), "severity": str(handoff.severity)}
    work.outbox.add("conversation.waiting", {"conversation": handoff.conversation_id} | why, now)


def leave(work: Work, conversation_id: str, outcome: Outcome, now: datetime) -> bool:
    """End the waiting of a conversation; return whether it waited. Part of the caller's transaction."""
    handoff = work.handoffs.open_of(conversation_id)
    if handoff is None or handoff.state is not HandoffState.WAITING:
        return False
    handoff.end(outcome, now)
    return True


def present(work: Work, now: datetime) -> list[User]:
    """Return the agents who are available and at work."""
    seen = work.users.seen_since(now - PRESENT)
    return [user for user in work.users.all() if user.available and user.id in seen and user.disabled_at is None]


def _severity(work: Work, conversation_id: str) -> Severity:
    """Return how grave the gravest thing is that the conversation is about."""
    complaints = [complaint.severity for complaint in work.complaints.of(conversation_id) if complaint.is_open]
    draft = work.drafts.open_of(conversation_id)
    kind = draft.value("complaint_kind") if draft else None
    begins = BEGINS_AT.get(Kind(kind), Severity.NORMAL) if kind else Severity.NORMAL
    return reduce(graver, complaints, begins)
