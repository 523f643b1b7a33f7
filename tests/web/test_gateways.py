"""Several gateways over one store: what happens at one is seen at the other at once with Redis, and soon without."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from redis import Redis

from bot.domain.user import Role
from bot.signals.broadcast import Broadcast
from bot.signals.link import Link
from bot.web.streams import Hub
from tests.builders import wait_for
from tests.redis_server import OwnRedis, answers
from tests.web.site import Event, Shopper, Site, Stream
from tests.web.staff import Colleague

AT_ONCE = 10.0
"""Seconds that a busy machine may take; where polling is off, what no signal brings comes after an hour."""

Gateways = tuple[httpx.Client, httpx.Client]


@contextmanager
def two_gateways(site: Site, url: str) -> Iterator[Gateways]:
    """Yield clients of two gateways that share a Redis."""
    name = f"test{secrets.token_hex(6)}"
    with ExitStack() as open_gateways:
        here, there = (open_gateways.enter_context(site.serve(signals=Broadcast(Link(url, name)))) for _ in range(2))
        if answers(url):
            wait_for(lambda: listeners(url, f"{name}:signals") == 2)
        yield here, there


def listeners(url: str, channel: str) -> int:
    with Redis.from_url(url) as redis:
        [(_, count)] = redis.pubsub_numsub(channel)
    return int(count)


@pytest.fixture
def _without_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen at once is seen because of a signal."""
    monkeypatch.setattr(Hub.watch, "__defaults__", (3_600.0,))
    monkeypatch.setattr("bot.web.console.stream.LOOK_SECONDS", 3_600.0)


@pytest.fixture
def _polling_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub.watch, "__defaults__", (1.0,))


def until(stream: Stream, wanted: Callable[[Event], bool]) -> tuple[Event, float]:
    """Return the first event that is wanted, and how long that took."""
    began = time.monotonic()
    while not wanted(event := stream.next()):
        pass
    return event, time.monotonic() - began


def is_message(text: str) -> Callable[[Event], bool]:
    return lambda event: event.name == "message" and event.data["text"] == text


def shows(name: str, data: Any) -> Callable[[Event], bool]:
    return lambda event: event.name == name and event.data == data


@pytest.mark.usefixtures("_without_polling")
def test_what_is_said_at_one_gateway_is_heard_at_the_other_at_once(site: Site, redis_url: str) -> None:
    with two_gateways(site, redis_url) as (here, there):
        shopper = Shopper(here)
        shopper.http = there
        with shopper.listen() as stream:
            shopper.http = here
            took = []
            for number in range(5):
                shopper.say(f"رسالة {number}")
                took.append(until(stream, is_message(f"رسالة {number}"))[1])
                until(stream, is_message(f"رد على: رسالة {number}"))
    assert max(took) < AT_ONCE


@pytest.mark.usefixtures("_without_polling")
def test_colleagues_at_two_gateways_see_one_another_look_and_write(site: Site, redis_url: str) -> None:
    with two_gateways(site, redis_url) as (here, there):
        shopper = Shopper(here)
        sara = Colleague(site, here, Role.AGENT, "sara", "سارة")
        noura = Colleague(site, there, Role.AGENT, "noura", "نورة")
        with sara.listen(shopper.conversation) as first:
            until(first, shows("viewers", ["سارة"]))
            with noura.listen(shopper.conversation) as second:
                assert until(second, shows("viewers", ["سارة", "نورة"]))[1] < AT_ONCE
                assert until(first, shows("viewers", ["سارة", "نورة"]))[1] < AT_ONCE
                assert noura.claim(shopper.conversation).status_code == 200
                noura.post(f"/conversations/{shopper.conversation}/typing", on=True)
                assert until(first, shows("typing", {"who": "نورة", "on": True}))[1] < AT_ONCE
            assert until(first, shows("viewers", ["سارة"]))[1] < AT_ONCE


@pytest.mark.usefixtures("_without_polling")
def test_an_agent_takes_over_at_one_gateway_and_the_shopper_at_the_other_sees_it(site: Site, redis_url: str) -> None:
    with two_gateways(site, redis_url) as (here, there):
        shopper, agent = Shopper(here), Colleague(site, there)
        with shopper.listen() as stream:
            shopper.say("أبغى أكلم موظف")
            shopper.answered(2)
            assert agent.claim(shopper.conversation).status_code == 200
            until(stream, lambda event: event.name == "message" and event.data["from"] == "system")
            assert agent.say(shopper.conversation, "أهلًا، معك سارة").status_code == 201
            assert until(stream, is_message("أهلًا، معك سارة"))[1] < AT_ONCE
            shopper.say("شكرًا")
        wait_for(lambda: site.engine.parsed == ["شكرًا"])
        assert len(site.engine.jobs) == 1, "the bot is silent at both"


@pytest.mark.usefixtures("_polling_as_it_is")
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["stopped", "paused", "flushed"])
def test_whatever_becomes_of_redis_nothing_is_lost(site: Site, own_redis: OwnRedis, fault: str) -> None:
    """Polling goes on: the one that is answered here is heard there."""
    with two_gateways(site, own_redis.url) as (here, there), ExitStack() as faults:
        shopper = Shopper(there)
        with shopper.listen() as stream:
            shopper.http = here
            for number in range(6):
                if number == 2:
                    hurt(own_redis, fault, faults)
                if number == 4:
                    faults.close()
                shopper.say(f"رسالة {number}")
                assert until(stream, is_message(f"رسالة {number}"))[1] < AT_ONCE
                until(stream, is_message(f"رد على: رسالة {number}"))
        assert [message["seq"] for message in shopper.history()] == list(range(1, 13))


def hurt(redis: OwnRedis, fault: str, faults: ExitStack) -> None:
    if fault == "stopped":
        redis.stop()
        faults.callback(redis.start)
    elif fault == "paused":
        faults.enter_context(redis.paused())
    else:
        redis.flush()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_gateway_starts_and_stops_without_redis(site: Site, own_redis: OwnRedis) -> None:
    own_redis.stop()
    began = time.monotonic()
    with two_gateways(site, own_redis.url) as (here, _):
        shopper = Shopper(here)
        shopper.say("طلبي تأخر")
        assert [message["from"] for message in shopper.answered(2)] == ["shopper", "bot"]
    assert time.monotonic() - began < 30
