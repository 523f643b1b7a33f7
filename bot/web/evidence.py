"""The routes of files that shoppers show: hand one in, take it back, open one by its signed address."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import FileResponse, Response

from bot.domain.evidence import Kind
from bot.services.evidence import Evidence
from bot.web.guards import Rate
from bot.web.ids import FileId

UPLOADS = "/api/files"

ALONE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "private, max-age=3600",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Headers of somebody else's file: a page of the shop may show it, and it may do nothing itself."""


@dataclass(frozen=True)
class EvidenceRoutes:
    evidence: Evidence
    conversation: Callable[..., Awaitable[str]]
    """The dependency that returns the conversation of a request's token."""
    uploads: Rate

    def router(self) -> APIRouter:
        routes = APIRouter(tags=["files"])
        held = Annotated[str, Depends(self.conversation)]

        @routes.post(UPLOADS, status_code=201)
        async def hand_in(
            request: Request, conversation_id: held, x_file_name: Annotated[str, Header(max_length=3000)] = ""
        ) -> dict[str, Any]:
            """Take the body as one file; its name comes percent-encoded, its type is found out."""
            await self.uploads.take(conversation_id)
            name = unquote(x_file_name)
            with self.evidence.incoming() as upload:
                async for chunk in request.stream():
                    upload.write(chunk)
                upload.flush()
                file = await asyncio.to_thread(self.evidence.keep, conversation_id, name, Path(upload.name))
            return {"file": file.shown}

        @routes.delete(UPLOADS + "/{file_id}", status_code=204)
        def take_back(file_id: FileId, conversation_id: held) -> Response:
            self.evidence.take_back(conversation_id, file_id)
            return Response(status_code=204)

        @routes.get("/files/{file_id}", response_class=FileResponse)
        def open_file(
            file_id: FileId,
            until: Annotated[int, Query(ge=0, le=2**40)],
            signature: Annotated[str, Query(max_length=64)],
        ) -> FileResponse:
            path, file = self.evidence.open(file_id, until, signature)
            shown_in_place = file.kind is not Kind.DOCUMENT
            disposition = "inline" if shown_in_place else "attachment"
            headers = ALONE | {"Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}"}
            return FileResponse(path, media_type=file.media_type, headers=headers)

        return routes
