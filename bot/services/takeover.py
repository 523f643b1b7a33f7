"""Who answers the shopper: a person takes over, passes on, hands back or closes, each in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.conversation import Conversation, Holder, Message
from bot.domain.errors import ConversationUnknown, HeldByAnother, NotAllowed, UserUnknown
from bot.domain.handoff import UNANSWERED, Handoff, HandoffState, Outcome, Reason
from bot.domain.turn import Turn
from bot.domain.user import Permission, User
from bot.services.drafts import put_aside
from bot.services.notices import tell
from bot.services.ports import Clock, Store, Work
from bot.services.queue import publish_waiting
from bot.services.words import Words

GO_ON = '/file_complaint{"task": "resume"}'
"""What brings the bot back to the form where an agent left it."""

ASK_FOR_RATING = '/add_details{"task": "rate"}'


class Takeover:
    def __init__(self, store: Store, clock: Clock, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._words = words

    def claim(self, conversation_id: str, user: User) -> bool:
        """Take a conversation over; return whether that is new. The first wins: raise HeldByAnother, with whose it is.

        The bot is silent from this commit on: a turn that runs is interrupted, and what it brings is dropped.
        """
        user.require(Permission.ANSWER)
        with self._store.write() as work:
            conversation = locked(work, conversation_id)
            handoff = self._open(work, conversation_id)
            with _naming_the_holder(work, handoff):
                is_new = handoff.claim(_id(user), self._clock())
            if is_new:
                self._let_answer(work, conversation, handoff, user)
                work.commit()
        return is_new

    def give_to(self, conversation_id: str, user: User, other_id: int) -> User:
        """Give a conversation to another: who holds it may, and who may assign. Return who holds it then."""
        user.require(Permission.ANSWER)
        with self._store.write() as work:
            conversation = locked(work, conversation_id)
            handoff = self._open(work, conversation_id)
            self._require_say(work, handoff, user)
            other = work.users.get(other_id)
            if other is None:
                raise UserUnknown(f"no user {other_id}")
            if not other.may(Permission.ANSWER):
                raise NotAllowed(f"{other.login} answers no conversations", "cannot_answer")
            handoff.give_to(other_id, self._clock())
            self._let_answer(work, conversation, handoff, other)
            work.commit()
        return other

    def hand_back(self, conversation_id: str, user: User) -> None:
        """Give the conversation back to the bot, which goes on with the form as it now is."""
        with self._store.write() as work:
            conversation, handoff = self._held(work, conversation_id, user)
            handoff.end(Outcome.HANDED_BACK, self._clock())
            conversation.holder = Holder.BOT
            has_form = work.drafts.open_of(conversation_id) is not None
            message = self._notice(work, conversation, "handed_back", user, GO_ON if has_form else None)
            if has_form:
                work.turns.add(Turn(conversation_id, message.seq, message.created_at))
            work.commit()

    def close(self, conversation_id: str, user: User) -> None:
        """End what a person had to do; a form that is not finished is put aside, and the shopper is asked how it was."""
        with self._store.write() as work:
            conversation, handoff = self._held(work, conversation_id, user)
            handoff.end(Outcome.CLOSED, self._clock())
            conversation.holder = Holder.BOT
            put_aside(work, conversation_id)
            message = self._notice(work, conversation, "closed", user, ASK_FOR_RATING)
            work.turns.add(Turn(conversation_id, message.seq, message.created_at))
            work.commit()

    def return_unanswered(self) -> list[str]:
        """Give shoppers back to the queue whom nobody answered for UNANSWERED; return their conversations."""
        with self._store.read() as work:
            found = work.handoffs.unanswered(self._clock() - UNANSWERED)
        return [conversation_id for conversation_id in found if self._return(conversation_id)]

    def _return(self, conversation_id: str) -> bool:
        with self._store.write() as work:
            conversation = locked(work, conversation_id)
            handoff = work.handoffs.open_of(conversation_id)
            if handoff is None or conversation_id not in work.handoffs.unanswered(self._clock() - UNANSWERED):
                return False
            handoff.come_back()
            conversation.holder = Holder.BOT
            tell(work, conversation, self._words, "back_in_queue", self._clock())
            publish_waiting(work, handoff, self._clock())
            work.commit()
        return True

    def _held(self, work: Work, conversation_id: str, user: User) -> tuple[Conversation, Handoff]:
        user.require(Permission.ANSWER)
        conversation = locked(work, conversation_id)
        handoff = work.handoffs.open_of(conversation_id)
        if handoff is None or handoff.state is not HandoffState.HELD:
            raise NotAllowed(f"nobody holds conversation {conversation_id}", "not_held")
        self._require_say(work, handoff, user)
        return conversation, handoff

    def _require_say(self, work: Work, handoff: Handoff, user: User) -> None:
        """Raise unless the user holds the conversation, or may decide for others."""
        if user.may(Permission.ASSIGN):
            return
        with _naming_the_holder(work, handoff):
            handoff.require_holder(_id(user))

    def _open(self, work: Work, conversation_id: str) -> Handoff:
        """Return the conversation's handoff; where nobody asked for one, it begins now."""
        handoff = work.handoffs.open_of(conversation_id)
        return handoff or work.handoffs.add(Handoff(conversation_id, Reason.STEPPED_IN, self._clock()))

    def _let_answer(self, work: Work, conversation: Conversation, handoff: Handoff, user: User) -> None:
        """Silence the bot, a turn that runs too, and tell the shopper and whoever listens who answers now."""
        conversation.holder, conversation.told_kept = Holder.AGENT, False
        turn = work.turns.first_open(conversation.id)
        if turn is not None:
            turn.interrupt()
        self._notice(work, conversation, "agent_joined", user)
        event = {"conversation": conversation.id, "agent": user.login, "reason": str(handoff.reason)}
        work.outbox.add("conversation.taken", event, self._clock())

    def _notice(self, work: Work, conversation: Conversation, name: str, user: User, payload: str | None = None) -> Message:
        return tell(work, conversation, self._words, name, self._clock(), payload=payload, agent=user.name)


@contextmanager
def _naming_the_holder(work: Work, handoff: Handoff) -> Iterator[None]:
    """Add the holder's name to a HeldByAnother, so that the loser is told who was quicker."""
    try:
        yield
    except HeldByAnother as error:
        holder = work.users.get(handoff.agent_id) if handoff.agent_id is not None else None
        error.held_by = holder.name if holder else ""
        raise


def require_held_by(work: Work, conversation_id: str, user: User) -> Handoff:
    """Return the handoff that this user holds; raise NotAllowed or HeldByAnother."""
    user.require(Permission.ANSWER)
    handoff = work.handoffs.open_of(conversation_id)
    if handoff is None:
        raise NotAllowed(f"nobody holds conversation {conversation_id}", "not_held")
    with _naming_the_holder(work, handoff):
        handoff.require_holder(_id(user))
    return handoff


def locked(work: Work, conversation_id: str) -> Conversation:
    """Return a conversation, held against every other writer; raise ConversationUnknown."""
    conversation = work.conversations.locked(conversation_id)
    if conversation is None:
        raise ConversationUnknown(f"no conversation {conversation_id}")
    return conversation


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
