"""How what shoppers say changes over the days, and what a candidate that reads along makes of it."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from bot.domain.user import Permission, User
from bot.services.drift import Drift
from bot.services.shadow import Shadow
from bot.web.console.door import Door
from bot.web.console.shown import moment


class Turned(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    is_on: bool


@dataclass(frozen=True)
class DriftRoutes:
    door: Door
    drift: Drift
    shadow: Shadow

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api/nlu", tags=["analysts"])
        self._add_drift(routes)
        self._add_shadow(routes)
        return routes

    def _add_drift(self, routes: APIRouter) -> None:
        reader = Annotated[User, Depends(self.door.needs(Permission.SEE_NLU))]

        @routes.get("/drift")
        def drift(
            user: reader,
            days: int = 30,
            model: Annotated[str, Query(max_length=128)] = "",
            variety: Annotated[str, Query(max_length=16)] = "",
        ) -> dict[str, Any]:
            """Return what was read on each of the last days, two weeks compared, and the words that are new."""
            return self.drift.of(days, model, variety)

    def _add_shadow(self, routes: APIRouter) -> None:
        reader = Annotated[User, Depends(self.door.needs(Permission.SEE_NLU))]
        trainer = Annotated[User, Depends(self.door.needs(Permission.TRAIN))]

        @routes.get("/shadow")
        def shadow(user: reader) -> dict[str, Any]:
            """Return whether a candidate reads along, and where it reads otherwise than the live model."""
            return _shown(self.shadow.show())

        @routes.post("/shadow")
        def turn(user: trainer, turned: Turned) -> dict[str, Any]:
            self.shadow.turn(turned.is_on, user.login)
            return _shown(self.shadow.show())


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    differences = [one | {"at": moment(one["at"])} for one in told["differences"]]
    return told | {"at": moment(told["at"]), "differences": differences}
