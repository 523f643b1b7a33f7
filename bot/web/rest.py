"""Rasa's own REST form, so that any front end made for Rasa can talk to us, under the same guards.

    POST /webhooks/rest/webhook  {"sender": "…", "message": "…"}  →  [{"recipient_id", "text", "buttons", "custom"}, …]

The answer holds everything the sender has not been sent yet. A button's payload is the id of the choice; sent back as
the message, it is that choice.
"""

import asyncio
import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.errors import ChoiceUnknown
from bot.services.chat import Chat, Incoming
from bot.web.guards import Rate, origin
from bot.web.runner import Runner
from bot.web.shopper import CLIENT_ID
from bot.web.shown import shown_to_rest

PATIENCE_SECONDS = 17
"""A turn's deadline and a little: what is answered later comes with the next message."""


class RestMessage(BaseModel):
    """Rasa's form; `metadata.client_id` makes a repeated delivery harmless, other metadata is ignored."""

    model_config = ConfigDict(strict=True)

    sender: str = Field(min_length=1, max_length=255)
    message: str
    metadata: dict[str, Any] = Field(default_factory=dict)

    @property
    def client_id(self) -> str:
        """The id the client gave, hashed where it is not of the form the widget's are; a new one where it gave none."""
        given = self.metadata.get("client_id")
        if given is None:
            return uuid.uuid4().hex
        if isinstance(given, str) and re.fullmatch(CLIENT_ID, given):
            return given
        return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class RestRoutes:
    chat: Chat
    runner: Runner
    sessions: Rate
    messages: Rate

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/webhooks/rest", tags=["rest"])

        @routes.get("/")
        def health() -> dict[str, str]:
            return {"status": "ok"}

        @routes.post("/webhook")
        async def talk(request: Request, said: RestMessage) -> list[dict[str, Any]]:
            conversation_id = await self._conversation(request, said.sender)
            await self.messages.take(conversation_id)
            await asyncio.to_thread(self._receive, conversation_id, said)
            await asyncio.wait([self.runner.start(conversation_id)], timeout=PATIENCE_SECONDS)
            replies = await asyncio.to_thread(self.chat.undelivered, conversation_id)
            return [shown_to_rest(reply, said.sender) for reply in replies]

        return routes

    async def _conversation(self, request: Request, sender: str) -> str:
        """Return a sender's conversation; those that one address begins are counted, as in the widget."""
        known = await asyncio.to_thread(self.chat.named, "rest", sender)
        if known is not None:
            return known
        await self.sessions.take(origin(request))
        return await asyncio.to_thread(self.chat.open_named, "rest", sender)

    def _receive(self, conversation_id: str, said: RestMessage) -> None:
        try:
            self.chat.receive(conversation_id, Incoming(said.client_id, choice=said.message))
        except ChoiceUnknown:
            self.chat.receive(conversation_id, Incoming(said.client_id, text=said.message))
