"""A server in Rasa's place that answers as it is told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import RawTestServer

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

READING = {
    "intent": "late_delivery",
    "confidence": 0.93,
    "ranking": [{"name": "late_delivery", "confidence": 0.93}],
    "entities": [],
    "model": "shakwa-1.tar.gz",
    "taken_as": "",
}
ANSWER = {"replies": [], "reading": READING}


@dataclass(frozen=True)
class Request:
    """What a server was asked; `port` is the client's, one for each connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int


class FakeRasa:
    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked: list[Request] = []
        self.url = ""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        port = request.transport.get_extra_info("peername")[1]
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Request(request.method, request.path_qs, headers, await request.read(), port))
        return await self.handler(request)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[FakeRasa]:
    rasa = FakeRasa(handler)
    async with RawTestServer(rasa) as server:
        rasa.url = str(server.make_url("")).rstrip("/")
        yield rasa


def answering(body: Any = ANSWER, status: int = 200) -> Handler:
    """Answer with JSON."""
    return saying(lambda: web.json_response(body, status=status))


def saying(response: Callable[[], web.StreamResponse]) -> Handler:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return response()

    return answer


async def hangs_up(request: web.BaseRequest) -> web.StreamResponse:
    return await _writes(request, b"")


async def says_no_http(request: web.BaseRequest) -> web.StreamResponse:
    return await _writes(request, b"no HTTP\r\n\r\n")


async def says_half(request: web.BaseRequest) -> web.StreamResponse:
    return await _writes(request, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


async def _writes(request: web.BaseRequest, said: bytes) -> web.StreamResponse:
    """Write the bytes and hang up; what is returned reaches nobody."""
    assert request.transport is not None
    request.transport.write(said)
    request.transport.close()
    return web.Response()
