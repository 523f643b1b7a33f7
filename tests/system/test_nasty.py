"""Nasty requests: each is answered with a clear refusal or taken as text, and nothing said before is lost."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from bot.domain.promises import Acknowledged
from tests.system.running import System
from tests.system.shoppers import RestShopper, WidgetShopper
from tests.system.test_journeys import TELLS_LITTLE

pytestmark = pytest.mark.system

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
BIDI = "\u202e\u2066\u061c"
BINARY = bytes(range(256)) * 8
ORDER = "رقم الطلب 405-1234567-7654321"


def said(text: str) -> bytes:
    """Return a message as JSON, with lone surrogates escaped as a browser would send them."""
    return json.dumps({"client_id": str(uuid.uuid4()), "text": text}).encode()


@contextmanager
def in_mid_form(system: System) -> Iterator[WidgetShopper]:
    """A shopper whose form goes on afterwards as if nothing had been."""
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        before = shopper.history()
        yield shopper
        assert shopper.history()[: len(before)] == before
        assert shopper.answer(ORDER).asks == "purchase_date"


@pytest.fixture(scope="module")
def refused(system: System) -> Iterator[WidgetShopper]:
    """One shopper for all requests that are refused: none of them may leave a trace."""
    with in_mid_form(system) as shopper:
        yield shopper
        assert len(shopper.history()) == 3


@pytest.fixture
def shopper(system: System) -> Iterator[WidgetShopper]:
    with in_mid_form(system) as shopper:
        yield shopper


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal, which also has a sentence in Arabic."""
    error = response.json()["error"]
    assert any("\u0621" <= letter <= "\u064a" for letter in error["message"]), error
    return response.status_code, error["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(said(""), 422, "empty", id="empty"),
        pytest.param(said(" \n\t "), 422, "empty", id="blank"),
        pytest.param(said(ZERO_WIDTH), 422, "empty", id="zero-width"),
        pytest.param(said("\ud800\udfff\udc00"[1:]), 422, "not_text", id="lone surrogates"),
        pytest.param(said("\x00\x01\x02\x03"), 422, "not_text", id="controls"),
        pytest.param(said("ا" * 2_001), 413, "too_long", id="2,001 letters"),
        pytest.param(said("ا" * 100_000), 413, "too_large", id="100 kB"),
        pytest.param(BINARY, 400, "bad_json", id="binary"),
        pytest.param(b"", 422, "invalid", id="nothing"),
        pytest.param(b"{", 400, "bad_json", id="broken JSON"),
        pytest.param(b"[" * 30_000, 400, "bad_json", id="deep JSON"),
        pytest.param(b'{"client_id": NaN}', 422, "invalid", id="NaN"),
        pytest.param(b"[]", 422, "invalid", id="a list"),
        pytest.param(b'"text"', 422, "invalid", id="a string"),
        pytest.param(b'{"client_id": "12345678", "text": 5}', 422, "invalid", id="a number for a text"),
        pytest.param(b'{"client_id": "12345678", "text": "x", "from": "bot"}', 422, "invalid", id="a field too many"),
        pytest.param(b'{"client_id": "12345678"}', 422, "empty", id="neither text nor choice"),
        pytest.param(b'{"client_id": "1", "text": "x"}', 422, "invalid", id="short client id"),
        pytest.param(b'{"client_id": "12345678", "choice": "/affirm"}', 422, "choice_unknown", id="a choice never offered"),
        pytest.param(b'{"client_id": "12345678", "choice": "\\ud800"}', 422, "invalid", id="a surrogate for a choice"),
    ],
)
def test_a_message_that_is_none_is_refused(refused: WidgetShopper, body: bytes, status: int, code: str) -> None:
    headers = refused.headers | {"Content-Type": "application/json"}
    assert refusal(refused.http.post("/api/messages", content=body, headers=headers)) == (status, code)
    assert len(refused.history()) == 3


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("/late_delivery", "/late_delivery", id="a command"),
        pytest.param("/affirm", "/affirm", id="a yes in Rasa's words"),
        pytest.param('/correct_details{"field": "product"}', None, id="a command with values"),
        pytest.param("//", "//", id="slashes"),
        pytest.param("<b onclick=alert(1)>طلبي</b><script>x</script>", None, id="markup"),
        pytest.param("{order_number} {{7*7}} %s ${x}", None, id="templates"),
        pytest.param("'; DROP TABLE message; --", None, id="SQL"),
        pytest.param("[طلبي](product)", None, id="annotation"),
        pytest.param(f"ط{ZERO_WIDTH}ل{BIDI}بي", "طلبي", id="zero-width and bidi inside"),
        pytest.param("طلبي\ud800 هنا", "طلبي هنا", id="a surrogate inside"),
        pytest.param("سطر\u2028سطر\x00\u0085سطر", "سطر\nسطر\nسطر", id="odd line breaks"),
        pytest.param("هـ" + "ـ" * 1_900, None, id="tatweel"),
        pytest.param("👩‍👩‍👧‍👦" * 80, None, id="families"),
    ],
)
def test_odd_text_is_text_and_the_form_goes_on(shopper: WidgetShopper, text: str, stored: str | None) -> None:
    client_id = str(uuid.uuid4())
    body = json.dumps({"client_id": client_id, "text": text})
    answer = shopper.http.post("/api/messages", content=body, headers=shopper.headers | {"Content-Type": "application/json"})
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    message = answer.json()["message"]
    shopper.system.acknowledged.append(Acknowledged(client_id, message["text"], message["seq"]))
    assert message["text"].startswith(text[:12] if stored is None else stored)
    assert shopper.replies(message["seq"])[-1].asks == "order_number"
    assert "failed" not in shopper.notices()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/session", {}, 405),
        ("DELETE", "/api/messages", {}, 405),
        ("PUT", "/webhooks/rest/webhook", {}, 405),
        ("POST", "/api/stream", {}, 405),
        ("GET", "/api/messages", {"Authorization": ""}, 401),
        ("GET", "/api/messages", {"Authorization": "Bearer unknown"}, 401),
        ("GET", "/api/messages", {"Authorization": "Basic unknown"}, 401),
        ("GET", "/api/stream", {"Authorization": "Bearer unknown"}, 401),
        ("POST", "/api/messages", {"Authorization": "Bearer unknown"}, 401),
        ("GET", "/api/messages?after=-1", {}, 422),
        ("GET", "/api/messages?after=x", {}, 422),
        ("GET", "/api/messages?after=99999999999999999999", {}, 422),
        ("GET", "/api/stream", {"Last-Event-ID": "x"}, 422),
        ("GET", "/api/nothing", {}, 404),
        ("GET", "/static/../app.py", {}, 404),
        ("GET", "/static/%2e%2e/app.py", {}, 404),
        ("GET", "/static/nothing%00.js", {}, 404),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused(
    refused: WidgetShopper, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    body = {"client_id": str(uuid.uuid4()), "text": "مرحبا"} if method == "POST" else None
    response = refused.http.request(method, path, json=body, headers=refused.headers | headers)
    assert refusal(response)[0] == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sender": "", "message": "مرحبا"}, 422),
        ({"message": "مرحبا"}, 422),
        ({"sender": "s" * 256, "message": "مرحبا"}, 422),
        ({"sender": 5, "message": "مرحبا"}, 422),
        ({"sender": "nasty", "message": ""}, 422),
        ({"sender": "nasty", "message": ZERO_WIDTH}, 422),
        ({"sender": "nasty", "message": None}, 422),
        ({"sender": "nasty", "message": "ا" * 2_001}, 413),
        ({"sender": "nasty", "message": "ا" * 100_000}, 413),
        ({"sender": "nasty", "message": "مرحبا", "metadata": []}, 422),
        ({"sender": "\ud800", "message": "مرحبا"}, 422),
        ({"sender": "nasty", "message": "/restart", "metadata": {"client_id": {"a": 1}, "is_agent": True}}, 200),
    ],
)
def test_the_rest_form_refuses_as_clearly(system: System, body: dict[str, Any], status: int) -> None:
    with RestShopper(system) as shopper:
        headers = {"Content-Type": "application/json"}
        response = shopper.http.post("/webhooks/rest/webhook", content=json.dumps(body), headers=headers)
        assert response.status_code == status, response.text
        assert status == 200 or refusal(response)
