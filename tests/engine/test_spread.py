"""Several Rasa servers: a conversation stays with one, moves on when that one is down, and comes back."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Job, TurnRef
from bot.engine import spread
from bot.engine.client import RasaClient
from bot.engine.spread import Engines
from tests.engine.test_client import READING

URLS = [f"http://rasa-{number}:5005" for number in range(4)]


class Servers:
    """Stand-ins for Rasa servers; `down` ones answer as they are told, and `asked` says who was asked in turn."""

    def __init__(self, urls: list[str] = URLS) -> None:
        self.down: dict[str, Callable[[], Awaitable[httpx.Response]]] = {}
        self.asked: list[str] = []
        self.engines = Engines(urls, "secret")
        transport = httpx.MockTransport(self.serve)
        self.engines._clients = {url: RasaClient(url, "secret", transport) for url in urls}

    async def serve(self, request: httpx.Request) -> httpx.Response:
        url = f"http://{request.url.host}:{request.url.port}"
        self.asked.append(url)
        if url in self.down:
            return await self.down[url]()
        return httpx.Response(200, json={"replies": [], "reading": READING})

    def say(self, sender: str) -> str:
        """Ask about a message of this sender and return who answered."""
        asyncio.run(self.engines.answer(Job(TurnRef(1, 1), "c", sender, "طلبي تأخر", None, None)))
        return self.asked[-1]


async def refused() -> httpx.Response:
    raise httpx.ConnectError("refused")


async def cut() -> httpx.Response:
    raise httpx.ReadError("reset")


async def hanging() -> httpx.Response:
    await asyncio.sleep(60)
    raise AssertionError


async def loading() -> httpx.Response:
    return httpx.Response(503)


async def failing() -> httpx.Response:
    return httpx.Response(500)


def test_a_conversation_stays_with_one_server_and_conversations_spread_evenly() -> None:
    servers = Servers()
    homes = {f"sender-{number}": servers.say(f"sender-{number}") for number in range(400)}
    assert all(servers.say(sender) == home for sender, home in homes.items())
    assert all(60 <= count <= 140 for count in Counter(homes.values()).values()), Counter(homes.values())
    assert set(homes.values()) == set(URLS)


def test_where_one_is_taken_away_only_its_own_conversations_move() -> None:
    all_of_them, fewer = Servers().engines, Servers(URLS[:3]).engines
    for number in range(200):
        home = all_of_them.order(f"sender-{number}")[0]
        assert home == URLS[3] or fewer.order(f"sender-{number}")[0] == home


@pytest.mark.parametrize("fault", [refused, cut, loading])
def test_a_conversation_moves_on_at_once_and_comes_back_later(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[], Awaitable[httpx.Response]]
) -> None:
    servers = Servers()
    home = servers.say("sara")
    servers.down[home] = fault
    second = servers.say("sara")
    assert second != home
    asked = len(servers.asked)
    assert servers.say("sara") == second
    assert len(servers.asked) == asked + 1, "one that was down just now is not asked first"
    del servers.down[home]
    monkeypatch.setattr(spread, "REST_SECONDS", 0.0)
    servers.engines._rested_at[home] = 0.0
    assert servers.say("sara") == home


def test_the_next_try_goes_to_another_where_one_did_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "TURN_SECONDS", 0.2)
    servers = Servers()
    home = servers.say("sara")
    servers.down[home] = hanging
    began = time.monotonic()
    with pytest.raises(EngineDown, match="in time"):
        servers.say("sara")
    assert time.monotonic() - began < 10
    assert servers.say("sara") != home


def test_what_fails_on_this_message_is_not_tried_elsewhere() -> None:
    servers = Servers()
    home = servers.say("sara")
    servers.down[home] = failing
    servers.asked.clear()
    with pytest.raises(EngineFailed):
        servers.say("sara")
    assert servers.asked == [home]


def test_where_all_are_down_they_are_down() -> None:
    servers = Servers()
    servers.down = dict.fromkeys(URLS, refused)
    with pytest.raises(EngineDown, match="ConnectError"):
        servers.say("sara")
    assert sorted(servers.asked) == URLS
    servers.down.clear()
    assert servers.say("sara") in URLS, "and asked again although all of them rest"


def test_one_server_is_asked_as_ever() -> None:
    servers = Servers(URLS[:1])
    assert servers.say("sara") == URLS[0]
    servers.down = {URLS[0]: refused}
    with pytest.raises(EngineDown):
        servers.say("sara")
