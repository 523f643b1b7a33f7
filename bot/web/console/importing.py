"""The analysts' import: a file of sentences comes as the body, is shown, and written once they have seen it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from bot.domain.imports import Fate, Import
from bot.domain.user import Permission, User
from bot.services.importing import File, Importing, Wanted
from bot.web.console.door import Door

IMPORT = "/console/api/nlu/import"
LOOKED_AT = 200
"""Lines shown one by one: those that are refused, or that somebody labelled otherwise."""

Name = Annotated[str, Query(min_length=1, max_length=255)]


@dataclass(frozen=True)
class ImportRoutes:
    door: Door
    importing: Importing

    def router(self) -> APIRouter:
        routes = APIRouter(tags=["analysts"])
        analyst = Annotated[User, Depends(self.door.needs(Permission.LABEL))]

        @routes.post(IMPORT + "/preview")
        async def preview(request: Request, user: analyst, name: Name, shopper: str = "", accept: bool = False) -> Any:
            """Return what would become of the sentences of the body: Rasa YAML, CSV, TSV or a transcript, by its name."""
            return await self._shown(self.importing.preview, request, name, Wanted(shopper, accept))

        @routes.post(IMPORT)
        async def write(request: Request, user: analyst, name: Name, shopper: str = "", accept: bool = False) -> Any:
            """Write them into the inbox; the same file again changes nothing."""

            def kept(files: list[File], wanted: Wanted) -> Import:
                return self.importing.write(user, files, wanted)

            return await self._shown(kept, request, name, Wanted(shopper, accept))

        return routes

    async def _shown(
        self, work: Callable[[list[File], Wanted], Import], request: Request, name: str, wanted: Wanted
    ) -> dict[str, Any]:
        file = File(name, await request.body())
        return _import(await asyncio.to_thread(work, [file], wanted))


def _import(shown: Import) -> dict[str, Any]:
    looked_at = [line for line in shown.lines if line.fate in (Fate.REFUSED, Fate.CONFLICT)]
    return {
        "fates": {str(fate): shown.fates[fate] for fate in Fate},
        "merged": shown.merged,
        "unknown": dict(shown.unknown),
        "lines": [
            {"line": line.number, "text": line.text, "label": line.label, "before": line.before, "fate": str(line.fate)}
            | ({"reason": str(line.reason)} if line.reason else {})
            for line in looked_at[:LOOKED_AT]
        ],
    }
