"""Who answers the shopper: a person takes over, passes on, hands back or closes, each in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.conversation import Conversation, Holder, Message, Sender
from bot.domain.draft import DraftState
from bot.domain.errors import ConversationUnknown, HeldByAnother, NotAllowed, UserUnknown
from bot.domain.handoff import UNANSWERED, Handoff, HandoffState, Outcome, Reason
from bot.domain.turn import Turn
from bot.domain.user import Permission, User
from bot.services.ports import Clock, Store, Work
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
            conversation = _locked(work, conversation_id)
            handoff = work.handoffs.open_of(conversation_id)
            if handoff is None:
                handoff = work.handoffs.add(Handoff(conversation_id, Reason.STEPPED_IN, self._clock()))
            with _naming_the_holder(work, handoff):
                is_new = handoff.claim(_id(user), self._clock())
            if is_new:
                self._silence_the_bot(work, conversation)
                self._tell(work, conversation, "agent_joined", user)
                self._publish(work, handoff, user)
                work.commit()
        return is_new

    def give_to(self, conversation_id: str, user: User, other_id: int) -> User:
        """Give a conversation to another: who holds it may, and who may assign. Return who holds it then."""
        user.require(Permission.ANSWER)
        with self._store.write() as work:
            conversation = _locked(work, conversation_id)
            handoff = work.handoffs.open_of(conversation_id)
            if handoff is None:
                handoff = work.handoffs.add(Handoff(conversation_id, Reason.STEPPED_IN, self._clock()))
            self._require_say(work, handoff, user)
            other = work.users.get(other_id)
            if other is None:
                raise UserUnknown(f"no user {other_id}")
            if not other.may(Permission.ANSWER):
                raise NotAllowed(f"{other.login} answers no conversations", "cannot_answer")
            handoff.give_to(other_id, self._clock())
            self._silence_the_bot(work, conversation)
            self._tell(work, conversation, "agent_joined", other)
            self._publish(work, handoff, other)
            work.commit()
        return other

    def hand_back(self, conversation_id: str, user: User) -> None:
        """Give the conversation back to the bot, which goes on with the form as it now is."""
        with self._store.write() as work:
            conversation, handoff = self._held(work, conversation_id, user)
            handoff.end(Outcome.HANDED_BACK, self._clock())
            conversation.holder = Holder.BOT
            has_form = work.drafts.open_of(conversation_id) is not None
            message = self._tell(work, conversation, "handed_back", user, payload=GO_ON if has_form else None)
            if has_form:
                work.turns.add(Turn(conversation_id, message.seq, message.created_at))
            work.commit()

    def close(self, conversation_id: str, user: User) -> None:
        """End what a person had to do; a form that is not finished is put aside, and the shopper is asked how it was."""
        with self._store.write() as work:
            conversation, handoff = self._held(work, conversation_id, user)
            handoff.end(Outcome.CLOSED, self._clock())
            conversation.holder = Holder.BOT
            if draft := work.drafts.open_of(conversation_id):
                for older in work.drafts.paused_of(conversation_id):
                    older.close(DraftState.ABANDONED)
                draft.pause()
            message = self._tell(work, conversation, "closed", user, payload=ASK_FOR_RATING)
            work.turns.add(Turn(conversation_id, message.seq, message.created_at))
            work.commit()

    def return_unanswered(self) -> list[str]:
        """Give shoppers back to the queue whom nobody answered for UNANSWERED; return their conversations."""
        with self._store.read() as work:
            found = work.handoffs.unanswered(self._clock() - UNANSWERED)
        return [conversation_id for conversation_id in found if self._return(conversation_id)]

    def _return(self, conversation_id: str) -> bool:
        with self._store.write() as work:
            conversation = _locked(work, conversation_id)
            handoff = work.handoffs.open_of(conversation_id)
            if handoff is None or conversation_id not in work.handoffs.unanswered(self._clock() - UNANSWERED):
                return False
            handoff.come_back()
            conversation.holder = Holder.BOT
            self._tell(work, conversation, "back_in_queue")
            event = {"conversation": conversation_id, "reason": str(handoff.reason), "severity": str(handoff.severity)}
            work.outbox.add("conversation.waiting", event, self._clock())
            work.commit()
        return True

    def _held(self, work: Work, conversation_id: str, user: User) -> tuple[Conversation, Handoff]:
        user.require(Permission.ANSWER)
        conversation = _locked(work, conversation_id)
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

    def _silence_the_bot(self, work: Work, conversation: Conversation) -> None:
        conversation.holder, conversation.told_kept = Holder.AGENT, False
        turn = work.turns.first_open(conversation.id)
        if turn is not None:
            turn.interrupt()

    def _tell(
        self, work: Work, conversation: Conversation, name: str, user: User | None = None, payload: str | None = None
    ) -> Message:
        text = self._words.notices[name].format(agent=user.name if user else "")
        message = Message(conversation.id, conversation.next_seq(), Sender.SYSTEM, text, self._clock(), payload=payload)
        message.custom = {"notice": name} | ({"agent": user.name} if user else {})
        work.messages.add(message)
        return message

    def _publish(self, work: Work, handoff: Handoff, user: User) -> None:
        event = {"conversation": handoff.conversation_id, "agent": user.login, "reason": str(handoff.reason)}
        work.outbox.add("conversation.taken", event, self._clock())


@contextmanager
def _naming_the_holder(work: Work, handoff: Handoff) -> Iterator[None]:
    """Add the holder's name to a HeldByAnother, so that the loser is told who was quicker."""
    try:
        yield
    except HeldByAnother as error:
        error.held_by = work.users.names().get(handoff.agent_id or 0, "")
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


def _locked(work: Work, conversation_id: str) -> Conversation:
    conversation = work.conversations.locked(conversation_id)
    if conversation is None:
        raise ConversationUnknown(f"no conversation {conversation_id}")
    return conversation


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
