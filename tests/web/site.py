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

from bot.domain.conversation import Reading
from bot.domain.health import Health
from bot.domain.privacy import ErasedComplaints
from bot.domain.shop import Shop
from bot.engine import dataset, health, mending
from bot.engine.gate import MARGIN
from bot.engine.questions import training_data
from bot.engine.sentences import read_sentences
from bot.language.spelling import fold
from bot.services.chat import Chat
from bot.services.console import Console, console_over
from bot.services.evidence import Evidence
from bot.services.files import ComplaintFiles
from bot.services.health import Files, HealthCheck
from bot.services.identity import Identities
from bot.services.importing import Importing, Known
from bot.services.meter import Meter
from bot.services.models import Models
from bot.services.privacy import Elsewhere, Privacy, Terms
from bot.services.runs import Runs
from bot.services.shadow import Shadow
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.store import search
from bot.store.trackers import Trackers
from bot.store.unit_of_work import Store
from bot.store.views import messages_since, newest_message
from bot.store.vitals import vitals
from bot.web.app import create_app
from bot.web.gateway import Gateway
from bot.web.serving import SERVED
from tests.builders import PATIENCE_SECONDS, FakeEngine, wait_for
from tests.conftest import Clock
from tests.services.staff import users_of
from tests.services.workshop import FakeWorkshop

LABELS = frozenset({"late_delivery", "damaged_item", "greet", "out_of_scope", "faq/warranty"})
HELD_OUT = "متى يصل طلبي يا جماعة"
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
    config = uvicorn.Config(app, **SERVED | {"timeout_graceful_shutdown": 1})
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
    candidate: str | None = None
    """File name of the model that could read along."""
    meter: Meter = field(default_factory=Meter)

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

    @property
    def importing(self) -> Importing:
        read = lambda texts: [Reading("greet", 0.7, [], [], "m.tar.gz") for _ in texts]  # noqa: E731
        known = Known(lambda: LABELS, lambda: frozenset({"product"}), lambda: [HELD_OUT], read_sentences, read)
        return Importing(self.store, self.clock, known)

    @cached_property
    def health(self) -> HealthCheck:
        """Over training data in the site's own folder, whose every sentence is read as a complaint about delivery."""
        root, kept = self.folder / "project", self.folder / "health.json"

        def examine() -> Health:
            examples = training_data(root)
            return health.examine(examples, [("late_delivery", 0.9)] * len(examples), fold)

        files = Files(
            examine, examine, partial(health.kept, kept), partial(health.keep, kept), lambda: "",
            partial(mending.relabel, root), partial(mending.remove, root), partial(mending.approve, root),
            partial(mending.from_inbox, root),
        )  # fmt: skip
        return HealthCheck(files, lambda: LABELS)

    @cached_property
    def workshop(self) -> FakeWorkshop:
        return FakeWorkshop()

    @property
    def runs(self) -> Runs:
        return Runs(self.store, self.clock, self.workshop, MARGIN)

    @property
    def privacy(self) -> Privacy:
        trackers = Trackers(f"sqlite:///{self.folder / 'tracker.db'}")
        forget_sentences = partial(dataset.forget, self.folder / "project")
        tidy = partial(search.tidy, self.store.engine)
        terms = Terms(365, ErasedComplaints.ANONYMISE, self.words.notices["erased"], self.shop.region)
        elsewhere = Elsewhere(self.evidence.path, trackers.of, trackers.forget, dataset.fingerprint, forget_sentences, tidy)
        return Privacy(self.store, self.clock, self.training, terms, elsewhere)

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
            turns=lambda listeners: Turns(self.store, self.clock, self.engine, listeners, self.words, self.meter),
            meter=self.meter,
            vitals=lambda: vitals(self.store.engine, self.clock()),
            words=self.words,
            evidence=self.evidence,
            identities=Identities(IDENTITY_SECRET, self.shop.region),
            console=self.console,
            webhooks=self.webhooks,
            training=self.training,
            importing=self.importing,
            health=self.health,
            why=self.engine.why,
            close_engine=self.engine.aclose,
            models=Models(self.store, self.workshop),
            runs=self.runs,
            privacy=self.privacy,
            shadow=Shadow(self.store, self.clock, lambda: self.candidate),
            file_page=self.files.page,
            shop_name=self.shop.name,
            newest=partial(newest_message, self.store.engine),
            since=partial(messages_since, self.store.engine),
            away=self.store.away,
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
