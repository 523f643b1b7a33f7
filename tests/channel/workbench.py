"""The whole way of a message on one event loop: the gateway's turns, our channel in a Sanic server, Rasa's processor, and
the action server over real services. Imports Rasa: only for tests marked `rasa`.
"""

import asyncio
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sanic
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.utils.endpoints import EndpointConfig

from actions.server import guarded_app
from bot.bootstrap import Services
from bot.channel.input import GatewayInput
from bot.channel.tracker_store import StrictTrackerStore
from bot.domain.conversation import Message, Sender
from bot.domain.turn import Job
from bot.engine.client import RasaClient
from bot.services.chat import Chat, Incoming
from bot.services.turns import Turns
from tests.conftest import Clock
from tests.rasa_fixtures import serving

SECRET = "the channel's secret"
ACTIONS_SECRET = "the action server's secret"
NOWHERE = "http://127.0.0.1:9"
"""The port of the discard service, where nobody listens."""


class Silent:
    """Listeners who are told nothing."""

    def wake(self, conversation_id: str) -> None: ...
    def typing(self, conversation_id: str, on: bool) -> None: ...


def processor_over(agent: Any, store: StrictTrackerStore, actions_url: str = NOWHERE) -> MessageProcessor:
    """The agent's processor, with trackers and an action server of its own."""
    processor = MessageProcessor.__new__(MessageProcessor)
    processor.__dict__.update(agent.processor.__dict__)
    processor.tracker_store = FailSafeTrackerStore(store)
    processor.action_endpoint = EndpointConfig(f"{actions_url}/webhook", headers={"X-Shakwa-Secret": ACTIONS_SECRET})
    return processor


def tracker_store(agent: Any, folder: Path) -> StrictTrackerStore:
    return StrictTrackerStore(agent.domain, host=f"sqlite:///{folder / 'tracker.db'}")


def channel_app(agent: Any, secret: str = SECRET) -> sanic.Sanic:
    """Rasa's server as far as our channel sees it."""
    app = sanic.Sanic("channel", configure_logging=False)
    app.ctx.agent = agent
    app.blueprint(GatewayInput(secret).blueprint(None), url_prefix="/webhooks/shakwa")
    return app


class Wire:
    """One shopper's conversation over the whole way."""

    def __init__(self, services: Services, clock: Clock, processor: MessageProcessor, url: str, folder: Path) -> None:
        self.services = services
        self.clock = clock
        self.processor = processor
        self.client = RasaClient(url, SECRET)
        self._chat = Chat(services.store, clock, "a secret of the tests")
        self.turns = Turns(services.store, clock, self.client, Silent(), services.words)
        self.conversation = self._chat.open("widget").conversation_id
        self._trackers = folder / "tracker.db"
        self._heard = 0

    async def say(self, text: str) -> list[Message]:
        """Send typed text; returns what the bot said since."""
        self.keep(text)
        return await self.run()

    async def tap(self, title: str) -> list[Message]:
        """Tap a button of the latest message: it has to be there."""
        offered = {button["title"]: button["id"] for button in self.history()[-1].buttons}
        self._chat.receive(self.conversation, Incoming(uuid.uuid4().hex, choice=offered[title]))
        return await self.run()

    def keep(self, text: str) -> None:
        self._chat.receive(self.conversation, Incoming(uuid.uuid4().hex, text))

    async def run(self) -> list[Message]:
        await self.turns.run(self.conversation)
        new = [message for message in self.history() if message.seq > self._heard]
        self._heard = new[-1].seq
        return [message for message in new if message.sender is not Sender.SHOPPER]

    def claimed(self) -> Job:
        job = self.turns.claim(self.conversation)
        assert job is not None
        return job

    def history(self) -> list[Message]:
        return self._chat.history(self.conversation)

    def stored_events(self) -> list[dict[str, Any]]:
        """Return what Rasa's tracker store holds, read past Rasa."""
        with sqlite3.connect(self._trackers) as connection:
            return [json.loads(data) for (data,) in connection.execute("SELECT data FROM events ORDER BY id")]

    def lose_tracker(self) -> None:
        with sqlite3.connect(self._trackers) as connection:
            connection.execute("DELETE FROM events")

    def send_actions_to(self, url: str) -> None:
        self.processor.action_endpoint.url = f"{url}/webhook"


@asynccontextmanager
async def wired(agent: Any, services: Services, clock: Clock, folder: Path) -> AsyncIterator[Wire]:
    store = tracker_store(agent, folder)
    processor = processor_over(agent, store)
    channel = channel_app(SimpleNamespace(processor=processor, is_ready=lambda: True))
    async with serving(guarded_app(ACTIONS_SECRET)) as actions_url, serving(channel) as url:
        wire = Wire(services, clock, processor, url, folder)
        wire.actions_url = actions_url
        wire.send_actions_to(actions_url)
        async with wire.client:
            yield wire
    store.engine.dispose()


@asynccontextmanager
async def an_action_server(status: int, body: bytes, content_type: str = "application/json") -> AsyncIterator[str]:
    """A server that answers every action alike."""
    app = sanic.Sanic("fake", configure_logging=False)

    @app.post("/webhook")
    async def answer(_: sanic.Request) -> sanic.HTTPResponse:
        return sanic.HTTPResponse(body, status=status, content_type=content_type)

    async with serving(app) as url:
        yield url


@asynccontextmanager
async def a_listener(ports: set[int], *, hangs_up: bool) -> AsyncIterator[str]:
    """A server that notes from which ports it is asked, and hangs up right after an answer, or does not."""
    app = sanic.Sanic("listener", configure_logging=False)

    @app.post("/")
    async def answer(request: sanic.Request) -> sanic.HTTPResponse:
        ports.add(request.conn_info.client_port)
        if hangs_up:
            asyncio.get_running_loop().call_later(0.02, request.transport.close)
        return sanic.response.json({})

    async with serving(app) as url:
        yield url
