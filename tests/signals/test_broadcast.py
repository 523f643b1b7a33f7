"""Gateways hear one another over Redis; while it is away nobody waits, and afterwards they hear one another again."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.domain.signal import Signal, SignalKind
from bot.signals import broadcast
from bot.signals.broadcast import Broadcast, decoded, encoded
from bot.signals.link import Link
from tests.builders import PATIENCE_SECONDS, Log
from tests.redis_server import OwnRedis

WAKE = Signal(SignalKind.WAKE, "c")


class Ear(list[Signal]):
    def kinds(self) -> list[tuple[SignalKind, str]]:
        return [(signal.kind, signal.topic) for signal in self]


class Two:
    """Two gateways' broadcasts in one loop, and what each has heard."""

    def __init__(self, url: str, *names: str) -> None:
        name = f"test{secrets.token_hex(6)}"
        self.one, self.other = (Broadcast(Link(url, own)) for own in (names or (name, name)))
        self.heard, self.heard_other = Ear(), Ear()
        self.tasks = [
            asyncio.create_task(self.one.run(self.heard.append)),
            asyncio.create_task(self.other.run(self.heard_other.append)),
        ]

    async def meet(self) -> None:
        """Wait until each has heard the other."""
        await until(lambda: self.said() and self.heard and self.heard_other)
        await asyncio.sleep(0.05)
        self.heard.clear()
        self.heard_other.clear()

    def said(self) -> bool:
        self.one.send(WAKE)
        self.other.send(WAKE)
        return True

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks)


async def until(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "what was waited for did not come"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def met(url: str, then: Callable[[Two], Awaitable[None]]) -> None:
    async def run() -> None:
        two = Two(url)
        try:
            await two.meet()
            await then(two)
        finally:
            await two.end()

    asyncio.run(run())


def test_a_signal_comes_back_as_it_was() -> None:
    for signal in (WAKE, Signal(SignalKind.TYPING, "c", "سارة", True), Signal(SignalKind.LOOKING, "c", names=("سارة",))):
        assert decoded(encoded(signal)) == signal


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "{}", '{"kind": "wake"}', '{"kind": "dance", "topic": "c"}', "7"])
def test_what_is_no_signal_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        decoded(text)


def test_each_hears_the_other_and_not_itself(redis_url: str) -> None:
    async def then(two: Two) -> None:
        two.one.send(Signal(SignalKind.TYPING, "c", "سارة", True))
        took = await until(lambda: two.heard_other)
        assert took < 0.3
        assert (two.heard_other[0].who, two.heard_other[0].on) == ("سارة", True)
        await asyncio.sleep(0.1)
        assert two.heard == []

    met(redis_url, then)


def test_installations_do_not_hear_one_another(redis_url: str) -> None:
    async def run() -> None:
        two = Two(redis_url, f"test{secrets.token_hex(6)}", f"test{secrets.token_hex(6)}")
        for _ in range(20):
            two.said()
            await asyncio.sleep(0.02)
        assert (two.heard, two.heard_other) == ([], [])
        await two.end()

    asyncio.run(run())


def test_what_another_version_says_ends_nothing(redis_url: str) -> None:
    async def then(two: Two) -> None:
        for text in ("no json", '{"kind": "dance", "topic": "c"}', "[]", "7"):
            await two.one._link.redis.publish(two.one._channel, text)
        two.one.send(WAKE)
        await until(lambda: two.heard_other)
        assert two.heard_other.kinds() == [(SignalKind.WAKE, "c")]

    met(redis_url, then)


def test_while_redis_is_down_nobody_waits_and_afterwards_it_is_as_before(
    own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("bot.signals.link.log", Log(said))

    async def then(two: Two) -> None:
        await asyncio.to_thread(own_redis.stop)
        began = time.monotonic()
        for _ in range(5_000):
            two.one.send(WAKE)
        assert time.monotonic() - began < 10
        await asyncio.sleep(1.5)
        assert two.heard_other == []
        await asyncio.to_thread(own_redis.start)
        await two.meet()

    met(own_redis.url, then)
    assert sorted(said) == ["signals.redis.away"] * 2 + ["signals.redis.back"] * 2, "once by each gateway"


def test_a_redis_that_is_held_still_counts_as_away(own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "PING_SECONDS", 0.2)

    async def then(two: Two) -> None:
        with own_redis.paused():
            two.one.send(WAKE)
            await until(lambda: not two.one._link.is_up)
            await until(lambda: not two.other._link.is_up)
        await two.meet()

    met(own_redis.url, then)


def test_a_redis_that_is_emptied_loses_no_signal(own_redis: OwnRedis) -> None:
    async def then(two: Two) -> None:
        await asyncio.to_thread(own_redis.flush)
        two.one.send(WAKE)
        await until(lambda: two.heard_other)

    met(own_redis.url, then)
