"""The dashboard."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from bot.domain.user import Permission, User
from bot.services.dashboard import Dashboard
from bot.web.console.door import Door


@dataclass(frozen=True)
class DashboardRoutes:
    door: Door
    dashboard: Dashboard

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["dashboard"])
        leader = Annotated[User, Depends(self.door.needs(Permission.SEE_DASHBOARD))]

        @routes.get("/dashboard")
        def figures(user: leader, first: date | None = None, last: date | None = None) -> dict[str, Any]:
            """Return the figures of a stretch of days, both ends included; without ends, of the last 30."""
            return self.dashboard.of(first, last)

        return routes
