"""Several Rasa servers: a conversation stays with one, moves on when that one is down, and comes back."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from bot.domain.conversation import DecidingWord, Reading
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job, TurnRef
from bot.engine import spread
from bot.engine.client import RasaClient
from bot.engine.spread import Engines
from tests.builders import FakeEngine
from tests.engine.fake_rasa import Handler, answering, hangs_up, serving

URLS = [f"http://rasa-{number}:5005" for number in range(4)]


def a_job(sender: str) -> Job:
    return Job(TurnRef(1, 1), "c", sender, "طلبي تأخر", None, None)


class Server(RasaClient):
    """A stand-in for the client of one server."""

    def __init__(self, url: str, servers: "Servers") -> None:
        self.url, self.servers, self.engine = url, servers, FakeEngine()

    async def answer(self, job: Job) -> Answer:
        await self.servers.note(self.url)
        return await self.engine.answer(job)

    async def parse(self, text: str) -> Reading:
        await self.servers.note(self.url)
        return await self.engine.parse(text)

    async def why(self, text: str) -> list[DecidingWord]:
        await self.servers.note(self.url)
        return await self.engine.why(text)


class Servers:
    """Stand-ins for Rasa servers; `down` ones do as they are told, and `asked` says who was asked in turn."""

    def __init__(self, urls: list[str] = URLS) -> None:
        self.down: dict[str, Callable[[], Awaitable[None]]] = {}
        self.asked: list[str] = []
        self.engines = Engines(urls, "secret")
        self.engines._clients = {url: Server(url, self) for url in urls}

    async def note(self, url: str) -> None:
        self.asked.append(url)
        if url in self.down:
            await self.down[url]()

    def say(self, sender: str) -> str:
        """Ask about a message of this sender and return who answered."""
        asyncio.run(self.engines.answer(a_job(sender)))
        return self.asked[-1]


async def refused() -> None:
    raise EngineDown("Rasa does not answer: ClientConnectorError")


async def hanging() -> None:
    await asyncio.sleep(60)
    raise AssertionError


async def failing() -> None:
    raise EngineFailed("Rasa answers 500")


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


def test_a_conversation_moves_on_at_once_and_comes_back_later(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers()
    home = servers.say("sara")
    servers.down[home] = refused
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
    with pytest.raises(EngineDown, match="in time"):
        servers.say("sara")
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
    with pytest.raises(EngineDown, match="ClientConnectorError"):
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


@pytest.mark.parametrize("ask", [lambda engines: engines.parse("طلبي"), lambda engines: engines.why("طلبي")])
def test_a_text_is_read_by_another_where_one_is_down(ask: Callable[[Engines], Coroutine[Any, Any, object]]) -> None:
    servers = Servers()
    home, second, *_ = servers.engines.order("طلبي")
    servers.down[home] = refused
    asyncio.run(ask(servers.engines))
    assert servers.asked == [home, second]


@pytest.mark.parametrize("fault", [hangs_up, answering({"error": "not_ready"}, 503)], ids=["cut", "loading"])
def test_over_a_network_it_is_the_same_and_no_connection_is_left(fault: Handler) -> None:
    async def journey() -> None:
        async with serving(answering()) as one, serving(answering()) as other:
            engines = Engines([one.url, other.url], "secret")
            home, second = sorted((one, other), key=lambda rasa: engines.order("sara").index(rasa.url))
            await engines.answer(a_job("sara"))
            home.handler = fault
            await engines.answer(a_job("sara"))
            assert (len(home.asked), len(second.asked)) == (2, 1)
            await engines.aclose()
            assert not any(client._sessions for client in engines._clients.values())

    asyncio.run(journey())
