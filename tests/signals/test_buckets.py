"""Buckets in Redis: what all gateways together let through, by one clock; without Redis nobody is refused."""

import asyncio
import secrets
import time

import pytest
from redis import Redis

from bot.signals.buckets import Buckets
from bot.signals.link import Link
from tests.redis_server import OwnRedis


async def drawn(links: list[Link], tries: int, per_second: float, burst: float) -> list[int]:
    """Draw from one bucket through all lines at once; return what each try was told."""
    buckets = [Buckets(link) for link in links]
    takes = [buckets[number % len(buckets)].take("messages:sara", per_second, burst) for number in range(tries)]
    return list(await asyncio.gather(*takes))


def through(url: str, tries: int, per_second: float, burst: float, wait: float = 0.0) -> tuple[int, int, list[int]]:
    """Draw, wait and draw again through three gateways; return how often it was granted, and what refusals said."""

    async def run() -> tuple[int, int, list[int]]:
        name = f"test{secrets.token_hex(6)}"
        links = [Link(url, name) for _ in range(3)]
        first = await drawn(links, tries, per_second, burst)
        await asyncio.sleep(wait)
        second = await drawn(links, tries, per_second, burst)
        for link in links:
            await link.close()
        return first.count(0), second.count(0), [told for told in first if told]

    return asyncio.run(run())


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that is slow because the machine is busy does not count as away."""
    monkeypatch.setattr("bot.signals.link.DEADLINE_SECONDS", 60.0)


@pytest.mark.usefixtures("_patient")
def test_three_gateways_let_through_what_one_may(redis_url: str) -> None:
    first, second, refusals = through(redis_url, 60, per_second=0.05, burst=20)
    assert (first, second) == (20, 0)
    assert len(refusals) == 40
    assert all(1 <= told <= 20 for told in refusals)


@pytest.mark.usefixtures("_patient")
def test_what_was_used_up_comes_back_with_time(redis_url: str) -> None:
    began = time.monotonic()
    first, second, _ = through(redis_url, 30, per_second=5, burst=10, wait=1.0)
    assert first >= 10
    assert 4 <= second <= 10
    assert first + second <= 10 + 5 * (time.monotonic() - began)


@pytest.mark.usefixtures("_patient")
def test_a_bucket_that_is_full_again_is_forgotten(redis_url: str) -> None:
    async def run() -> str:
        link = Link(redis_url, f"test{secrets.token_hex(6)}")
        await drawn([link], 3, per_second=0.1, burst=10)
        await link.close()
        return f"{link.name}:rate:messages:sara"

    key = asyncio.run(run())
    with Redis.from_url(redis_url) as redis:
        assert 40 <= redis.ttl(key) <= 101


def test_without_redis_nobody_is_refused_and_nobody_waits_long(own_redis: OwnRedis) -> None:
    async def run() -> tuple[list[int], list[int], float]:
        link = Link(own_redis.url, "test")
        before = await drawn([link], 5, per_second=0.01, burst=2)
        with own_redis.paused():
            began = time.monotonic()
            told = [await Buckets(link).take("messages:sara", 0.01, 2) for _ in range(50)]
            took = time.monotonic() - began
        await link.close()
        return before, told, took

    before, told, took = asyncio.run(run())
    assert before.count(0) == 2
    assert set(told) == {0}
    assert took < 8, "one deadline, and then it is left alone for a moment"
