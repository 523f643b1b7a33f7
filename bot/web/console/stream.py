"""What the console hears: the queue as it changes, mentions, and the conversation it looks at, line by line."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette.event import JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from bot.domain.audit import Action
from bot.domain.errors import ConversationUnknown, ShakwaError
from bot.domain.user import Permission, User
from bot.services.audit import Audit
from bot.services.chat import Chat
from bot.services.dossier import Dossiers
from bot.services.queue import Queue
from bot.services.users import Users
from bot.services.words import Words
from bot.web.console import shown
from bot.web.console.door import Door
from bot.web.console.presence import Presence
from bot.web.guards import Places
from bot.web.streams import Hub, Listener, changes, event_stream

LOOK_SECONDS = 1.0
"""How often the queue is looked at; a conversation is looked at when it is woken."""
DOOR_SECONDS = 4.0
"""How often it is checked that the user is still signed in: a stream ends at most so long after a sign-out."""
STREAMS_OF_USER = 20
"""A colleague's open windows."""
LATE_READINGS = 20
"""Messages back from the newest in which a reading may still appear: it comes after its message."""


@dataclass
class Sent:
    """What a stream has sent already."""

    seq: int
    read: int = 0
    """All readings up to this message were sent."""
    told: dict[str, Any] = field(default_factory=dict)
    """Event → what it said last: the same is not said again."""

    def news(self, event: str, what: Any, about: int | None = None) -> list[ServerSentEvent]:
        """Return the event unless it was the last one of its kind, and about the same."""
        key = f"{event} {about}"
        if self.told.get(key) == what:
            return []
        self.told[key] = what
        return [JSONServerSentEvent(what, event=event)]


class Board:
    """The queue as all consoles of this gateway see it: looked up once a moment, however many look."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._until = 0.0
        self._lines: list[dict[str, Any]] = []

    def lines(self) -> list[dict[str, Any]]:
        if time.monotonic() >= self._until:
            self._lines = [shown.queued(line) for line in self._queue.lines()]
            self._until = time.monotonic() + LOOK_SECONDS / 2
        return self._lines


@dataclass(frozen=True)
class StreamRoutes:
    door: Door
    users: Users
    chat: Chat
    board: Board
    dossiers: Dossiers
    audit: Audit
    words: Words
    hub: Hub
    presence: Presence
    address: Callable[[str], str]
    windows: Places = field(default_factory=lambda: Places(STREAMS_OF_USER))

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["conversations"])
        reader = Annotated[User, Depends(self.door.needs(Permission.READ_CONVERSATIONS, counts=False))]

        @routes.get("/stream", response_class=EventSourceResponse)
        async def stream(
            request: Request,
            user: reader,
            conversation: Annotated[str, Query(max_length=32)] = "",
            after: Annotated[int, Query(ge=0, le=2**31)] = 0,
            last_event_id: Annotated[int | None, Header(ge=0, le=2**31)] = None,
        ) -> EventSourceResponse:
            token = request.cookies[self.door.cookie]
            after = last_event_id or after
            self.windows.require(user.login)
            if conversation:
                await asyncio.to_thread(self.dossiers.of, conversation, with_earlier=False)  # there is one, or 404
                await asyncio.to_thread(self.audit.saw, user, Action.READ, [conversation])
            events = self.events(token, user, conversation, Sent(after, max(0, after - LATE_READINGS)))
            return event_stream(self.hub, events)

        return routes

    async def events(self, token: str, user: User, conversation_id: str, sent: Sent) -> AsyncIterator[ServerSentEvent]:
        """Yield what is new until the user signs out or goes."""
        door_at = time.monotonic() + DOOR_SECONDS
        topic = conversation_id or f"queue {user.id}"
        with (
            self.windows.taken(user.login),
            self.presence.looking(topic, user.name),
            self.hub.listen(topic, LOOK_SECONDS) as listener,
        ):
            self.hub.wake(topic)  # colleagues see who has come
            async for _ in changes(self.hub, listener):
                try:
                    news = await self._news(user, conversation_id, sent, listener)
                except ConversationUnknown:
                    yield JSONServerSentEvent({}, event="gone")  # erased while somebody looked on
                    return
                for event in news:
                    yield event
                if time.monotonic() >= door_at:
                    door_at = time.monotonic() + DOOR_SECONDS
                    if not await asyncio.to_thread(self._is_in, token):
                        yield JSONServerSentEvent({}, event="signed-out")
                        return

    async def _news(self, user: User, conversation_id: str, sent: Sent, listener: Listener) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        if conversation_id:
            events += sent.news("viewers", self.presence.viewers(conversation_id))
        if conversation_id and listener.stale:
            listener.stale = False
            events += await asyncio.to_thread(self._conversation, conversation_id, sent)
        writing, listener.typing = listener.typing, {}
        events += [
            JSONServerSentEvent({"who": who, "on": on}, event="typing") for who, on in writing.items() if who != user.name
        ]
        if user.may(Permission.SEE_QUEUE):
            events += sent.news("queue", await asyncio.to_thread(self.board.lines))
            events += sent.news("mentions", await asyncio.to_thread(self._mentions, user))
        return events

    def _conversation(self, conversation_id: str, sent: Sent) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        while messages := self.chat.history(conversation_id, sent.seq):
            sent.seq = messages[-1].seq
            events += [
                JSONServerSentEvent(shown.message(message, self.address), event="message", id=str(message.seq))
                for message in messages
            ]
        for seq, reading in sorted(self.dossiers.readings(conversation_id, sent.read).items()):
            events += sent.news("reading", shown.reading(reading) | {"seq": seq}, seq)
        sent.read = max(sent.read, sent.seq - LATE_READINGS)
        dossier = self.dossiers.of(conversation_id, with_earlier=False)
        events += sent.news("state", shown.state(dossier, self.words))
        return events

    def _mentions(self, user: User) -> list[dict[str, Any]]:
        return [
            {"conversation": note.conversation_id, "text": note.text, "at": shown.moment(note.at)}
            for note in self.dossiers.mentions(user)
        ]

    def _is_in(self, token: str) -> bool:
        try:
            self.users.access(token)
        except ShakwaError:
            return False
        return True
