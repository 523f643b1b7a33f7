"""What stands before every route: the size of bodies and the rate of requests."""

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.address import home
from bot.domain.errors import TooMany
from bot.services.ports import Buckets
from bot.web.errors import Errors
from bot.web.headers import with_headers

LARGEST_BODY = 64 * 1024
"""Bytes: a message of 2,000 characters takes at most 24,000 of them, escaped."""


RETRY_SECONDS = 30
"""When to ask again for a place."""


@dataclass(frozen=True, slots=True)
class Larger:
    """What a path takes that takes more than others: a file of so many bytes, and the code of a refusal."""

    file: int
    code: str
    seconds: float = 300
    """In which all of it has come."""

    @property
    def most(self) -> int:
        """A little more than the file, which is refused in words of its own where it is read."""
        return self.file + LARGEST_BODY


OTHERS = Larger(0, "too_large", 30)


class Limits:
    """Refuses a body that is too large, by its announced length or while it arrives, or too slow, and sets HEADERS.

    An address with a NUL in it names nothing: PostgreSQL, for one, has no such text.

    LARGEST_BODY is the most everywhere but for the paths `larger` names.
    """

    def __init__(self, app: ASGIApp, errors: Errors, larger: Mapping[str, Larger]) -> None:
        self._app = app
        self._errors = errors
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        larger = self._larger.get(scope["path"], OTHERS)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await self._errors.answer(404, "not_found")(scope, receive, with_headers(send))
        elif _announced(scope) > larger.most:
            await self._errors.answer(413, larger.code)(scope, receive, with_headers(send))
        else:
            bodiless = scope["method"] in ("GET", "HEAD")  # whose receive tells a stream that its reader went
            await self._app(scope, receive if bodiless else _counted(receive, larger), with_headers(send))


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:20]) if length.isdigit() else 0


def _counted(receive: Receive, larger: Larger) -> Receive:
    """Return a `receive` that raises 413 and 408; FastAPI answers every other error while it reads a body with 400."""
    total, arrived, until = 0, False, math.inf

    async def counted() -> Message:
        nonlocal total, arrived, until
        until = min(until, time.monotonic() + larger.seconds)
        try:
            message = await asyncio.wait_for(receive(), None if arrived else until - time.monotonic())
        except TimeoutError:
            raise HTTPException(408) from None
        total, arrived = total + len(message.get("body", b"")), not message.get("more_body", False)
        if total > larger.most:
            raise HTTPException(413)
        return message

    return counted


def origin(request: Request) -> str:
    """Return by what the rates know where a request comes from; what a client says of itself is not asked."""
    return home(request.client.host) if request.client else ""


@dataclass(slots=True)
class Bucket:
    tokens: float
    at: float


class Rate:
    """A token bucket per key: `per_minute` on average, half of it (10 at least) at once.

    Each gateway keeps its own; where there are `shared` ones, a request takes a token of both.
    """

    KEYS = 10_000

    def __init__(self, per_minute: int, name: str = "", shared: Buckets | None = None) -> None:
        self._name = name
        self._shared = shared
        self._per_second = per_minute / 60
        self._burst = max(10.0, per_minute / 2)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    async def take(self, key: str) -> None:
        """Count one request; raise TooMany where there have been too many."""
        self._take_here(key)
        if self._shared is not None:
            wait = await self._shared.take(f"{self._name}:{key}", self._per_second, self._burst)
            if wait:
                raise TooMany(wait)

    def _take_here(self, key: str) -> None:
        now = time.monotonic()
        bucket = self._buckets.setdefault(key, Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self.KEYS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.tokens < 1:
            raise TooMany(int((1 - bucket.tokens) / self._per_second) + 1)
        bucket.tokens -= 1


class Places:
    """How much of something each key holds at the same time: streams, of an address or a conversation."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def require(self, key: str) -> None:
        """Raise TooMany where a key has no place left."""
        if self._taken[key] >= self._most:
            raise TooMany(RETRY_SECONDS)

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
