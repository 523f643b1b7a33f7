"""What an agent does inside a conversation they hold: answers, private notes, changes of the form."""

import re
from dataclasses import dataclass

from bot.domain.conversation import Message, Sender
from bot.domain.desk import Note
from bot.domain.draft import SLOTS, Draft
from bot.domain.errors import ClientIdReused, ConversationUnknown, NotAllowed
from bot.domain.label import FALLBACK
from bot.domain.names import Kind
from bot.domain.shop import Shop
from bot.domain.user import Permission, User
from bot.services.chat import checked
from bot.services.drafts import open_draft
from bot.services.fields import VALIDATE, Unclear
from bot.services.notices import tell
from bot.services.ports import Clock, Store, Work
from bot.services.takeover import locked, require_held_by
from bot.services.words import Words

MENTION = re.compile(r"@([a-z0-9][a-z0-9._-]{1,31})")

WHY = {
    "unclear": "slot_unclear",
    "unreadable": "slot_unreadable",
    "too_short": "slot_too_short",
    "none_found": "slot_no_date",
    "future": "slot_future",
    "too_old": "slot_too_old",
    "impossible": "slot_impossible",
}
"""Why a value will not do → the sentence the agent reads."""


@dataclass(frozen=True, slots=True)
class Said:
    message: Message
    new: bool


class Replies:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._words = words

    def say(self, conversation_id: str, user: User, client_id: str, text: str) -> Said:
        """Answer the shopper; the same `client_id` again changes nothing. Raise HeldByAnother where it is another's turn."""
        text = checked(text)
        with self._store.write() as work:
            conversation = locked(work, conversation_id)
            known = work.messages.by_client_id(conversation_id, client_id)
            if known is not None:
                if known.text != text or known.sender is not Sender.AGENT:
                    raise ClientIdReused("this client_id was used for another message")
                return Said(known, False)
            handoff = require_held_by(work, conversation_id, user)
            now = self._clock()
            message = Message(conversation_id, conversation.next_seq(), Sender.AGENT, text, now, client_id=client_id)
            message.custom = {"agent": user.name}
            work.messages.add(message)
            handoff.answer(now)
            work.commit()
        return Said(message, True)

    def note(self, conversation_id: str, user: User, text: str) -> Note:
        """Keep a note for colleagues; `@login` in it tells that colleague."""
        user.require(Permission.ANSWER)
        text = checked(text)
        assert user.id is not None
        with self._store.write() as work:
            if work.conversations.get(conversation_id) is None:
                raise ConversationUnknown(f"no conversation {conversation_id}")
            named = {login: work.users.by_login(login) for login in MENTION.findall(text.lower())}
            mentioned = sorted({one.id for one in named.values() if one is not None and one.id is not None})
            note = Note(conversation_id, user.id, text, self._clock())
            work.handoffs.add_note(note, mentioned)
            work.commit()
        return note

    def saw_mentions(self, conversation_id: str, user: User) -> None:
        assert user.id is not None
        with self._store.write() as work:
            work.handoffs.saw_mentions(user.id, conversation_id, self._clock())
            work.commit()

    def change(self, conversation_id: str, user: User, slot: str, raw: str) -> Draft:
        """Put a value into the complaint that is being written, and read the change back to the shopper.

        Where none is being written, one begins. Raise NotAllowed, with what is the matter, for a value that will not do.
        """
        typed = checked(raw)
        value = self._valid(slot, typed)
        with self._store.write() as work:
            conversation = locked(work, conversation_id)
            require_held_by(work, conversation_id, user)
            draft = open_draft(work, conversation_id, self._clock())
            if draft.value(slot) == value:
                return draft
            draft.put(slot, value, typed)
            if slot == "complaint_kind":
                self._correct(work, conversation_id, value)
            read_back = {"label": self._words.slots[slot], "value": self._words.shown(slot, value)}
            tell(
                work, conversation, self._words, "agent_changed", self._clock(), values=read_back, agent=user.name, slot=slot
            )
            work.commit()
        return draft

    def _correct(self, work: Work, conversation_id: str, kind: str) -> None:
        """An agent who corrects the kind says what the shopper's newest complaint in words means."""
        for utterance in reversed(work.labels.of_conversation(conversation_id)):
            if utterance.intent in set(Kind) or utterance.intent == FALLBACK:
                utterance.suggest(kind)
                return

    def _valid(self, slot: str, typed: str) -> str:
        if slot not in SLOTS:
            raise NotAllowed(f"the complaint has no slot {slot}", "slot_unknown")
        try:
            return VALIDATE[slot](typed, self._shop, self._clock().astimezone(self._shop.zone).date())
        except Unclear as unclear:
            raise NotAllowed(f"{slot} takes no such value: {unclear.reason}", WHY[unclear.reason]) from None
