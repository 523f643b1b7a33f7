"""Asking Rasa: what it answers, what its failures mean, and that the secret travels in a header alone."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import pytest
from aiohttp import web

from bot.domain.conversation import Button, DecidingWord, Reading, Reply
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job, TurnRef
from bot.engine import client as module
from bot.engine.client import DOWN, RasaClient
from tests.engine.fake_rasa import (
    ANSWER,
    READING,
    FakeRasa,
    Handler,
    answering,
    hangs_up,
    saying,
    says_half,
    says_no_http,
    serving,
)

SECRET = "s3cret-of-the-engine"
NOWHERE = "http://127.0.0.1:1"
MANY = 101
"""One more than aiohttp opens connections unless it is told otherwise."""

FORM = {"draft_id": "d", "values": {"order_number": "12345"}, "skipped": [], "asked": "product"}
JOB = Job(TurnRef(7, 2), "conversation", "sender-key", "طلبي تأخر", None, FORM)

Result = TypeVar("Result")


def using(handler: Handler, use: Callable[[RasaClient, FakeRasa], Awaitable[Result]]) -> Result:
    """Return what `use` returns, with a client of a server that answers so."""

    async def run() -> Result:
        async with serving(handler) as rasa, RasaClient(rasa.url, SECRET) as client:
            return await use(client, rasa)

    return asyncio.run(run())


def asked(handler: Handler) -> Answer:
    return using(handler, lambda client, _: client.answer(JOB))


def test_an_answer_is_its_replies_and_how_the_message_was_read() -> None:
    replies = [
        {"text": "أبشر", "buttons": [], "custom": {}},
        {"text": "أؤكد؟", "buttons": [{"title": "نعم", "payload": "/affirm"}], "custom": {"asks": "confirmed"}},
    ]
    answer = asked(answering({"replies": replies, "reading": READING}))
    assert answer.replies == [Reply("أبشر"), Reply("أؤكد؟", (Button("نعم", "/affirm"),), {"asks": "confirmed"})]
    assert answer.reading == Reading(**READING)


def test_rasa_is_told_the_turn_and_the_form_and_not_the_conversation() -> None:
    async def told(client: RasaClient, rasa: FakeRasa) -> None:
        await client.answer(JOB)
        [request] = rasa.asked
        assert (request.method, request.path) == ("POST", "/webhooks/shakwa/turn")
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.body) == {
            "sender": "sender-key", "text": "طلبي تأخر", "payload": None, "form": FORM, "turn_id": 7, "epoch": 2,
        }  # fmt: skip

    using(answering(), told)


def test_the_secret_is_in_a_header_and_nowhere_else() -> None:
    async def use(client: RasaClient, rasa: FakeRasa) -> None:
        await client.answer(JOB)
        await client.ready()
        assert [request.method for request in rasa.asked] == ["POST", "GET"]
        for request in rasa.asked:
            assert request.headers["x-shakwa-secret"] == SECRET
            assert SECRET not in request.path
            assert SECRET.encode() not in request.body
            assert {name for name, value in request.headers.items() if SECRET in value} == {"x-shakwa-secret"}

    using(answering(), use)


def test_no_proxy_of_the_environment_gets_to_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ready() -> bool:
        async with RasaClient(NOWHERE, SECRET) as client:
            return await client.ready()

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.1)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        assert not asyncio.run(ready())
        with pytest.raises(TimeoutError):
            proxy.accept()


def test_it_is_not_led_elsewhere() -> None:
    async def follow(client: RasaClient, rasa: FakeRasa) -> list[str]:
        with pytest.raises(EngineFailed, match="302"):
            await client.answer(JOB)
        assert not await client.ready()
        return [request.path for request in rasa.asked]

    led = saying(lambda: web.Response(status=302, headers={"Location": "/elsewhere"}))
    assert using(led, follow) == ["/webhooks/shakwa/turn", "/webhooks/shakwa/"]


@pytest.mark.parametrize("status", sorted(DOWN))
def test_an_engine_that_is_not_there_yet_is_down(status: int) -> None:
    with pytest.raises(EngineDown, match=str(status)):
        asked(answering({"error": "x"}, status))


@pytest.mark.parametrize("status", [400, 409, 413, 422, 429, 500, 501, 302, 204])
def test_an_engine_that_was_reached_has_failed_on_this_message(status: int) -> None:
    with pytest.raises(EngineFailed, match=str(status)):
        asked(saying(lambda: web.Response(status=status)))


@pytest.mark.parametrize(
    ("handler", "error"),
    [(hangs_up, "ServerDisconnectedError"), (says_no_http, "ClientResponseError"), (says_half, "ClientPayloadError")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_an_engine_that_does_not_answer_is_down(handler: Handler, error: str) -> None:
    with pytest.raises(EngineDown, match=rf"does not answer: {error}$"):
        asked(handler)


@pytest.mark.parametrize("begins", [False, True], ids=["silent", "silent after half of it"])
def test_an_engine_that_does_not_answer_in_time_is_down(monkeypatch: pytest.MonkeyPatch, begins: bool) -> None:
    async def never(client: RasaClient, rasa: FakeRasa) -> None:
        over = asyncio.Event()

        async def hang(request: web.BaseRequest) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": "100"})
            if begins:
                await response.prepare(request)
            await over.wait()
            return response

        rasa.handler = hang
        with pytest.raises(EngineDown, match=r"does not answer: TimeoutError$"):
            await client.answer(JOB)
        assert not await client.ready()
        over.set()

    monkeypatch.setattr(module, "TURN_SECONDS", 0.1)
    monkeypatch.setattr(module, "READY_SECONDS", 0.1)
    using(answering(), never)


def test_a_machine_that_is_gone_has_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", never)
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.05)
    with pytest.raises(EngineDown, match="ServerTimeoutError"):
        asked(answering())


@pytest.mark.parametrize(
    ("url", "error"),
    [(NOWHERE, "ClientConnectorError"), ("http://rasa:99999", "InvalidURL"), ("http://rasa..example", "UnicodeError")],
)
def test_where_nothing_listens_it_is_down_and_not_ready(url: str, error: str) -> None:
    async def both() -> tuple[bool, str]:
        async with RasaClient(url, SECRET) as client:
            with pytest.raises(EngineDown) as down:
                await client.answer(JOB)
            return await client.ready(), str(down.value)

    assert asyncio.run(both()) == (False, f"Rasa does not answer: {error}")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>a proxy's page</html>", b"", b"\xff\xfe", b"[]", b"null", b"{}", b'{"replies": []}', b'{"replies": [{}]}',
        json.dumps({"replies": [{"text": "a"}], "reading": READING}).encode(),
        json.dumps({"replies": [], "reading": {"intent": "x"}}).encode(),
        json.dumps({"replies": [], "reading": READING | {"more": 1}}).encode(),
        json.dumps({"replies": [], "reading": None}).encode(),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_our_channels_has_failed(body: bytes) -> None:
    with pytest.raises(EngineFailed):
        asked(saying(lambda: web.Response(body=body)))


@pytest.mark.parametrize("body", [[], None, {}, {"intent": "x"}, READING | {"more": 1}])
def test_a_reading_that_is_not_our_channels_has_failed(body: object) -> None:
    with pytest.raises(EngineFailed):
        using(answering(body), lambda client, _: client.parse("طلبي تأخر"))


@pytest.mark.parametrize("body", [None, {"intent": "x"}, [{"text": "a"}], [1]])
def test_words_that_are_not_our_channels_have_failed(body: object) -> None:
    with pytest.raises(EngineFailed):
        using(answering(body), lambda client, _: client.why("طلبي تأخر"))


@pytest.mark.parametrize("body", [b"x" * 10_000, "ن".encode() * 10_000, b"\xff" * 10_000], ids=["ascii", "arabic", "bytes"])
def test_what_an_error_says_is_short(body: bytes) -> None:
    with pytest.raises(EngineFailed) as failed:
        asked(saying(lambda: web.Response(status=500, body=body)))
    assert 200 < len(str(failed.value)) < 300


def test_a_text_is_read_outside_any_conversation() -> None:
    reading = using(answering(READING), lambda client, _: client.parse("طلبي تأخر"))
    assert reading == Reading(**READING)


def test_the_words_that_decided_are_told() -> None:
    told = answering([{"text": "تأخر", "share": 0.75}])
    assert using(told, lambda client, _: client.why("طلبي تأخر")) == [DecidingWord("تأخر", 0.75)]


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (401, False), (404, False)])
def test_it_is_ready_when_it_says_so(status: int, ready: bool) -> None:
    assert using(answering({}, status), lambda client, _: client.ready()) is ready


@pytest.mark.parametrize(("idle_seconds", "connections"), [(4.0, 2), (-1.0, 4)])
def test_a_connection_is_used_again_unless_it_was_idle_or_closed(
    monkeypatch: pytest.MonkeyPatch, idle_seconds: float, connections: int
) -> None:
    async def ports(client: RasaClient, rasa: FakeRasa) -> list[int]:
        for _ in range(3):
            await client.answer(JOB)
        await client.aclose()
        await client.answer(JOB)
        return [request.port for request in rasa.asked]

    monkeypatch.setattr(module, "IDLE_SECONDS", idle_seconds)
    asked_from = using(answering(), ports)
    assert len(asked_from) == 4
    assert len(set(asked_from)) == connections


def test_many_are_asked_at_once() -> None:
    async def together(client: RasaClient, rasa: FakeRasa) -> None:
        all_there = asyncio.Event()

        async def answer(_: web.BaseRequest) -> web.StreamResponse:
            if len(rasa.asked) == MANY:
                all_there.set()
            await all_there.wait()
            return web.json_response(ANSWER)

        rasa.handler = answer
        await asyncio.gather(*(client.answer(JOB) for _ in range(MANY)))

    using(answering(), together)


def test_one_client_serves_one_event_loop_after_another() -> None:
    client = RasaClient(NOWHERE, SECRET)

    async def answer() -> Answer:
        async with serving(answering()) as rasa, client:
            client._url = rasa.url
            return await client.answer(JOB)

    assert asyncio.run(answer()) == asyncio.run(answer()) == Answer([], Reading(**READING))
