"""What stands before every route: the size of bodies and the rate of requests."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.domain.errors import TooMany
from bot.domain.evidence import LARGEST_FILE
from bot.web.errors import Errors
from bot.web.headers import with_headers

LARGEST_BODY = 64 * 1024
"""Bytes: a message of 2,000 characters takes at most 24,000 of them, escaped."""

LARGEST_UPLOAD = LARGEST_FILE + LARGEST_BODY
"""Bytes: a little more than a file may have, so that it is refused in the words for files."""


class Limits:
    """Refuses a body that is too large, by its announced length or while it arrives, and sets HEADERS.

    LARGEST_BODY is the most everywhere but for the path `uploads`.
    """

    def __init__(self, app: ASGIApp, errors: Errors, uploads: str) -> None:
        self._app = app
        self._errors = errors
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"] == self._uploads
        most = LARGEST_UPLOAD if is_upload else LARGEST_BODY
        if _announced(scope) > most:
            code = "file_too_large" if is_upload else "too_large"
            await self._errors.answer(413, code)(scope, receive, with_headers(send))
        else:
            await self._app(scope, _counted(receive, most), with_headers(send))


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length[:20]) if length.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    """Return a `receive` that raises 413; FastAPI answers every other error while it reads a body with 400."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(413)
        return message

    return counted


@dataclass(slots=True)
class Bucket:
    tokens: float
    at: float


class Rate:
    """A token bucket per key: `per_minute` on average, half of it (10 at least) at once."""

    KEYS = 10_000

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._burst = max(10.0, per_minute / 2)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str) -> None:
        """Count one request; raise TooMany where there have been too many."""
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
