"""One shopper's data, for whoever may hand it out or erase it: what there is, all of it in a file, and its end."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from bot.domain.user import Permission, User
from bot.services.privacy import Privacy
from bot.web.console.door import Door
from bot.web.streams import Hub


@dataclass(frozen=True)
class PrivacyRoutes:
    door: Door
    privacy: Privacy
    hub: Hub

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["privacy"])
        eraser = Annotated[User, Depends(self.door.needs(Permission.ERASE))]

        @routes.get("/conversations/{conversation_id}/held")
        def held(user: eraser, conversation_id: str) -> dict[str, Any]:
            """Return how much is stored of the shopper of a conversation, and what becomes of their complaints."""
            found = self.privacy.find(conversation_id)
            return {
                "conversations": found.conversations,
                "complaints": found.complaints,
                "open": found.open_complaints,
                "counts": found.counts,
                "complaints_are": str(self.privacy.terms.complaints),
            }

        @routes.get("/conversations/{conversation_id}/export")
        def export(user: eraser, conversation_id: str) -> Response:
            packed = self.privacy.export(conversation_id, user)
            headers = {
                "Content-Disposition": f'attachment; filename="shopper-{packed_name(conversation_id)}.zip"',
                "Cache-Control": "no-store",
            }
            return Response(packed, media_type="application/zip", headers=headers)

        @routes.post("/conversations/{conversation_id}/erase")
        async def erase(user: eraser, conversation_id: str) -> dict[str, Any]:
            """Erase everything of the shopper; whoever looks on is told, and the shopper's session is over."""
            erased = await asyncio.to_thread(self.privacy.erase, conversation_id, user)
            for one in erased.conversations:
                self.hub.wake(one)
            return {"conversations": erased.conversations}

        return routes


def packed_name(conversation_id: str) -> str:
    return "".join(char for char in conversation_id if char.isascii() and char.isalnum())[:8]
