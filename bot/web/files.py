"""The complaint's file as a page to read and to print: `GET /complaints/file/{secret}`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.domain.errors import ComplaintUnknown
from bot.services.files import FilePage
from bot.web.guards import Rate, origin

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)

SECRET_PAGE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""Headers of what nobody may keep or find; that nobody is told where a reader comes from stands on every page."""


@dataclass(frozen=True)
class FileRoutes:
    page: Callable[[str], FilePage]
    words: dict[str, str]
    tries: Rate
    """Of one address: a secret cannot be guessed, but asking costs us a query."""

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/complaints", tags=["files"])

        @routes.get("/file/{secret}", response_class=HTMLResponse)
        async def file(secret: str, request: Request) -> HTMLResponse:
            await self.tries.take(origin(request))
            return await asyncio.to_thread(self._shown, secret)

        return routes

    def _shown(self, secret: str) -> HTMLResponse:
        try:
            return self._html("file.html", 200, file=self.page(secret))
        except ComplaintUnknown:
            return self._html("no_file.html", 404)

    def _html(self, template: str, status: int, **values: Any) -> HTMLResponse:
        html = TEMPLATES.get_template(template).render(words=self.words, **values)
        return HTMLResponse(html, status, headers=SECRET_PAGE)
