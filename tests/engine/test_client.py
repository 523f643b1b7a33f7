"""Asking Rasa: what it answers, what its failures mean, and that the secret travels in a header alone."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.domain.conversation import Button, Reading, Reply
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job, TurnRef
from bot.engine.client import DOWN, RasaClient

SECRET = "s3cret-of-the-engine"
READING = {
    "intent": "late_delivery",
    "confidence": 0.93,
    "ranking": [{"name": "late_delivery", "confidence": 0.93}],
    "entities": [],
    "model": "shakwa-1.tar.gz",
    "taken_as": "",
}
FORM = {"draft_id": "d", "values": {"order_number": "12345"}, "skipped": [], "asked": "product"}
JOB = Job(TurnRef(7, 2), "conversation", "sender-key", "طلبي تأخر", None, FORM)

Handler = Callable[[httpx.Request], httpx.Response]


def asked(handler: Handler, job: Job = JOB) -> Answer:
    async def ask() -> Answer:
        async with RasaClient("http://127.0.0.1:1", SECRET, httpx.MockTransport(handler)) as client:
            return await client.answer(job)

    return asyncio.run(ask())


def answering(body: Any, status: int = 200) -> Handler:
    return lambda _: httpx.Response(status, json=body)


def test_an_answer_is_its_replies_and_how_the_message_was_read() -> None:
    replies = [
        {"text": "أبشر", "buttons": [], "custom": {}},
        {"text": "أؤكد؟", "buttons": [{"title": "نعم", "payload": "/affirm"}], "custom": {"asks": "confirmed"}},
    ]
    answer = asked(answering({"replies": replies, "reading": READING}))
    assert answer.replies == [Reply("أبشر"), Reply("أؤكد؟", (Button("نعم", "/affirm"),), {"asks": "confirmed"})]
    assert answer.reading == Reading(**READING)


def test_rasa_is_told_the_turn_and_the_form_and_not_the_conversation() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"replies": [], "reading": READING})

    asked(handler)
    [request] = seen
    assert (request.method, request.url.path) == ("POST", "/webhooks/shakwa/turn")
    assert json.loads(request.content) == {
        "sender": "sender-key", "text": "طلبي تأخر", "payload": None, "form": FORM, "turn_id": 7, "epoch": 2,
    }  # fmt: skip


def test_the_secret_is_in_a_header_and_nowhere_else() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=READING | {"replies": [], "reading": READING})

    async def use() -> None:
        async with RasaClient("http://127.0.0.1:1", SECRET, httpx.MockTransport(handler)) as client:
            await client.answer(JOB)
            await client.ready()

    asyncio.run(use())
    for request in seen:
        assert request.headers["x-shakwa-secret"] == SECRET
        assert SECRET not in str(request.url)
        assert SECRET.encode() not in request.content
        assert {name for name, value in request.headers.items() if SECRET in value} == {"x-shakwa-secret"}


def test_no_proxy_of_the_environment_gets_to_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.1)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        assert not asyncio.run(RasaClient("http://127.0.0.1:1", SECRET).ready())
        with pytest.raises(TimeoutError):
            proxy.accept()


@pytest.mark.parametrize("status", sorted(DOWN))
def test_an_engine_that_is_not_there_yet_is_down(status: int) -> None:
    with pytest.raises(EngineDown, match=str(status)):
        asked(answering({"error": "x"}, status))


@pytest.mark.parametrize("status", [400, 409, 413, 422, 429, 500, 501, 302, 204])
def test_an_engine_that_was_reached_has_failed_on_this_message(status: int) -> None:
    with pytest.raises(EngineFailed, match=str(status)):
        asked(lambda _: httpx.Response(status, text="x" * 10_000))


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("reset"),
        httpx.ReadError("reset"),
        httpx.PoolTimeout("busy"),
    ],
    ids=repr,
)
def test_an_engine_that_does_not_answer_is_down(error: Exception) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(EngineDown, match=type(error).__name__):
        asked(handler)


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
        asked(lambda _: httpx.Response(200, content=body))


def test_what_an_error_says_is_short() -> None:
    with pytest.raises(EngineFailed) as failed:
        asked(lambda _: httpx.Response(500, text="x" * 10_000))
    assert len(str(failed.value)) < 300


def test_a_text_is_read_outside_any_conversation() -> None:
    async def parse() -> Reading:
        async with RasaClient("http://127.0.0.1:1", SECRET, httpx.MockTransport(answering(READING))) as client:
            return await client.parse("طلبي تأخر")

    assert asyncio.run(parse()) == Reading(**READING)


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (401, False), (404, False)])
def test_it_is_ready_when_it_says_so(status: int, ready: bool) -> None:
    async def is_ready() -> bool:
        async with RasaClient("http://127.0.0.1:1", SECRET, httpx.MockTransport(answering({}, status))) as client:
            return await client.ready()

    assert asyncio.run(is_ready()) is ready


def test_where_nothing_listens_it_is_down_and_not_ready() -> None:
    async def both() -> tuple[bool, str]:
        async with RasaClient("http://127.0.0.1:1", SECRET) as client:
            with pytest.raises(EngineDown) as down:
                await client.answer(JOB)
            return await client.ready(), str(down.value)

    ready, sentence = asyncio.run(both())
    assert not ready
    assert "ConnectError" in sentence
