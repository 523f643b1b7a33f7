"""Conversations from the shopper's side: open one, say something in it, read it again."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass

from bot import failpoints
from bot.domain.conversation import MAX_TEXT, Conversation, Message, Reading, Sender
from bot.domain.errors import ChoiceUnknown, ClientIdReused, NotText, SessionUnknown, TextEmpty, TextTooLong
from bot.domain.turn import Job
from bot.language.spelling import clean, fold
from bot.services.evidence import FILES_PAYLOAD, send
from bot.services.jobs import owe
from bot.services.ports import Clock, Store, Work

PAGE = 200
"""Messages read at once."""

CHOICE_ID = re.compile(r"[\w-]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a client sends: typed `text`, the id of an offered `choice`, or the ids of `files` it has uploaded."""

    client_id: str
    text: str | None = None
    choice: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    conversation_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Kept:
    message: Message
    new: bool
    """False where it had been kept before."""
    job: Job | None = None
    """The message's turn, claimed."""


class Chat:
    def __init__(self, store: Store, clock: Clock, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret.encode()

    def open(self, channel: str) -> Session:
        """Begin a conversation; its token is shown this once and stored only as a hash."""
        token = secrets.token_urlsafe(32)
        with self._store.write() as work:
            conversation = self._new(work, channel, secrets.token_hex(16), token)
            work.commit()
        return Session(conversation.id, token)

    def access(self, token: str) -> str:
        """Return the id of the conversation this token opens."""
        with self._store.read() as work:
            conversation = work.conversations.by_token(_hash(token))
        if conversation is None:
            raise SessionUnknown("no conversation has this session token")
        return conversation.id

    def named(self, channel: str, name: str) -> str | None:
        """Return the conversation of a sender that the client names itself, None before the first message.

        The id is a keyed hash of both, so that no name reaches a conversation of another channel.
        """
        conversation_id = self._key(f"{channel}:{name}")
        with self._store.read() as work:
            return conversation_id if work.conversations.get(conversation_id) else None

    def open_named(self, channel: str, name: str) -> str:
        """Begin the conversation of such a sender, unless somebody was quicker; return its id."""
        conversation_id = self._key(f"{channel}:{name}")
        with self._store.write() as work:
            self._new(work, channel, conversation_id, secrets.token_urlsafe(32))
            work.commit()
        return conversation_id

    def access_sender(self, sender_key: str, channel: str) -> str:
        """Return the conversation Rasa knows as `sender_key`; one begun in Rasa itself (`rasa shell`) is opened."""
        with self._store.read() as work:
            conversation = work.conversations.by_sender_key(sender_key)
        if conversation:
            return conversation.id
        with self._store.write() as work:
            conversation = self._new(work, channel, secrets.token_hex(16), secrets.token_urlsafe(32), sender_key)
            work.commit()
        return conversation.id

    def receive(self, conversation_id: str, incoming: Incoming) -> tuple[Message, bool]:
        """Keep what the shopper said, as `keep` does; return the message and whether it is new."""
        kept = self.keep(conversation_id, incoming)
        return kept.message, kept.new

    def keep(self, conversation_id: str, incoming: Incoming, *, claims: bool = False) -> Kept:
        """Store what the shopper said and the turn it calls for; `claims` is for who will run that turn at once.

        The same `client_id` with the same content changes nothing and returns the first message again.
        """
        text = None if incoming.text is None else checked(incoming.text)
        with self._store.write() as work:
            conversation = work.conversations.locked(conversation_id)
            if conversation is None:
                raise SessionUnknown(f"no conversation {conversation_id}")
            known = work.messages.by_client_id(conversation_id, incoming.client_id)
            if incoming.files:
                if known is not None:
                    return Kept(_same_files(known, incoming.files), new=False)
                message = self._add_files(work, conversation, incoming)
            else:
                text, payload = self._resolve(work, conversation_id, text, incoming.choice)
                if known is not None:
                    return Kept(_same(known, text, payload, tapped=incoming.choice is not None), new=False)
                message = self._add(work, conversation, incoming.client_id, text, payload)
            job = owe(work, conversation, message, self._clock(), claims=claims)
            failpoints.here("message.before_commit")
            work.commit()
        return Kept(message, new=True, job=job)

    def history(self, conversation_id: str, after: int = 0) -> list[Message]:
        """Return at most PAGE messages that follow number `after`, in order."""
        with self._store.read() as work:
            return work.messages.after(conversation_id, after, PAGE)

    def get_to_know(self, conversation_id: str, known: dict[str, str]) -> None:
        """Keep what the shop's page says of this shopper; a later word replaces an earlier one."""
        with self._store.write() as work:
            conversation = work.conversations.locked(conversation_id)
            if conversation is None:
                raise SessionUnknown(f"no conversation {conversation_id}")
            conversation.learn(known)
            work.commit()

    def known(self, conversation_id: str) -> dict[str, str]:
        """Return what the shop's page has said of this shopper: see `Conversation.known`."""
        with self._store.read() as work:
            conversation = work.conversations.get(conversation_id)
        return conversation.known if conversation else {}

    def last_reading(self, conversation_id: str) -> tuple[str, Reading] | None:
        """Return the shopper's newest message that was answered, and how the NLU read it."""
        with self._store.read() as work:
            return work.messages.last_reading(conversation_id)

    def undelivered(self, conversation_id: str) -> list[Message]:
        """Return what the shopper has not been answered yet over a channel without a stream, once."""
        with self._store.write() as work:
            conversation = work.conversations.locked(conversation_id)
            if conversation is None:
                raise SessionUnknown(f"no conversation {conversation_id}")
            messages = work.messages.after(conversation_id, conversation.delivered_seq, PAGE)
            if messages:
                conversation.delivered_seq = messages[-1].seq
            work.commit()
        return [message for message in messages if message.sender is not Sender.SHOPPER]

    def _add(self, work: Work, conversation: Conversation, client_id: str, text: str, payload: str | None) -> Message:
        message = Message(
            conversation.id,
            conversation.next_seq(),
            Sender.SHOPPER,
            text,
            self._clock(),
            client_id=client_id,
            payload=payload,
        )
        work.messages.add(message)
        return message

    def _add_files(self, work: Work, conversation: Conversation, incoming: Incoming) -> Message:
        files = send(work, conversation.id, incoming.files, conversation.last_seq + 1)
        names = "\n".join(file.name for file in files)
        message = self._add(work, conversation, incoming.client_id, names, FILES_PAYLOAD)
        message.custom = {"files": [file.shown for file in files]}
        return message

    def _resolve(self, work: Work, conversation_id: str, text: str | None, choice_id: str | None) -> tuple[str, str | None]:
        """Return what is shown and what Rasa gets; typed text that repeats an offered title is that choice."""
        if choice_id is not None:
            choice = work.messages.offered(conversation_id, choice_id) if CHOICE_ID.fullmatch(choice_id) else None
            if choice is None:
                raise ChoiceUnknown("this choice was not offered in this conversation")
            return choice.title, choice.payload
        if text is None:
            raise TextEmpty("a message needs a text or a choice")
        offered = {fold(choice.title): choice.payload for choice in work.messages.last_offered(conversation_id)}
        return text, offered.get(fold(text))

    def _new(
        self, work: Work, channel: str, conversation_id: str, token: str, sender_key: str | None = None
    ) -> Conversation:
        sender_key = sender_key or self._key(f"sender:{conversation_id}")
        return work.conversations.add(Conversation(conversation_id, channel, sender_key, _hash(token), self._clock()))

    def _key(self, text: str) -> str:
        return hmac.new(self._secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def checked(text: str) -> str:
    """Return the text in its stored form; refuse what is empty, too long or not text at all."""
    if len(text) > MAX_TEXT:
        raise TextTooLong(f"a message has at most {MAX_TEXT} characters, this one has {len(text)}")
    if _is_binary(text):
        raise NotText("this is not text: most of its characters are control characters")
    cleaned = clean(text)
    if not cleaned:
        raise TextEmpty("nothing is left of this message without its invisible characters")
    return cleaned


def _is_binary(text: str) -> bool:
    """Whether more than a third are controls, surrogates or unassigned: a file, not a sentence."""
    odd = sum(unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co") and char not in "\t\n\r" for char in text)
    return odd * 3 > len(text)


def _same(known: Message, text: str, payload: str | None, *, tapped: bool) -> Message:
    if known.text != text or (tapped and known.payload != payload):
        raise ClientIdReused("this client_id was used for another message")
    return known


def _same_files(known: Message, files: tuple[str, ...]) -> Message:
    if [file["id"] for file in known.custom.get("files", ())] != list(dict.fromkeys(files)):
        raise ClientIdReused("this client_id was used for another message")
    return known


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
