"""Several Rasa servers as one: a conversation always goes to the same one, and to another while that one is down."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.domain.conversation import DecidingWord, Reading
from bot.domain.errors import EngineDown
from bot.domain.turn import Answer, Job
from bot.engine.client import TURN_SECONDS, RasaClient

log = structlog.get_logger()

REST_SECONDS = 5.0
"""How long the others are asked first, once a server was down."""

Asked = TypeVar("Asked")


class Engines:
    """Asks one server after the other within one turn's time.

    That is safe: a turn is claimed in the store, its tracker is saved by one server alone, and the form is the store's.
    """

    def __init__(self, urls: list[str], secret: str) -> None:
        self._clients = {url: RasaClient(url, secret) for url in urls}
        self._rested_at = dict.fromkeys(urls, 0.0)

    async def answer(self, job: Job) -> Answer:
        return await self._ask(job.sender_key, lambda client: client.answer(job))

    async def parse(self, text: str) -> Reading:
        """Return how the NLU reads a text, outside any conversation."""
        return await self._ask(text, lambda client: client.parse(text))

    async def why(self, text: str) -> list[DecidingWord]:
        """Return the words that decided how the live model reads a text, the weightiest first."""
        return await self._ask(text, lambda client: client.why(text))

    def order(self, key: str) -> list[str]:
        """Return the servers in the order they are asked: by rendezvous hashing, those that were down just now last.

        Where one is added or taken away, only its own conversations move (Thaler and Ravishankar, 1998).
        """
        now = time.monotonic()
        return sorted(self._clients, key=lambda url: (self._rested_at[url] > now, _weight(url, key)))

    async def aclose(self) -> None:
        """Close the connections to all of them; whoever asks afterwards opens new ones."""
        for client in self._clients.values():
            await client.aclose()

    async def _ask(self, key: str, ask: Callable[[RasaClient], Awaitable[Asked]]) -> Asked:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                return await self._first(self.order(key), ask)
        except TimeoutError as error:
            raise EngineDown("no Rasa server answers in time") from error

    async def _first(self, urls: list[str], ask: Callable[[RasaClient], Awaitable[Asked]]) -> Asked:
        """Return what the first one says that is there; raise what the last one's absence was."""
        *others, last = urls
        for url in others:
            try:
                return await self._watched(url, ask)
            except EngineDown as error:
                log.warning("engine.server.down", server=url, reason=str(error))
        return await self._watched(last, ask)

    async def _watched(self, url: str, ask: Callable[[RasaClient], Awaitable[Asked]]) -> Asked:
        try:
            return await ask(self._clients[url])
        except (EngineDown, asyncio.CancelledError):
            self._rested_at[url] = time.monotonic() + REST_SECONDS
            raise


def _weight(url: str, key: str) -> bytes:
    return hashlib.blake2b(f"{url} {key}".encode(), digest_size=8).digest()
