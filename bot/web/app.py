"""Builds the gateway's application."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from bot.domain.conversation import MAX_TEXT
from bot.domain.evidence import LARGEST_FILE, MOST_FILES
from bot.domain.imports import MOST_BYTES
from bot.domain.signal import Signal
from bot.services.parts import Parts, ill
from bot.web.console.app import add_console
from bot.web.console.importing import IMPORT
from bot.web.console.presence import Presence
from bot.web.errors import Errors
from bot.web.evidence import UPLOADS, EvidenceRoutes
from bot.web.files import FileRoutes
from bot.web.gateway import Gateway
from bot.web.guards import Larger, Limits, Rate
from bot.web.metrics import Metered, MetricsRoute
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

SENTENCES = Larger(MOST_BYTES, "import_too_large")
LARGER = {UPLOADS: Larger(LARGEST_FILE, "file_too_large"), IMPORT: SENTENCES, f"{IMPORT}/preview": SENTENCES}
"""Paths that take files."""

UPLOADS_PER_MINUTE = 40
"""Files that one conversation may hand in."""

PAGES = (
    ("/", "templates/index.html", "text/html; charset=utf-8"),
    ("/embed", "templates/embed.html", "text/html; charset=utf-8"),
    ("/widget.js", "static/widget.js", "text/javascript; charset=utf-8"),
    ("/widget.css", "static/widget.css", "text/css; charset=utf-8"),
)


def create_app(gateway: Gateway) -> FastAPI:
    hub, presence = Hub(gateway.signals), Presence(gateway.signals)
    runner = Runner(gateway.turns(hub))

    app = FastAPI(
        title="Shakwa",
        lifespan=_living(gateway, hub, runner, presence),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    errors = Errors(gateway.words.errors)
    errors.install(app, gateway.away)
    app.add_middleware(Limits, errors=errors, larger=LARGER)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=gateway.allowed_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id", "x-file-name"],
        expose_headers=["Retry-After"],
    )
    app.add_middleware(Metered, meter=gateway.meter)
    shared = gateway.buckets
    messages = Rate(gateway.messages_per_minute, "messages", shared)
    sessions = Rate(gateway.sessions_per_minute, "sessions", shared)
    uploads = Rate(UPLOADS_PER_MINUTE, "uploads", shared)
    shopper = ShopperRoutes(gateway.chat, runner, hub, sessions, messages, gateway.evidence.address, gateway.console.queue)
    app.include_router(shopper.router())
    app.include_router(EvidenceRoutes(gateway.evidence, shopper.conversation, uploads).router())
    app.include_router(PageRoutes(gateway.chat, gateway.identities, shopper.conversation, messages).router())
    app.include_router(RestRoutes(gateway.chat, runner, sessions, messages).router())
    app.include_router(FileRoutes(gateway.file_page, gateway.words.file, Rate(FILES_PER_MINUTE, "files", shared)).router())
    add_console(app, gateway, hub, runner, presence)
    _add_pages(app, gateway)
    parts = Parts(gateway.checks)
    _add_health(app, parts)
    app.include_router(MetricsRoute(gateway.metrics_token, gateway.meter, parts, hub, gateway.vitals).router())
    return app


def _living(gateway: Gateway, hub: Hub, runner: Runner, presence: Presence) -> Lifespan[FastAPI]:
    """Return what runs beside the routes: looks for what others wrote, and hears what other gateways say."""

    def heard(signal: Signal) -> None:
        presence.heard(signal)
        hub.heard(signal)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = (hub.watch(gateway.newest, gateway.since), runner.watch(), presence.keep_telling())
        watchers = [asyncio.create_task(work) for work in watching]
        signals = asyncio.create_task(gateway.signals.run(heard))
        yield
        hub.close()
        for watcher in watchers:
            watcher.cancel()
        await runner.finish()
        await gateway.close_engine()
        signals.cancel()
        await asyncio.wait([signals])

    return lifespan


def _add_pages(app: FastAPI, gateway: Gateway) -> None:
    strings = json.loads((HERE / "strings.ar.json").read_text("utf-8"))
    config = {
        "shop": {"name": gateway.shop_name, "privacy_url": gateway.privacy_url},
        "kept_days": gateway.privacy.terms.days,
        "limits": LIMITS,
        "strings": strings["widget"],
    }
    for path, file, kind in PAGES:
        app.add_api_route(path, _file(HERE / file, kind), include_in_schema=False)
    app.add_api_route("/api/config", lambda: config, tags=["shopper"])
    app.mount("/static", StaticFiles(directory=HERE / "static"))


def _file(file: Path, kind: str) -> Callable[[], Awaitable[FileResponse]]:
    async def serve() -> FileResponse:
        return FileResponse(file, media_type=kind, headers={"Cache-Control": "no-cache"})

    return serve


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/healthz", tags=["health"])
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    def ready() -> JSONResponse:
        """Say which parts are well, which are ill, and for how many seconds each has been so; 503 while one is ill."""
        seen = parts.look()
        told = {"ready": not ill(seen), "ill": ill(seen), "parts": {name: asdict(part) for name, part in seen.items()}}
        return JSONResponse(told, 503 if ill(seen) else 200)
