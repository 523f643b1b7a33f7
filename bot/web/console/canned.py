"""Canned replies."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.domain.desk import CannedReply
from bot.domain.user import Permission, User
from bot.services.canned import Canned
from bot.web.console.door import Door
from bot.web.ids import RowId


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    shortcut: str = Field(max_length=64)
    title: str = Field(max_length=240)
    text: str
    shared: bool = False


@dataclass(frozen=True)
class CannedRoutes:
    door: Door
    canned: Canned

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api/canned", tags=["canned replies"])
        agent = Annotated[User, Depends(self.door.needs(Permission.ANSWER))]

        @routes.get("")
        def replies(user: agent) -> dict[str, Any]:
            return {"replies": [_shown(one) for one in self.canned.of(user)]}

        @routes.post("", status_code=201)
        def add(user: agent, given: Given) -> dict[str, Any]:
            return {"reply": _shown(self.canned.add(user, given.shortcut, given.title, given.text, shared=given.shared))}

        @routes.put("/{reply_id}")
        def change(user: agent, reply_id: RowId, given: Given) -> dict[str, Any]:
            return {"reply": _shown(self.canned.change(user, reply_id, given.shortcut, given.title, given.text))}

        @routes.delete("/{reply_id}", status_code=204)
        def remove(user: agent, reply_id: RowId) -> Response:
            self.canned.remove(user, reply_id)
            return Response(status_code=204)

        return routes


def _shown(one: CannedReply) -> dict[str, Any]:
    shared = one.owner_id is None
    return {"id": one.id, "shortcut": one.shortcut, "title": one.title, "text": one.text, "shared": shared}
