"""Builds the gateway's application."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from bot.domain.conversation import MAX_TEXT
from bot.domain.evidence import LARGEST_FILE, MOST_FILES
from bot.web.console.app import add_console
from bot.web.errors import Errors
from bot.web.evidence import UPLOADS, EvidenceRoutes
from bot.web.files import FileRoutes
from bot.web.gateway import Gateway
from bot.web.guards import Limits, Rate
from bot.web.page import PageRoutes
from bot.web.rest import RestRoutes
from bot.web.runner import Runner
from bot.web.shopper import ShopperRoutes
from bot.web.streams import Hub

HERE = Path(__file__).parent
FILES_PER_MINUTE = 60
"""Complaint files that one address may open."""

LIMITS = {"text": MAX_TEXT, "file_bytes": LARGEST_FILE, "files": MOST_FILES}
"""What the widget says before it is refused."""

UPLOADS_PER_MINUTE = 40
"""Files that one conversation may hand in."""

PAGES = (
    ("/", "templates/index.html", "text/html; charset=utf-8"),
    ("/embed", "templates/embed.html", "text/html; charset=utf-8"),
    ("/widget.js", "static/widget.js", "text/javascript; charset=utf-8"),
    ("/widget.css", "static/widget.css", "text/css; charset=utf-8"),
)


def create_app(gateway: Gateway) -> FastAPI:
    hub = Hub()
    runner = Runner(gateway.turns(hub))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watchers = [
            asyncio.create_task(hub.watch(gateway.newest, gateway.since)),
            asyncio.create_task(runner.watch()),
        ]
        yield
        hub.close()
        for watcher in watchers:
            watcher.cancel()
        await runner.finish()

    app = FastAPI(title="Shakwa", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    errors = Errors(gateway.words.errors)
    errors.install(app)
    app.add_middleware(Limits, errors=errors, uploads=UPLOADS)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=gateway.allowed_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id", "x-file-name"],
        expose_headers=["Retry-After"],
    )
    messages = Rate(gateway.messages_per_minute)
    sessions = Rate(gateway.sessions_per_minute)
    shopper = ShopperRoutes(gateway.chat, runner, hub, sessions, messages, gateway.evidence.address, gateway.console.queue)
    app.include_router(shopper.router())
    app.include_router(EvidenceRoutes(gateway.evidence, shopper.conversation, Rate(UPLOADS_PER_MINUTE)).router())
    app.include_router(PageRoutes(gateway.chat, gateway.identities, shopper.conversation, messages).router())
    app.include_router(RestRoutes(gateway.chat, runner, messages).router())
    app.include_router(FileRoutes(gateway.file_page, gateway.words.file, Rate(FILES_PER_MINUTE)).router())
    add_console(app, gateway, hub, runner)
    _add_pages(app, gateway)
    _add_health(app, gateway.checks)
    return app


def _add_pages(app: FastAPI, gateway: Gateway) -> None:
    strings = json.loads((HERE / "strings.ar.json").read_text("utf-8"))
    config = {"shop": {"name": gateway.shop_name}, "limits": LIMITS, "strings": strings["widget"]}
    for path, file, kind in PAGES:
        app.add_api_route(path, _file(HERE / file, kind), include_in_schema=False)
    app.add_api_route("/api/config", lambda: config, tags=["shopper"])
    app.mount("/static", StaticFiles(directory=HERE / "static"))


def _file(file: Path, kind: str) -> Callable[[], Awaitable[FileResponse]]:
    async def serve() -> FileResponse:
        return FileResponse(file, media_type=kind, headers={"Cache-Control": "no-cache"})

    return serve


def _add_health(app: FastAPI, checks: dict[str, Callable[[], bool]]) -> None:
    @app.get("/healthz", tags=["health"])
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def ready() -> JSONResponse:
        """Say which parts are well; 503 while one is not."""
        parts = {name: _holds(check) for name, check in checks.items()}
        return JSONResponse({"ready": all(parts.values()), "parts": parts}, 200 if all(parts.values()) else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        return False
