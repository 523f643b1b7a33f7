"""Streams: first what was missed, then what comes, in one order for all and for nobody else."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.domain.errors import EngineDown
from bot.services.chat import Incoming
from bot.store import tables
from bot.web.streams import LOOKS_BACK, Arrivals, Hub, changes
from tests.builders import PATIENCE_SECONDS, an_answer
from tests.web.site import Shopper, Site


@pytest.fixture
def http(site: Site) -> Iterator[httpx.Client]:
    with site.serve() as http:
        yield http


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages]


def test_a_stream_begins_with_what_was_said_and_goes_on_with_what_comes(shopper: Shopper) -> None:
    shopper.say("الأولى")
    history = shopper.answered(2)
    with shopper.listen() as stream:
        assert stream.messages(2) == history
        shopper.say("الثانية")
        assert [message["text"] for message in stream.messages(2)] == ["الثانية", "رد على: الثانية"]
    assert [message["from"] for message in shopper.history()] == ["shopper", "bot", "shopper", "bot"]


def test_a_stream_goes_on_after_the_last_number_it_names(shopper: Shopper) -> None:
    for text in ("الأولى", "الثانية"):
        shopper.say(text)
    shopper.answered(4)
    with shopper.listen(last=3) as stream:
        assert numbers(stream.messages(1)) == [4]
        shopper.say("الثالثة")
        assert numbers(stream.messages(2)) == [5, 6]


def test_a_stream_that_is_cut_again_and_again_misses_nothing_and_repeats_nothing(shopper: Shopper) -> None:
    seen: list[int] = []
    for round_ in range(6):
        shopper.say(f"رسالة {round_}")
        with shopper.listen(last=seen[-1] if seen else 0) as stream:
            seen += numbers(stream.messages(1 + round_ % 2))
    with shopper.listen(last=seen[-1]) as stream:
        seen += numbers(stream.messages(12 - len(seen)))
    assert seen == list(range(1, 13))


def test_450_messages_of_history_come_at_once(shopper: Shopper, site: Site) -> None:
    row = {
        "conversation_id": shopper.conversation,
        "sender": "agent",
        "created_at": site.clock(),
        "buttons": [],
        "custom": {},
    }
    with site.store.engine.begin() as connection:
        rows = [row | {"seq": number, "text": f"رسالة {number}"} for number in range(1, 451)]
        connection.execute(sa.insert(tables.message), rows)
        connection.execute(sa.update(tables.conversation).values(last_seq=450))
    with shopper.listen() as stream:
        assert numbers(stream.messages(450)) == list(range(1, 451))
        shopper.say("وبعدها")
        assert numbers(stream.messages(2)) == [451, 452]


def test_two_streams_see_the_same_order(site: Site) -> None:
    site.engine.outcomes = [an_answer("أ", "ب", "ج") for _ in range(5)]
    with site.serve() as http:
        shopper = Shopper(http)
        with shopper.listen() as one, shopper.listen() as other, ThreadPoolExecutor() as threads:
            heard = [threads.submit(stream.messages, 20) for stream in (one, other)]
            for number in range(5):
                shopper.say(f"رسالة {number}")
            first, second = (future.result(PATIENCE_SECONDS) for future in heard)
        assert first == second == shopper.history()
        assert numbers(first) == list(range(1, 21))


def test_typing_is_shown_while_the_engine_thinks_and_is_never_stored(shopper: Shopper, site: Site) -> None:
    site.engine.open.clear()
    with shopper.listen() as stream:
        shopper.say("طلبي تأخر")
        events = [stream.next(), stream.next()]
        site.engine.open.set()
        while len(events) < 4:  # the end of typing and the reply are told in either order
            events.append(stream.next())
    typing = [event for event in events if event.name == "typing"]
    assert [event.data for event in typing] == [{"on": True}, {"on": False}]
    assert {event.id for event in typing} == {None}
    assert [event.name for event in events].count("message") == 2
    assert len(shopper.history()) == 2


def test_a_notice_reaches_the_stream(shopper: Shopper, site: Site) -> None:
    site.engine.broken = EngineDown("away")
    with shopper.listen() as stream:
        shopper.say("طلبي تأخر")
        assert [message["from"] for message in stream.messages(2)] == ["shopper", "system"]


def test_a_stranger_hears_nothing(shopper: Shopper, http: httpx.Client) -> None:
    stranger = Shopper(http)
    with stranger.listen() as stream:
        shopper.say("سر")
        shopper.answered(2)
        stranger.say("أهلًا")
        assert [message["text"] for message in stream.messages(2)] == ["أهلًا", "رد على: أهلًا"]


def test_what_another_process_writes_reaches_the_stream(shopper: Shopper, site: Site) -> None:
    with shopper.listen() as stream:
        site.chat.receive(shopper.conversation, Incoming("elsewhere", "من بوابة أخرى"))
        assert [message["text"] for message in stream.messages(2)] == ["من بوابة أخرى", "رد على: من بوابة أخرى"]


def test_two_gateways_show_one_conversation(site: Site) -> None:
    with site.serve() as here, site.serve() as there:
        shopper = Shopper(here)
        with shopper.listen() as stream:
            shopper.http = there
            shopper.say("عبر البوابة الأخرى")
            assert numbers(stream.messages(2)) == [1, 2]
    assert len(site.engine.jobs) == 1


def test_what_was_kept_while_no_gateway_ran_is_answered_by_the_next(site: Site) -> None:
    with site.serve() as http:
        shopper = Shopper(http)
    site.chat.receive(shopper.conversation, Incoming("offline-1", "والبوابة متوقفة"))
    with site.serve() as http:
        shopper.http = http
        assert shopper.answered(2)[1]["text"] == "رد على: والبوابة متوقفة"


def test_a_stop_waits_for_the_answer_that_is_on_its_way_and_leaves_the_engine_then(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_when_left: list[list[str]] = []

    async def leave() -> None:
        said_when_left.append([message.text for message in site.chat.history(shopper.conversation)])

    monkeypatch.setattr(site.engine, "aclose", leave)
    with site.serve() as http:
        shopper = Shopper(http)
        site.engine.open.clear()
        shopper.say("طلبي تأخر")
        threading.Timer(0.3, site.engine.open.set).start()
    assert said_when_left == [["طلبي تأخر", "رد على: طلبي تأخر"]]


def test_a_stop_ends_the_streams() -> None:
    async def stream(hub: Hub) -> list[bool]:
        with hub.listen("c", PATIENCE_SECONDS) as listener:
            return [woken async for woken in changes(hub, listener)]

    async def stopped() -> list[bool]:
        hub = Hub()
        streaming = asyncio.create_task(stream(hub))
        await asyncio.sleep(0)
        hub.close()
        return await asyncio.wait_for(streaming, PATIENCE_SECONDS / 2)

    assert asyncio.run(stopped())[0]


def test_a_stream_that_hears_nothing_looks_again_by_itself() -> None:
    async def first_three() -> list[bool]:
        hub = Hub()
        with hub.listen("c", 0.01) as listener:
            looks = changes(hub, listener)
            return [await anext(looks) for _ in range(3)]

    assert asyncio.run(first_three()) == [True, False, False]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_store_that_is_away_at_the_start_is_watched_when_it_is_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def away_at_first(_: object) -> int:
        asked.append(len(asked))
        if len(asked) < 3:
            raise ConnectionError("the store is away")
        return 0

    monkeypatch.setattr("tests.web.site.newest_message", away_at_first)
    with site.serve() as http:
        shopper = Shopper(http)
        with shopper.listen() as stream:
            site.chat.receive(shopper.conversation, Incoming("elsewhere", "من بوابة أخرى"))
            assert numbers(stream.messages(2)) == [1, 2]
    assert len(asked) == 3


def test_a_message_that_is_committed_after_one_with_a_higher_number_is_found() -> None:
    arrivals = Arrivals(10)
    assert arrivals.new([(12, "b")]) == {"b": 12}
    assert arrivals.looks_from == 10
    assert arrivals.new([(11, "a"), (12, "b")]) == {"a": 11}
    assert arrivals.new([(11, "a"), (12, "b")]) == {}
    for _ in range(LOOKS_BACK):
        arrivals.new([])
    assert arrivals.looks_from == 12
    assert arrivals.new([(13, "a"), (14, "a")]) == {"a": 14}


def test_nothing_is_left_of_a_stream_that_has_ended() -> None:
    hub = Hub()
    with hub.listen("c", 1), hub.listen("c", 1):
        hub.typing("c", True)
    assert hub._listeners == {}
