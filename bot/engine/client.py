"""Asks Rasa through our input channel.

Over aiohttp: a call costs 0.3 ms of a core, where httpx's pool of connections makes it 1.4, and 2.7 with sixteen at once.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import urljoin

import aiohttp

from bot.domain.conversation import Button, DecidingWord, Reading, Reply
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job

TURN_SECONDS = 15.0
"""A turn's deadline: the action server has 8 s of it, the channel gives up after 13."""

CONNECT_SECONDS = 2.0
"""A machine that is gone does not even refuse."""

READY_SECONDS = 2.0

IDLE_SECONDS = 4.0
"""How long a connection is kept unused: less than Rasa's 5 s, so that none is used that is just being closed."""

DOWN = frozenset({401, 403, 404, 502, 503, 504})
"""Statuses that say nothing about the message: the engine is starting, misconfigured or lacks its action server."""

Told = TypeVar("Told")

NO_ANSWER = (aiohttp.ClientError, OSError, ValueError)
"""What aiohttp raises where nobody listens, where the answer is no HTTP or only half of one, after the deadline, and, a
ValueError, where the address cannot be one."""


class RasaClient:
    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._headers = {"X-Shakwa-Secret": secret, "Content-Type": "application/json"}
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections that are kept; whoever asks afterwards opens new ones."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def answer(self, job: Job) -> Answer:
        body = await self._post("/webhooks/shakwa/turn", {
            "sender": job.sender_key,
            "text": job.text,
            "payload": job.payload,
            "form": job.form,
            "turn_id": job.claim.turn_id,
            "epoch": job.claim.epoch,
        })  # fmt: skip
        return _told(lambda: Answer([_reply(reply) for reply in body["replies"]], Reading(**body["reading"])))

    async def parse(self, text: str) -> Reading:
        """Return how the NLU reads a text, outside any conversation."""
        body = await self._post("/webhooks/shakwa/parse", {"text": text})
        return _told(lambda: Reading(**body))

    async def why(self, text: str) -> list[DecidingWord]:
        """Return the words that decided how the live model reads a text, the weightiest first."""
        body = await self._post("/webhooks/shakwa/why", {"text": text})
        return _told(lambda: [DecidingWord(**word) for word in body])

    async def ready(self) -> bool:
        try:
            status, _ = await self._ask("GET", "/webhooks/shakwa/", None, READY_SECONDS)
        except NO_ANSWER:
            return False
        return status == HTTPStatus.OK

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            status, said = await self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode(), TURN_SECONDS)
        except NO_ANSWER as error:
            raise EngineDown(f"Rasa does not answer: {type(error).__name__}") from error
        if status in DOWN:
            raise EngineDown(f"Rasa answers {status}: {_reason(said)}")
        if status != HTTPStatus.OK:
            raise EngineFailed(f"Rasa answers {status}: {_reason(said)}")
        try:
            return json.loads(said)
        except ValueError as error:
            raise EngineFailed(f"Rasa answers what is not JSON: {_reason(said)}") from error

    async def _ask(self, method: str, path: str, content: bytes | None, seconds: float) -> tuple[int, bytes]:
        """Ask and return the answer's status and all of its body; raise one of NO_ANSWER where there is none."""
        timeout = aiohttp.ClientTimeout(seconds, connect=CONNECT_SECONDS)
        url = urljoin(self._url, path)
        async with self._session().request(
            method, url, data=content, headers=self._headers, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status, await response.read()

    def _session(self) -> aiohttp.ClientSession:
        """Return the session of the running event loop; it reads no proxy from the environment, and keeps no cookies."""
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._sessions[loop]


def _told(make: Callable[[], Told]) -> Told:
    """Return what is made of an answer; raise EngineFailed where it is not one of our channel's."""
    try:
        return make()
    except (KeyError, TypeError) as error:
        raise EngineFailed(f"Rasa's answer is not one of our channel's: {error!r}") from error


def _reply(body: dict[str, Any]) -> Reply:
    buttons = tuple(Button(button["title"], button["payload"]) for button in body["buttons"])
    return Reply(body["text"], buttons, body["custom"])


def _reason(said: bytes) -> str:
    return said.decode(errors="replace")[:200]
