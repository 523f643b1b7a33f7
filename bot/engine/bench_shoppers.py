"""Shoppers who say the same things, one after the other and without a pause, to Shakwa's gateway or to stock Rasa."""

import asyncio
import itertools
import random
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import yaml

from bot.engine.load.visit import messages_in

PATIENCE = 60.0
"""Seconds an answer is waited for."""
PAUSE = 0.1
"""Seconds after a failure: a side that is down is not to be hammered."""
FILED = "SH-"
"""How the number of a complaint begins, on both sides."""


class NoAnswer(Exception):
    """Nothing was said in reply."""


class Shopper(Protocol):
    async def open(self) -> None: ...
    async def say(self, text: str) -> None:
        """Say something and wait for the answer; raise NoAnswer, TimeoutError or httpx.HTTPError."""

    async def tap(self, title: str, payload: str) -> None:
        """Take a button; one that is not offered, the bot having misread something, is said instead."""

    async def was_told(self, part: str) -> bool:
        """Whether an answer held this text."""

    async def close(self) -> None: ...


Begin = Callable[[httpx.AsyncClient], Shopper]


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    payload: str = ""
    """Of a button, which has `text` on it."""

    async def take(self, shopper: Shopper, order: str) -> None:
        await (shopper.tap(self.text, self.payload) if self.payload else shopper.say(self.text.format(order=order)))


def read_script(file: Path) -> list[Step]:
    lines = yaml.safe_load(file.read_text("utf-8"))
    return [Step(line.get("say") or line["tap"], line.get("payload", "")) for line in lines]


@dataclass
class GatewayShopper:
    """Writes and listens as the widget does: a post, and the answer over the stream."""

    http: httpx.AsyncClient
    url: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    _headers: dict[str, str] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _listening: "asyncio.Task[None] | None" = None

    async def open(self) -> None:
        session = (await self.http.post(f"{self.url}/api/session", json={})).raise_for_status().json()
        self._headers = {"Authorization": f"Bearer {session['token']}"}
        self._listening = asyncio.create_task(self._listen())

    async def say(self, text: str) -> None:
        await self._send({"text": text})

    async def tap(self, title: str, payload: str) -> None:
        offered = await self._comes(lambda: title in self._choices(), seconds=1)
        await self._send({"choice": self._choices()[title]} if offered else {"text": title})

    async def was_told(self, part: str) -> bool:
        return await self._comes(
            lambda: any(part in one["text"] for one in self.messages if one["from"] == "bot"), seconds=2
        )

    async def close(self) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _send(self, content: dict[str, str]) -> None:
        body = {"client_id": str(uuid.uuid4()), **content}
        response = await self.http.post(f"{self.url}/api/messages", json=body, headers=self._headers)
        seq = response.raise_for_status().json()["message"]["seq"]
        if not await self._comes(lambda: any(one["seq"] > seq and one["from"] == "bot" for one in self.messages), PATIENCE):
            raise NoAnswer("none in time")

    def _choices(self) -> dict[str, str]:
        last: list[dict[str, Any]] = next((one["buttons"] for one in reversed(self.messages) if one.get("buttons")), [])
        return {str(button["title"]): str(button["id"]) for button in last}

    async def _comes(self, holds: Callable[[], bool], seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        return holds()

    async def _listen(self) -> None:
        async with self.http.stream("GET", f"{self.url}/api/stream", headers=self._headers, timeout=None) as stream:
            async for message in messages_in(stream.aiter_lines()):
                self.messages.append(message)
                self._news.set()


@dataclass
class StockShopper:
    """Talks to Rasa's REST channel, which answers in the response itself, and `200 []` where something failed."""

    http: httpx.AsyncClient
    url: str
    sender: str = field(default_factory=lambda: str(uuid.uuid4()))
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def open(self) -> None:
        """Rasa begins a conversation with its first message."""

    async def say(self, text: str) -> None:
        body = {"sender": self.sender, "message": text}
        response = await self.http.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=PATIENCE)
        heard = response.raise_for_status().json()
        if not heard:
            raise NoAnswer("200 with nothing in it")
        self.messages += heard

    async def tap(self, title: str, payload: str) -> None:
        await self.say(payload)

    async def was_told(self, part: str) -> bool:
        return any(part in one.get("text", "") for one in self.messages)

    async def close(self) -> None:
        """Nothing is held open."""


@dataclass
class Load:
    """What shoppers without a pause brought about within `seconds`."""

    seconds: float
    milliseconds: list[float] = field(default_factory=list)
    """Of each turn that was answered within the time."""
    failed: int = 0
    """Turns without an answer; the conversation is begun anew."""
    filed: int = 0
    ended: int = 0
    """Conversations that came to the end of the script; `filed` of them with a number."""

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds


def apply(begin: Begin, script: list[Step], shoppers: int, seconds: float) -> Load:
    """Let so many shoppers go through the script, again and again, for so long."""
    return asyncio.run(_apply(begin, script, shoppers, seconds))


def turns_of_one(begin: Begin, script: list[Step], count: int) -> list[float]:
    """Return milliseconds of each turn of one conversation that goes through the script until it has so many turns."""
    return asyncio.run(_turns_of_one(begin, script, count))


async def _apply(begin: Begin, script: list[Step], shoppers: int, seconds: float) -> Load:
    load, until = Load(seconds), time.perf_counter() + seconds
    async with _client() as http, asyncio.TaskGroup() as group:
        for _ in range(shoppers):
            group.create_task(_shop(begin, http, script, until, load))
    return load


async def _shop(begin: Begin, http: httpx.AsyncClient, script: list[Step], until: float, load: Load) -> None:
    while time.perf_counter() < until:
        shopper = begin(http)
        try:
            await shopper.open()
            await _converse(shopper, script, until, load)
        except (NoAnswer, TimeoutError, httpx.HTTPError):
            load.failed += 1
            await asyncio.sleep(PAUSE)
        finally:
            await shopper.close()


async def _converse(shopper: Shopper, script: list[Step], until: float, load: Load) -> None:
    order = an_order()
    for step in script:
        begun = time.perf_counter()
        await step.take(shopper, order)
        ended = time.perf_counter()
        if ended > until:
            return
        load.milliseconds.append((ended - begun) * 1000)
    load.ended += 1
    load.filed += await shopper.was_told(FILED)


async def _turns_of_one(begin: Begin, script: list[Step], count: int) -> list[float]:
    taken: list[float] = []
    async with _client() as http:
        shopper = begin(http)
        await shopper.open()
        order = an_order()
        for step in itertools.islice(itertools.cycle(script), count):
            order = an_order() if step is script[0] else order
            begun = time.perf_counter()
            with suppress(NoAnswer, TimeoutError):  # a turn without an answer took its time, too
                await step.take(shopper, order)
            taken.append((time.perf_counter() - begun) * 1000)
        await shopper.close()
    return taken


def an_order() -> str:
    """Return an order number that no other conversation has: complaints about one order would be put together."""
    return str(random.randrange(10**7, 10**8))


def _client() -> httpx.AsyncClient:
    # Both are on this machine: a proxy in the environment is not for them, and no certificates need to be read.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False, verify=False)
