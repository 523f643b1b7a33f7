"""Talking to a gateway as the widget does: what is sent, what is heard, and what is said where nothing answers."""

import json
from typing import Any

import httpx
import pytest

from bot.domain.conversation import Sender
from bot.domain.errors import GatewayDown, Refused
from bot.engine import talk
from bot.engine.talk import Bubble, GatewayClient

URL = "http://127.0.0.1:1"


class FakeGateway:
    """Stores what is said and answers each message with the bubbles it was told, at the second look."""

    def __init__(self, *bubbles: dict[str, Any]) -> None:
        self.bubbles = list(bubbles)
        self.messages: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.looks = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/session":
            return httpx.Response(201, json={"token": "t0ken", "conversation": "c1"})
        if request.headers.get("Authorization") != "Bearer t0ken":
            return httpx.Response(401, json={"error": {"code": "session_unknown", "message": "لا محادثة"}})
        return self.take(json.loads(request.content)) if request.method == "POST" else self.read(request)

    def take(self, body: dict[str, Any]) -> httpx.Response:
        if body.get("choice") == "old":
            return httpx.Response(422, json={"error": {"code": "choice_unknown", "message": "اختر من آخر رسالة"}})
        self.said.append(body)
        self.add("shopper", text=body.get("text", "زر"))
        return httpx.Response(202, json={"message": self.messages[-1]})

    def read(self, request: httpx.Request) -> httpx.Response:
        self.looks += 1
        if self.looks % 2 == 0:
            for bubble in self.bubbles:
                self.add(**bubble)
        after = int(request.url.params["after"])
        return httpx.Response(200, json={"messages": [one for one in self.messages if one["seq"] > after]})

    def add(self, sender: str = "bot", **body: Any) -> None:
        self.messages.append({"seq": len(self.messages) + 1, "from": sender, **body})

    def client(self) -> GatewayClient:
        return GatewayClient(URL, httpx.MockTransport(self))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(talk, "ANSWER_SECONDS", 0.05)


def test_an_answer_is_all_bubbles_of_the_others_with_what_they_offer() -> None:
    gateway = FakeGateway(
        {"text": "أبشر"},
        {
            "text": "هل أرسلها؟",
            "buttons": [{"id": "i1", "title": "نعم"}],
            "custom": {"asks": "confirmed", "summary": [{"slot": "product", "label": "المنتج", "value": "م", "edit": "i2"}]},
        },
    )
    with gateway.client() as client:
        assert client.open() == "c1"
        assert client.say("طلبي تأخر") == [
            Bubble(Sender.BOT, "أبشر"),
            Bubble(Sender.BOT, "هل أرسلها؟", (("نعم", "i1"), ("المنتج", "i2"))),
        ]
    assert gateway.said[0]["text"] == "طلبي تأخر"


def test_each_answer_is_heard_once_and_a_choice_goes_by_its_id() -> None:
    gateway = FakeGateway({"text": "أبشر"})
    with gateway.client() as client:
        client.open()
        assert [bubble.text for bubble in client.say("أ")] == ["أبشر"]
        assert [bubble.text for bubble in client.tap("i1")] == ["أبشر"]
    assert gateway.said[1]["choice"] == "i1"
    assert len({body["client_id"] for body in gateway.said}) == 2


def test_where_nobody_answers_in_time_nothing_is_heard() -> None:
    with FakeGateway().client() as client:
        client.open()
        assert client.say("طلبي تأخر") == []


def test_a_refusal_says_the_gateways_sentence() -> None:
    with FakeGateway().client() as client:
        client.open()
        with pytest.raises(Refused, match="اختر من آخر رسالة"):
            client.tap("old")


def test_where_nothing_listens_it_says_how_to_start_it() -> None:
    with GatewayClient(URL) as client, pytest.raises(GatewayDown) as down:
        client.open()
    assert str(down.value) == "Nothing answers at http://127.0.0.1:1: start it with `make run`."


@pytest.mark.parametrize("page", [b"<html>another server</html>", b""])
def test_another_server_on_the_port_is_not_taken_for_shakwa(page: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=page))
    with GatewayClient(URL, transport) as client, pytest.raises(GatewayDown, match="is not Shakwa"):
        client.open()


@pytest.mark.parametrize("body", [{"detail": "x"}, [], {"error": "x"}])
def test_a_refusal_without_a_sentence_is_shown_as_it_came(body: Any) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500, json=body))
    with GatewayClient(URL, transport) as client, pytest.raises(Refused) as refused:
        client.open()
    assert str(refused.value) == str(body)
