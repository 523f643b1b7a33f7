"""What all clients of a run share, and what those of one phase do."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.domain.errors import GatewayDown
from bot.domain.promises import Acknowledged
from bot.engine.load.figures import Figures, Used

THINK_SECONDS = (8.0, 12.0)
"""How long a shopper reads and thinks before the next answer."""
CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 45.0
"""A stream without even a sign of life for so long is taken for dead; the gateway gives one every 15 s."""

Answers = dict[str, Any]


@dataclass
class Run:
    """One measurement against one gateway, from the first client to the last."""

    url: str
    seed: int = 1
    pace: float = 1.0
    """What thinking times are multiplied with."""
    usage: Callable[[], Used] = dict
    """Returns what the processes take at this moment."""
    acknowledged: list[Acknowledged] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Promises that readers saw broken, as sentences."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Complaint number → the conversation it was shown in."""
    conversations: set[str] = field(default_factory=set)
    """Those that go on just now, for agents to read."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody pressed Ctrl-C: all end what they are about."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        # One context for all: each client would read the machine's certificates again, for 20 ms of a core.
        self._tls = httpx.create_ssl_context(trust_env=False)

    async def require_gateway(self) -> None:
        """Raise GatewayDown where none answers: hundreds of clients would say it less clearly."""
        try:
            async with self.client() as http:
                answer = await http.get("/healthz")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise GatewayDown(f"Nothing answers at {self.url}: start it with `make run`, or leave --url out.") from error
        if not answer.is_success:
            raise GatewayDown(f"What answers at {self.url} says {answer.status_code} to /healthz: is it Shakwa?")

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client with connections of its own, as each browser has."""
        timeout = httpx.Timeout(CONNECT_SECONDS, read=SILENCE_SECONDS)
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout, verify=self._tls, trust_env=False)

    @cached_property
    def complaints(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("complaints.ar.yml").read_text("utf-8"))
        return found

    def complaint(self) -> tuple[str, Answers]:
        """Return what a shopper says first, and the answers by slot: a text or {"tap": title}."""
        told, order = self.chance.choice(self.complaints), f"{self.chance.randrange(10**14):014}"
        number = f"{order[:7]}-{order[7:]}"
        answers = {
            slot: answer.replace("{order}", number) if isinstance(answer, str) else answer
            for slot, answer in told["answers"].items()
        }
        return told["opening"], answers

    def shown(self, number: str, conversation: str) -> None:
        """Note that a complaint's number was shown; the same one in two conversations is a broken promise."""
        if self.numbers.setdefault(number, conversation) != conversation:
            self.broken.append(f"I6: {number} was shown in conversations {self.numbers[number]} and {conversation}")


@dataclass
class Phase:
    """A part of a run that is measured by itself; it is over when its time is, or all of the run is."""

    run: Run
    name: str
    clients: int
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.figures = Figures(self.name, self.clients, before=self.run.usage())

    async def sleep(self, seconds: float) -> None:
        """Wait, or until it is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)

    async def think(self) -> None:
        await self.sleep(self.run.chance.uniform(*THINK_SECONDS) * self.run.pace)

    async def end_after(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.run.stop.wait(), seconds)
        self.over.set()
