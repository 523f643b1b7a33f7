"""Token buckets that several gateways draw from: one step in Redis, by Redis' own clock."""

from bot.signals.link import FAILURES, Link

TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(kept[1]) or burst
local passed = math.max(0, now - (tonumber(kept[2]) or now))
tokens = math.min(burst, tokens + passed * rate)
local wait = 0
if tokens < 1 then wait = math.floor((1 - tokens) / rate) + 1 else tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return wait
"""
"""A bucket that would be full again is forgotten."""


class Buckets:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._take = link.redis.register_script(TAKE)

    async def take(self, key: str, per_second: float, burst: float) -> int:
        """Take a token; return 0, or the seconds until there is one. Without Redis nobody is refused here."""
        if not self._link.is_up:
            return 0
        try:
            wait = await self._take(keys=[f"{self._link.name}:rate:{key}"], args=[per_second, burst])
            self._link.found()
            return int(wait)
        except FAILURES as error:
            self._link.lost(error)
            return 0
