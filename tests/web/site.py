"""A running gateway, a shopper in front of it, and the stream the shopper hears."""

import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from bot.domain.shop import Shop
from bot.engine import dataset
from bot.services.chat import Chat
from bot.services.console import Console, console_over
from bot.services.evidence import Evidence
from bot.services.files import ComplaintFiles
from bot.services.identity import Identities
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.store.unit_of_work import Store
from bot.store.views import conversations_since, newest_message
from bot.web.app import create_app
from bot.web.gateway import Gateway
from tests.builders import PATIENCE_SECONDS, FakeEngine, wait_for
from tests.conftest import Clock
from tests.services.staff import users_of

LABELS = frozenset({"late_delivery", "damaged_item", "greet", "out_of_scope", "faq/warranty"})
IDENTITY_SECRET = "what the server of the shop signs identities with, of sixty-four characters"


class InProcess(httpx.BaseTransport):
    """Carries requests to an app on the event loop of `portal`; it waits for the end of an answer, so it has no streams."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._handle, request.method, request.url, request.headers, request.read())

    async def _handle(self, method: str, url: httpx.URL, headers: httpx.Headers, content: bytes) -> httpx.Response:
        request = httpx.Request(method, url, headers=headers, content=content)
        answer = await self._app.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve the app on a free port, as `shakwa gateway` does, and yield its address."""
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=partial(server.run, sockets=[listening]))
        thread.start()
        try:
            wait_for(lambda: server.started)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


@dataclass
class Site:
    """Starts gateways over one store; `options` are fields of Gateway."""

    store: Store
    clock: Clock
    words: Words
    shop: Shop
    folder: Path
    """Where files are kept."""
    engine: FakeEngine = field(default_factory=FakeEngine)
    checks: dict[str, Callable[[], bool]] = field(default_factory=dict)

    @property
    def chat(self) -> Chat:
        return Chat(self.store, self.clock, "a secret of the tests")

    @property
    def files(self) -> ComplaintFiles:
        return ComplaintFiles(self.store, self.clock, self.shop, self.words, self.evidence, "http://gateway")

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.store, self.clock, self.folder, "a secret of the tests")

    @cached_property
    def console(self) -> Console:
        return console_over(
            self.store, self.clock, self.shop, self.words, self.files.link, lambda: LABELS, users_of(self.store, self.clock)
        )

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.store, self.clock, lambda letter: Outcome(200), lambda url: None)

    @property
    def training(self) -> Training:
        folder = self.folder / "project"
        return Training(self.console.inbox, self.shop, partial(dataset.changes, folder), partial(dataset.write, folder))

    @contextmanager
    def open(self, **options: Any) -> Iterator[httpx.Client]:
        """Yield a client of a gateway without a network between."""
        app = self.app(**options)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
            yield httpx.Client(transport=InProcess(app, portal), base_url="http://gateway")

    @contextmanager
    def serve(self, **options: Any) -> Iterator[httpx.Client]:
        """Yield a client of a gateway on a port, for streams and for what only a real connection carries."""
        with served(self.app(**options)) as url, httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as http:
            yield http

    def app(self, **options: Any) -> FastAPI:
        gateway = Gateway(
            chat=self.chat,
            turns=lambda listeners: Turns(self.store, self.clock, self.engine, listeners, self.words),
            words=self.words,
            evidence=self.evidence,
            identities=Identities(IDENTITY_SECRET, self.shop.region),
            console=self.console,
            webhooks=self.webhooks,
            training=self.training,
            file_page=self.files.page,
            shop_name=self.shop.name,
            newest=partial(newest_message, self.store.engine),
            since=partial(conversations_since, self.store.engine),
            checks=self.checks,
            **options,
        )
        return create_app(gateway)


class Shopper:
    """A shopper with a session of their own."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        opened = http.post("/api/session", json={}).json()
        self.token, self.conversation = opened["token"], opened["conversation"]
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def post(self, **body: Any) -> httpx.Response:
        return self.http.post("/api/messages", json={"client_id": uuid.uuid4().hex} | body, headers=self.headers)

    def say(self, text: str) -> dict[str, Any]:
        response = self.post(text=text)
        assert response.status_code == 202, response.text
        return response.json()["message"]

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        response = self.http.get("/api/messages", params={"after": after}, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()["messages"]

    def answered(self, count: int) -> list[dict[str, Any]]:
        """Return the history once it holds so many messages."""
        wait_for(lambda: len(self.history()) >= count)
        return self.history()

    @contextmanager
    def listen(self, last: int | None = None) -> Iterator["Stream"]:
        headers = self.headers | ({} if last is None else {"Last-Event-ID": str(last)})
        with self.http.stream("GET", "/api/stream", headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield Stream(response.iter_lines())


@dataclass(frozen=True)
class Event:
    name: str
    id: str | None
    data: dict[str, Any]


class Stream:
    """The events of one open stream, as the widget reads them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> Event:
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line and "data" in fields:
                return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
        raise AssertionError("the stream ended")

    def messages(self, count: int) -> list[dict[str, Any]]:
        """Return the next so many messages, whatever else comes between."""
        found = []
        while len(found) < count:
            event = self.next()
            if event.name == "message":
                assert event.id == str(event.data["seq"])
                found.append(event.data)
        return found
