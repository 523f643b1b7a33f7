"""The shopper's routes: open a conversation, say something, hear what is new."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette.event import JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from bot import failpoints
from bot.domain.errors import SessionUnknown
from bot.domain.evidence import MOST_FILES
from bot.services.chat import PAGE, Chat, Incoming
from bot.services.queue import News, Place, Queue
from bot.web.guards import Places, Rate, origin
from bot.web.ids import FileId
from bot.web.runner import Runner
from bot.web.shown import shown
from bot.web.streams import PING_SECONDS, Hub, Listener, changes, event_stream

log = structlog.get_logger()

WAITING_SECONDS = 3
"""How often somebody who waits for a person is told of a change of their place."""
STREAMS_OF_CONVERSATION = 10
"""A shopper's open tabs."""
STREAMS_OF_ADDRESS = 1_500
"""All shoppers behind one address: a telephone network, or a shop's own server."""
SHOPPER = "shopper"
CLIENT_ID = r"^[A-Za-z0-9_-]{8,64}$"


class Writing(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    on: bool


class Said(BaseModel):
    """What the widget sends: a text, the id of an offered choice, or the ids of files it has handed in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    client_id: str = Field(pattern=CLIENT_ID)
    text: str | None = None
    choice: str | None = Field(None, max_length=64)
    files: list[FileId] = Field(default_factory=list, max_length=MOST_FILES)


@dataclass(frozen=True)
class ShopperRoutes:
    chat: Chat
    runner: Runner
    hub: Hub
    sessions: Rate
    messages: Rate
    address: Callable[[str], str]
    """Returns where a file can be opened for a while."""
    queue: Queue
    tabs: Places = field(default_factory=lambda: Places(STREAMS_OF_CONVERSATION))
    homes: Places = field(default_factory=lambda: Places(STREAMS_OF_ADDRESS))

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/api", tags=["shopper"])
        held = Annotated[str, Depends(self.conversation)]

        @routes.post("/session", status_code=201)
        async def open_session(request: Request) -> dict[str, str]:
            await self.sessions.take(origin(request))
            session = await asyncio.to_thread(self.chat.open, "widget")
            return {"token": session.token, "conversation": session.conversation_id}

        @routes.post("/messages", status_code=202)
        async def say(said: Said, response: Response, conversation_id: held) -> dict[str, Any]:
            await self.messages.take(conversation_id)
            incoming = Incoming(said.client_id, said.text, said.choice, tuple(said.files))
            claims = self.runner.has_room
            kept = await asyncio.to_thread(self.chat.keep, conversation_id, incoming, claims=claims)
            failpoints.here("message.after_commit")
            if kept.new:
                log.info("message.kept", seq=kept.message.seq)
                self.hub.wake(conversation_id)
                self.runner.start(conversation_id, kept.job)
            response.status_code = 202 if kept.new else 200
            failpoints.here("message.before_ack")
            return {"message": shown(kept.message, self.address)}

        @routes.get("/messages")
        def read(conversation_id: held, after: Annotated[int, Query(ge=0, le=2**31)] = 0) -> dict[str, Any]:
            return {"messages": [shown(message, self.address) for message in self.chat.history(conversation_id, after)]}

        @routes.get("/stream", response_class=EventSourceResponse)
        async def stream(
            request: Request, conversation_id: held, last_event_id: Annotated[int, Header(ge=0, le=2**31)] = 0
        ) -> EventSourceResponse:
            address = origin(request)
            self.tabs.require(conversation_id)
            self.homes.require(address)
            return event_stream(self.hub, self.seated(address, conversation_id, last_event_id))

        self._add_waiting(routes)
        return routes

    def _add_waiting(self, routes: APIRouter) -> None:
        held = Annotated[str, Depends(self.conversation)]

        @routes.post("/typing", status_code=204)
        async def write(writing: Writing, conversation_id: held) -> Response:
            await self.messages.take(f"typing {conversation_id}")
            self.hub.typing(conversation_id, writing.on, SHOPPER)
            return Response(status_code=204)

        @routes.delete("/wait", status_code=204)
        async def give_up_waiting(conversation_id: held) -> Response:
            await self.messages.take(conversation_id)
            await asyncio.to_thread(self.queue.cancel, conversation_id)
            self.hub.wake(conversation_id)
            return Response(status_code=204)

    async def conversation(self, authorization: Annotated[str, Header()] = "") -> str:
        """Return the conversation of the bearer token; the door to everything a shopper can see."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SessionUnknown("no session token was sent")
        conversation_id = await asyncio.to_thread(self.chat.access, token)
        structlog.contextvars.bind_contextvars(conversation_id=conversation_id)  # of this request's task alone
        return conversation_id

    async def seated(self, address: str, conversation_id: str, last: int) -> AsyncIterator[ServerSentEvent]:
        """Yield the events of a stream, which takes a place of its conversation and of its address as long as it lasts."""
        with self.tabs.taken(conversation_id), self.homes.taken(address):
            async for event in self.events(conversation_id, last):
                yield event

    async def events(self, conversation_id: str, last: int) -> AsyncIterator[ServerSentEvent]:
        """Yield the messages after number `last`, then what comes, in order and without gaps; and the place in the queue."""
        place: Place | None = None
        with self.hub.listen(conversation_id, PING_SECONDS) as listener:
            async for woken in changes(self.hub, listener):
                listener.stale |= not woken
                while listener.stale:
                    news = await self._read(conversation_id, last, listener)
                    if news is None:
                        return  # erased: the client comes back, and is told that its session is over
                    for message in news.messages:
                        last = message.seq
                        yield JSONServerSentEvent(shown(message, self.address), event="message", id=str(message.seq))
                    if news.place != place:
                        place = news.place
                        yield JSONServerSentEvent({"place": asdict(place) if place else None}, event="waiting")
                    listener.silence = WAITING_SECONDS if place else PING_SECONDS
                for event in _typing(listener):
                    yield event

    async def _read(self, conversation_id: str, last: int, listener: Listener) -> News | None:
        """Return what is new; the listener is stale afterwards only if there is more."""
        listener.stale = False
        news = await asyncio.to_thread(self.queue.news, conversation_id, last)
        if news and news.messages:
            listener.newest = news.messages[-1].id or 0
            listener.stale |= len(news.messages) == PAGE
        return news


def _typing(listener: Listener) -> list[ServerSentEvent]:
    """Return who else began or stopped writing; to a shopper every agent is just a person."""
    said, listener.typing = listener.typing, {}
    return [JSONServerSentEvent({"on": on}, event="typing") for who, on in said.items() if who != SHOPPER]
