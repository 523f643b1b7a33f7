"""`/metrics` for Prometheus, behind a token of its own, and the counting of requests."""

import hmac
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Header
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.vitals import Vitals
from bot.services.meter import OTHER, Labels, Meter, gauge
from bot.services.parts import Parts
from bot.web.streams import Hub

log = structlog.get_logger()

PATH = "/metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

ABOUT = {
    "shoppers_waiting": "Shoppers who wait for a person and whom nobody has taken yet.",
    "turns_pending": "Messages that the bot owes an answer to.",
    "oldest_turn_seconds": "Age of the message that has waited longest for the bot.",
    "outbox_waiting": "Events not published yet.",
    "webhooks_waiting": "Deliveries to webhooks that are still tried.",
    "webhooks_given_up": "Deliveries to webhooks that were given up.",
    "complaints": "Complaints filed, by kind.",
}
"""What each of the store's figures means; it is called `shakwa_` and the name."""


class Metered:
    """Counts every request by its route's template, never by its address, and how long its answer took to begin."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, answered = time.monotonic(), False

        async def sending(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._count(scope, message["status"], time.monotonic() - begun)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            if not answered:
                self._count(scope, 500, time.monotonic() - begun)
            raise

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = getattr(scope.get("route"), "path", None) or OTHER
        self._meter.requests.add(method, route, str(status))
        self._meter.request_seconds.add(seconds, method, route)


@dataclass(frozen=True)
class MetricsRoute:
    token: str
    """What Prometheus sends; empty: there are no metrics to be had."""
    meter: Meter
    parts: Parts
    hub: Hub
    vitals: Callable[[], Vitals]

    def router(self) -> APIRouter:
        routes = APIRouter()

        @routes.get(PATH, include_in_schema=False)
        def metrics(authorization: Annotated[str, Header()] = "") -> Response:
            self._require(authorization)
            return Response("\n".join([*self.lines(), ""]), media_type=CONTENT_TYPE)

        return routes

    def lines(self) -> Iterator[str]:
        yield from self.meter.lines()
        yield from gauge("shakwa_open_streams", "Streams of shoppers and colleagues open now.", {(): self.hub.open_streams})
        well: dict[Labels, float] = {(name,): float(part.well) for name, part in self.parts.look().items()}
        yield from gauge("shakwa_part_up", "1 where a part is well, 0 where it is not.", well, "part")
        yield from gauge("process_resident_memory_bytes", "Memory this gateway holds.", {(): resident_bytes()})
        yield from self._of_the_store()

    def _of_the_store(self) -> Iterator[str]:
        """Yield nothing while the store is away: `shakwa_part_up` says so."""
        try:
            vitals = self.vitals()
        except Exception as error:
            log.warning("metrics.store.away", cause=type(error).__name__)
            return
        for one in fields(vitals):
            value = getattr(vitals, one.name)
            labels = ("kind",) if isinstance(value, dict) else ()
            samples: dict[Labels, float] = {(kind,): n for kind, n in value.items()} if labels else {(): value}
            yield from gauge(f"shakwa_{one.name}", ABOUT[one.name], samples, *labels)

    def _require(self, authorization: str) -> None:
        if not self.token:
            raise HTTPException(404)
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), self.token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def resident_bytes() -> int:
    """Return the memory this process holds; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
