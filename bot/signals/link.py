"""One Redis, asked with a short deadline; while it is away it is left alone for a moment, and that is said once."""

import time

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError

log = structlog.get_logger()

DEADLINE_SECONDS = 0.25
"""How long a shopper may wait for Redis before it counts as away."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before it is asked again, growing while it stays away."""
FAILURES = (RedisError, OSError)


class Link:
    """The gateway's line to Redis. `name` begins every key and channel, so that installations do not meet."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.redis: Redis = Redis.from_url(
            url,
            socket_timeout=DEADLINE_SECONDS,
            socket_connect_timeout=DEADLINE_SECONDS,
            retry=Retry(NoBackoff(), 1),  # a connection from before an outage fails once
            retry_on_error=[NotConnected],
            decode_responses=True,
        )
        self._failures = 0
        self._again_at = 0.0

    @property
    def is_up(self) -> bool:
        """Whether it may be asked now."""
        return time.monotonic() >= self._again_at

    @property
    def pause(self) -> float:
        """Seconds until it may be asked again."""
        return max(0.0, self._again_at - time.monotonic())

    def lost(self, error: Exception) -> None:
        """Leave it alone for a while."""
        if not self._failures:
            log.warning("signals.redis.away", cause=type(error).__name__)
        self._again_at = time.monotonic() + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1

    def found(self) -> None:
        if self._failures:
            log.info("signals.redis.back")
        self._failures = 0

    async def close(self) -> None:
        await self.redis.close(close_connection_pool=True)
