"""The routes by which a shop's page says what it knows: who the shopper is, and which order and product they look at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.services.chat import Chat
from bot.services.identity import Identities
from bot.web.guards import Rate


class Seen(BaseModel):
    """What the shopper is looking at; it fills the complaint form, where the shopper sees and changes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    order_number: str | None = Field(None, max_length=64)
    product: str | None = Field(None, max_length=120)


class Introduction(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    token: str = Field(max_length=4096)


@dataclass(frozen=True)
class PageRoutes:
    chat: Chat
    identities: Identities
    conversation: Callable[..., Awaitable[str]]
    """The dependency that returns the conversation of a request's token."""
    messages: Rate

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/api", tags=["page"])
        held = Annotated[str, Depends(self.conversation)]

        @routes.post("/context", status_code=204)
        async def look_at(seen: Seen, conversation_id: held) -> Response:
            await self.messages.take(conversation_id)
            known = seen.model_dump(exclude_none=True)
            await asyncio.to_thread(self.chat.get_to_know, conversation_id, known)
            return Response(status_code=204)

        @routes.post("/identity", status_code=204)
        async def introduce(introduction: Introduction, conversation_id: held) -> Response:
            await self.messages.take(conversation_id)
            known = self.identities.verified(introduction.token)
            await asyncio.to_thread(self.chat.get_to_know, conversation_id, known)
            return Response(status_code=204)

        return routes
