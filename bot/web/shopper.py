"""The shopper's routes: open a conversation, say something, hear what is new."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette.event import JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from bot.domain.errors import SessionUnknown
from bot.domain.evidence import MOST_FILES
from bot.services.chat import Chat, Incoming
from bot.services.queue import Place, Queue
from bot.web.guards import Rate
from bot.web.runner import Runner
from bot.web.shown import shown
from bot.web.streams import Hub, Listener, changes

PING_SECONDS = 15
WAITING_SECONDS = 3
"""How often somebody who waits for a person is told of a change of their place."""
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
    files: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MOST_FILES)


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

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/api", tags=["shopper"])
        held = Annotated[str, Depends(self.conversation)]

        @routes.post("/session", status_code=201)
        def open_session(request: Request) -> dict[str, str]:
            self.sessions.take(request.client.host if request.client else "")
            session = self.chat.open("widget")
            return {"token": session.token, "conversation": session.conversation_id}

        @routes.post("/messages", status_code=202)
        async def say(said: Said, response: Response, conversation_id: held) -> dict[str, Any]:
            self.messages.take(conversation_id)
            incoming = Incoming(said.client_id, said.text, said.choice, tuple(said.files))
            message, new = await asyncio.to_thread(self.chat.receive, conversation_id, incoming)
            if new:
                self.hub.wake(conversation_id)
                self.runner.start(conversation_id)
            response.status_code = 202 if new else 200
            return {"message": shown(message, self.address)}

        @routes.get("/messages")
        def read(conversation_id: held, after: Annotated[int, Query(ge=0, le=2**31)] = 0) -> dict[str, Any]:
            return {"messages": [shown(message, self.address) for message in self.chat.history(conversation_id, after)]}

        @routes.get("/stream", response_class=EventSourceResponse)
        async def stream(
            conversation_id: held, last_event_id: Annotated[int, Header(ge=0, le=2**31)] = 0
        ) -> EventSourceResponse:
            headers = {"X-Accel-Buffering": "no"}
            return EventSourceResponse(self.events(conversation_id, last_event_id), ping=PING_SECONDS, headers=headers)

        self._add_waiting(routes)
        return routes

    def _add_waiting(self, routes: APIRouter) -> None:
        held = Annotated[str, Depends(self.conversation)]

        @routes.post("/typing", status_code=204)
        async def write(writing: Writing, conversation_id: held) -> Response:
            self.messages.take(f"typing {conversation_id}")
            self.hub.typing(conversation_id, writing.on, SHOPPER)
            return Response(status_code=204)

        @routes.delete("/wait", status_code=204)
        async def give_up_waiting(conversation_id: held) -> Response:
            self.messages.take(conversation_id)
            await asyncio.to_thread(self.queue.cancel, conversation_id)
            self.hub.wake(conversation_id)
            return Response(status_code=204)

    async def conversation(self, authorization: Annotated[str, Header()] = "") -> str:
        """Return the conversation of the bearer token; the door to everything a shopper can see."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SessionUnknown("no session token was sent")
        return await asyncio.to_thread(self.chat.access, token)

    async def events(self, conversation_id: str, last: int) -> AsyncIterator[ServerSentEvent]:
        """Yield the messages after number `last`, then what comes, in order and without gaps; and the place in the queue."""
        place: Place | None = None
        with self.hub.listen(conversation_id, PING_SECONDS) as listener:
            async for woken in changes(self.hub, listener):
                while messages := await asyncio.to_thread(self.chat.history, conversation_id, last):
                    last = messages[-1].seq
                    for message in messages:
                        yield JSONServerSentEvent(shown(message, self.address), event="message", id=str(message.seq))
                for event in _typing(listener):
                    yield event
                before = place
                if woken or place:
                    place = await asyncio.to_thread(self.queue.place, conversation_id)
                listener.silence = WAITING_SECONDS if place else PING_SECONDS
                if place != before:
                    yield JSONServerSentEvent({"place": asdict(place) if place else None}, event="waiting")


def _typing(listener: Listener) -> list[ServerSentEvent]:
    """Return who else began or stopped writing; to a shopper every agent is just a person."""
    said, listener.typing = listener.typing, {}
    return [JSONServerSentEvent({"on": on}, event="typing") for who, on in said.items() if who != SHOPPER]
