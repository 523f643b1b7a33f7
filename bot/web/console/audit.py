"""The audit, for whoever may read it: who saw which conversation, and who took data out or away."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from bot.domain.audit import AuditLine
from bot.domain.user import Permission, User
from bot.services.audit import Audit
from bot.web.console.door import Door
from bot.web.console.shown import moment


@dataclass(frozen=True)
class AuditRoutes:
    door: Door
    audit: Audit

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["privacy"])
        reader = Annotated[User, Depends(self.door.needs(Permission.SEE_AUDIT))]

        @routes.get("/audit")
        def audit(
            user: reader,
            subject: Annotated[str, Query(max_length=64)] = "",
            by: Annotated[str, Query(max_length=64)] = "",
            before: Annotated[int | None, Query(ge=1)] = None,
        ) -> dict[str, Any]:
            """Return the newest lines, about one conversation (`subject`) or of one login (`by`) if asked."""
            page = self.audit.page(subject.strip(), by.strip().lower(), before)
            return {"lines": [_line(line) for line in page.lines], "before": page.before}

        return routes


def _line(line: AuditLine) -> dict[str, Any]:
    told = {"by": line.by, "action": str(line.action), "subject": line.subject, "details": line.details}
    return {"id": line.id, "at": moment(line.at)} | told
