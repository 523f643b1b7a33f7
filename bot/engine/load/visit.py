"""One conversation as the widget holds it: it sends until it is acknowledged, and hears the stream."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Self

import httpx

from bot.domain.promises import Acknowledged
from bot.engine.load.run import Phase

REPLY_SECONDS = 60.0
SETTLE_SECONDS = 1.0
"""The bubbles of one answer are stored together; the last of them is heard at most so long after the first."""
PAUSES = (0.5, 1, 2, 4, 8)
"""Seconds between tries."""


class Lost(Exception):
    """This conversation cannot go on; the reason was counted."""


class Visit:
    """`async with` opens a session and its stream; what goes wrong is counted in the phase's figures."""

    def __init__(self, phase: Phase) -> None:
        self._phase, self._run, self._figures = phase, phase.run, phase.figures
        self._http = phase.run.client()
        self._news = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None
        self._sent: set[str] = set()
        self.conversation = ""
        self.messages: list[dict[str, Any]] = []
        """What was heard; `heard_at` is when."""
        self.connected = asyncio.Event()

    async def __aenter__(self) -> Self:
        begun = time.monotonic()
        try:
            session = (await self._post("/api/session", {})).json()
        except BaseException:
            await self._http.aclose()
            raise
        self.conversation = session["conversation"]
        self._http.headers["Authorization"] = f"Bearer {session['token']}"
        self._run.conversations.add(self.conversation)
        self.connect()
        if await self.until(self.connected.is_set, REPLY_SECONDS):
            self._figures.connects.append(time.monotonic() - begun)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        self._run.conversations.discard(self.conversation)
        await self._http.aclose()

    # ------------------------------------------------------------------ saying

    async def ask(self, **content: str) -> dict[str, Any]:
        """Send a text or a choice, wait for the answer and return its last bubble; raise Lost where none comes."""
        begun = time.monotonic()
        seq = await self.say(**content)
        if not await self.until(lambda: bool(self.answers(seq)), REPLY_SECONDS):
            self._figures.errors[f"no reply in {REPLY_SECONDS:.0f} s"] += 1
            raise Lost
        self._figures.replies.append(self.answers(seq)[0]["heard_at"] - begun)
        await self.until(lambda: _is_last(self.answers(seq)[-1]), SETTLE_SECONDS)
        return self.answers(seq)[-1]

    async def say(self, *, title: str = "", **content: str) -> int:
        """Send a text, or the choice with this title, until it is acknowledged; return its number."""
        begun, body = time.monotonic(), {"client_id": uuid.uuid4().hex, **content}
        self._sent.add(title or content["text"])
        message = (await self._post("/api/messages", body)).json()["message"]
        self._figures.acks.append(time.monotonic() - begun)
        self._run.acknowledged.append(Acknowledged(body["client_id"], message["text"], message["seq"]))
        return int(message["seq"])

    async def _post(self, path: str, body: dict[str, str]) -> httpx.Response:
        """Try until it is accepted; a message keeps its client id, so that it is stored once."""
        for pause in (*PAUSES, None):
            response = await self._try(path, body)
            if response is not None and response.is_success:
                return response
            if pause is None or (response is not None and response.status_code not in (429, 500, 502, 503, 504)):
                break
            self._figures.retries += 1
            await asyncio.sleep(_asked_pause(response) or pause)
        raise Lost

    async def _try(self, path: str, body: dict[str, str]) -> httpx.Response | None:
        try:
            response = await self._http.post(path, json=body)
        except httpx.TransportError as error:
            self._figures.errors[type(error).__name__] += 1
            return None
        if response.is_error:
            self._figures.errors[str(response.status_code)] += 1
        return response

    # ------------------------------------------------------------------ hearing

    def connect(self) -> None:
        """Begin to hear, after the last number that was heard."""
        self._stream = asyncio.create_task(self._listen())

    async def drop(self) -> None:
        """Break the line, as a train in a tunnel does."""
        self.connected.clear()
        if self._stream is not None:
            self._stream.cancel()
            with suppress(asyncio.CancelledError):
                await self._stream

    def answers(self, seq: int) -> list[dict[str, Any]]:
        """Return what the bot has said since message `seq`."""
        return [one for one in self.messages if one["seq"] > seq and one["from"] == "bot"]

    def choice(self, title: str) -> str | None:
        """Return the id of the newest button with this title."""
        buttons = [button for message in self.messages for button in message.get("buttons", [])]
        return next((button["id"] for button in reversed(buttons) if button["title"] == title), None)

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds that only news can bring about; return whether it does."""
        ends = time.monotonic() + seconds
        while not holds() and (left := ends - time.monotonic()) > 0:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
        return holds()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except httpx.TransportError as error:
                self._figures.errors[f"stream: {type(error).__name__}"] += 1
            self.connected.clear()
            self._figures.retries += 1
            await asyncio.sleep(PAUSES[0])

    async def _hear(self) -> None:
        headers = {"Last-Event-ID": str(self._last())}
        async with self._http.stream("GET", "/api/stream", headers=headers) as response:
            if response.is_error:
                self._figures.errors[f"stream: {response.status_code}"] += 1
                return
            self.connected.set()
            self._news.set()
            async for message in messages_in(response.aiter_lines()):
                self._take(message)
                self._news.set()

    def _take(self, message: dict[str, Any]) -> None:
        if message["seq"] != self._last() + 1:
            problem = f"I4: {self._last()} was followed by {message['seq']} in conversation {self.conversation}"
            self._run.broken.append(problem)
        if message["from"] == "shopper" and message["text"] not in self._sent:
            self._run.broken.append(f"I6: conversation {self.conversation} was shown what somebody else wrote")
        self.messages.append(message | {"heard_at": time.monotonic()})

    def _last(self) -> int:
        return int(self.messages[-1]["seq"]) if self.messages else 0


async def messages_in(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """Yield the messages of a stream of server-sent events."""
    event = ""
    async for line in lines:
        if line.startswith("event:"):
            event = line.removeprefix("event:").strip()
        elif line.startswith("data:") and event == "message":
            yield json.loads(line.removeprefix("data:"))


def _is_last(bubble: dict[str, Any]) -> bool:
    """Whether this bubble ends an answer within a complaint: it asks for something, or tells the number."""
    custom = bubble.get("custom", {})
    return "asks" in custom or "complaint_number" in custom


def _asked_pause(response: httpx.Response | None) -> float:
    """Return the seconds a refusal asks for, 0 where it says none."""
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    return float(asked) if asked.isdigit() else 0.0
