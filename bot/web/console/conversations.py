"""The queue and the conversations: take over, answer, note, change the form, hand back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.domain.audit import Action
from bot.domain.user import Permission, User
from bot.services.audit import Audit
from bot.services.chat import Chat
from bot.services.dossier import Dossiers
from bot.services.queue import Queue
from bot.services.replies import Replies
from bot.services.takeover import Takeover
from bot.services.words import Words
from bot.web.console import shown
from bot.web.console.door import Door
from bot.web.ids import RowId
from bot.web.runner import Runner
from bot.web.shopper import CLIENT_ID
from bot.web.streams import Hub


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Reply(Body):
    client_id: str = Field(pattern=CLIENT_ID)
    text: str


class NewNote(Body):
    text: str


class Change(Body):
    slot: str = Field(max_length=32)
    value: str


class Passing(Body):
    to: RowId


class Writing(Body):
    on: bool


@dataclass(frozen=True)
class ConversationRoutes:
    door: Door
    chat: Chat
    queue: Queue
    takeover: Takeover
    replies: Replies
    dossiers: Dossiers
    audit: Audit
    words: Words
    hub: Hub
    runner: Runner
    address: Callable[[str], str]
    """Returns where a file can be opened for a while."""

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["conversations"])
        self._add_reading(routes)
        self._add_holding(routes)
        self._add_saying(routes)
        return routes

    def _add_reading(self, routes: APIRouter) -> None:
        queuer = Annotated[User, Depends(self.door.needs(Permission.SEE_QUEUE))]
        reader = Annotated[User, Depends(self.door.needs(Permission.READ_CONVERSATIONS))]

        @routes.get("/queue")
        def queue(user: queuer) -> dict[str, Any]:
            return {"queue": [shown.queued(line) for line in self.queue.lines()]}

        @routes.get("/conversations/{conversation_id}")
        def conversation(user: reader, conversation_id: str) -> dict[str, Any]:
            """Return all there is beside the transcript, and what earlier conversations of the same shopper were about."""
            dossier = self.dossiers.of(conversation_id)
            self.audit.saw(user, Action.READ, [conversation_id])
            earlier = [
                shown.conversation(other) | {"complaints": [shown.brief(one) for one in filed]}
                for other, filed in dossier.earlier
            ]
            return shown.state(dossier, self.words) | {"earlier": earlier}

        @routes.get("/conversations/{conversation_id}/messages")
        def messages(user: reader, conversation_id: str, after: Annotated[int, Query(ge=0, le=2**31)] = 0) -> dict[str, Any]:
            found = self.chat.history(conversation_id, after)
            self.audit.saw(user, Action.READ, [conversation_id] if found else [])
            readings = self.dossiers.readings(conversation_id, after)
            return {
                "messages": [shown.message(message, self.address) for message in found],
                "readings": {str(seq): shown.reading(one) for seq, one in readings.items()},
            }

    def _add_holding(self, routes: APIRouter) -> None:
        agent = Annotated[User, Depends(self.door.needs(Permission.ANSWER))]

        @routes.post("/conversations/{conversation_id}/claim")
        async def claim(user: agent, conversation_id: str) -> dict[str, Any]:
            new = await asyncio.to_thread(self.takeover.claim, conversation_id, user)
            self._woke(conversation_id)
            return {"new": new}

        @routes.post("/conversations/{conversation_id}/give")
        async def give(user: agent, conversation_id: str, to: Passing) -> dict[str, Any]:
            other = await asyncio.to_thread(self.takeover.give_to, conversation_id, user, to.to)
            self._woke(conversation_id)
            return {"agent": other.name}

        @routes.post("/conversations/{conversation_id}/hand-back", status_code=204)
        async def hand_back(user: agent, conversation_id: str) -> Response:
            await asyncio.to_thread(self.takeover.hand_back, conversation_id, user)
            self._woke(conversation_id)
            return Response(status_code=204)

        @routes.post("/conversations/{conversation_id}/close", status_code=204)
        async def close(user: agent, conversation_id: str) -> Response:
            await asyncio.to_thread(self.takeover.close, conversation_id, user)
            self._woke(conversation_id)
            return Response(status_code=204)

    def _add_saying(self, routes: APIRouter) -> None:
        agent = Annotated[User, Depends(self.door.needs(Permission.ANSWER))]

        @routes.post("/conversations/{conversation_id}/messages", status_code=201)
        async def say(user: agent, conversation_id: str, reply: Reply) -> dict[str, Any]:
            said = await asyncio.to_thread(self.replies.say, conversation_id, user, reply.client_id, reply.text)
            self.hub.typing(conversation_id, False, user.name)
            self.hub.wake(conversation_id)
            return {"message": shown.message(said.message, self.address), "new": said.new}

        @routes.post("/conversations/{conversation_id}/notes", status_code=201)
        async def note(user: agent, conversation_id: str, given: NewNote) -> dict[str, Any]:
            kept = await asyncio.to_thread(self.replies.note, conversation_id, user, given.text)
            self.hub.wake(conversation_id)
            return {"note": {"id": kept.id, "author": user.name, "text": kept.text, "at": shown.moment(kept.at)}}

        @routes.post("/conversations/{conversation_id}/form")
        async def change(user: agent, conversation_id: str, given: Change) -> dict[str, Any]:
            await asyncio.to_thread(self.replies.change, conversation_id, user, given.slot, given.value)
            self.hub.wake(conversation_id)
            dossier = await asyncio.to_thread(self.dossiers.of, conversation_id, with_earlier=False)
            return {"form": shown.state(dossier, self.words)["form"]}

        @routes.post("/conversations/{conversation_id}/typing", status_code=204)
        async def write(user: agent, conversation_id: str, writing: Writing) -> Response:
            self.hub.typing(conversation_id, writing.on, user.name)
            return Response(status_code=204)

        @routes.post("/conversations/{conversation_id}/seen", status_code=204)
        async def seen(user: agent, conversation_id: str) -> Response:
            """Say that the notes that mention the user were seen."""
            await asyncio.to_thread(self.replies.saw_mentions, conversation_id, user)
            return Response(status_code=204)

    def _woke(self, conversation_id: str) -> None:
        """Who holds the conversation has changed: tell who looks on, and let the bot see whether there is work for it."""
        self.hub.wake(conversation_id)
        self.runner.start(conversation_id)
