"""Whatever is sent, the answer is a refusal with a code and a sentence: never a stack trace, nothing half accepted."""

import json
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.bootstrap import load_shop, load_words
from bot.language.search import search_form
from bot.settings import ROOT
from bot.store import tables
from bot.store.unit_of_work import Store
from bot.web.guards import LARGEST_BODY
from tests.conftest import Clock, empty
from tests.web.site import Shopper, Site

WORDS, SHOP = load_words(), load_shop(ROOT / "shop.yml")
JSON = {"Content-Type": "application/json"}
DEEP = 10_000
LARGE = b'{"client_id": "client-1", "text": "' + b"x" * 100_000 + b'"}'


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Shopper]]:
    """One gateway for all that is refused, and one shopper who may speak; nothing of it should be kept."""
    engine = request.getfixturevalue(f"migrated_{request.param}")
    empty(engine)
    site = Site(Store(engine, search_form), Clock(), WORDS, SHOP, tmp_path_factory.mktemp("files"))
    with site.serve(messages_per_minute=100_000, allowed_origins=["https://shop.example"]) as http:
        yield site, Shopper(http)


def refused(response: httpx.Response) -> tuple[int, str]:
    """Return status and code, having checked that the answer is one of ours and tells nothing of the inside."""
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json().keys() == {"error"}
    error = response.json()["error"]
    assert error["message"] == WORDS.errors[error["code"]]
    for inside in ("Traceback", 'File "', "sqlalchemy", "psycopg", "pydantic", ".py", "detail"):
        assert inside not in response.text
    return response.status_code, error["code"]


def kept(site: Site) -> int:
    with site.store.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(tables.message)) or 0


BODIES: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 422, "invalid"),
    "broken": ('{"client_id": "client-1", "text"', 400, "bad_json"),
    "half a text": ('{"client_id": "client-1", "text": "طلبي', 400, "bad_json"),
    "trailing": ('{"client_id": "client-1", "text": "a"} x', 400, "bad_json"),
    "not JSON": ("client_id=client-1&text=a", 400, "bad_json"),
    "binary": (b"\xff\xfe\x00\x01", 400, "bad_json"),
    "another encoding": ('{"client_id": "client-1", "text": "طلبي"}'.encode("cp1256"), 400, "bad_json"),
    "a list": ("[]", 422, "invalid"),
    "a text": ('"text"', 422, "invalid"),
    "null": ("null", 422, "invalid"),
    "NaN": ("NaN", 422, "invalid"),
    "text is NaN": ('{"client_id": "client-1", "text": NaN}', 422, "invalid"),
    "text is 1e999": ('{"client_id": "client-1", "text": 1e999}', 422, "invalid"),
    "text is -Infinity": ('{"client_id": "client-1", "text": -Infinity}', 422, "invalid"),
    "text is a number": ('{"client_id": "client-1", "text": 7}', 422, "invalid"),
    "text is true": ('{"client_id": "client-1", "text": true}', 422, "invalid"),
    "text is a list": ('{"client_id": "client-1", "text": ["a"]}', 422, "invalid"),
    "text is an object": ('{"client_id": "client-1", "text": {"$gt": ""}}', 422, "invalid"),
    "client_id is a number": ('{"client_id": 12345678, "text": "a"}', 422, "invalid"),
    "client_id is missing": ('{"text": "a"}', 422, "invalid"),
    "choice is a number": ('{"client_id": "client-1", "choice": 1}', 422, "invalid"),
    "more than is asked for": ('{"client_id": "client-1", "text": "a", "holder": "agent"}', 422, "invalid"),
    "a key twice": ('{"client_id": "client-1", "text": "", "text": "\\u200b"}', 422, "empty"),
    "a deep list": ("[" * DEEP + "]" * DEEP, 400, "bad_json"),
    "a deep object": ('{"a":' * DEEP + "1" + "}" * DEEP, 400, "bad_json"),
    "a deep text": ('{"client_id": "client-1", "text": ' + "[" * DEEP + "]" * DEEP + "}", 400, "bad_json"),
    "a deep beginning": ("[" * DEEP, 400, "bad_json"),
    "an endless number": ('{"client_id": "client-1", "text": ' + "9" * 10_000 + "}", 400, "bad_json"),
    "a long number": ('{"client_id": "client-1", "text": ' + "9" * 4_000 + "}", 422, "invalid"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_message_that_is_none_is_refused(front: tuple[Site, Shopper], name: str) -> None:
    (site, shopper), (body, status, code) = front, BODIES[name]
    response = shopper.http.post("/api/messages", content=body, headers=shopper.headers | JSON)
    assert refused(response) == (status, code)
    assert kept(site) == 0


REST_BODIES: dict[str, tuple[Any, int, str]] = {
    "nothing": ("", 422, "invalid"),
    "broken": ('{"sender": "sara"', 400, "bad_json"),
    "a list": ("[]", 422, "invalid"),
    "no sender": ('{"message": "أهلًا"}', 422, "invalid"),
    "sender is empty": ('{"sender": "", "message": "أهلًا"}', 422, "invalid"),
    "sender is null": ('{"sender": null, "message": "أهلًا"}', 422, "invalid"),
    "sender is a number": ('{"sender": 7, "message": "أهلًا"}', 422, "invalid"),
    "sender is a list": ('{"sender": ["sara"], "message": "أهلًا"}', 422, "invalid"),
    "sender is too long": (json.dumps({"sender": "s" * 256, "message": "أهلًا"}), 422, "invalid"),
    "no message": ('{"sender": "sara"}', 422, "invalid"),
    "message is empty": ('{"sender": "sara", "message": ""}', 422, "empty"),
    "message is null": ('{"sender": "sara", "message": null}', 422, "invalid"),
    "message is NaN": ('{"sender": "sara", "message": NaN}', 422, "invalid"),
    "message is too long": (json.dumps({"sender": "sara", "message": "ا" * 2_001}), 413, "too_long"),
    "message is binary": (json.dumps({"sender": "sara", "message": "\x00\x01\x02"}), 422, "not_text"),
    "message is half an emoji": (r'{"sender": "sara", "message": "\ud83d"}', 422, "not_text"),
    "metadata is a list": ('{"sender": "sara", "message": "أهلًا", "metadata": []}', 422, "invalid"),
    "deep metadata": ('{"sender": "sara", "message": "", "metadata": ' + "[" * DEEP + "]" * DEEP + "}", 400, "bad_json"),
}


@pytest.mark.parametrize("name", REST_BODIES)
def test_a_message_in_rasas_form_that_is_none_is_refused(front: tuple[Site, Shopper], name: str) -> None:
    (site, shopper), (body, status, code) = front, REST_BODIES[name]
    response = shopper.http.post("/webhooks/rest/webhook", content=body, headers=JSON)
    assert refused(response) == (status, code)
    assert kept(site) == 0


PLACES = ("/api/messages", "/webhooks/rest/webhook", "/api/session")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""])
def test_what_does_not_say_it_is_json_is_refused(front: tuple[Site, Shopper], kind: str) -> None:
    """A page elsewhere can make a browser send these without asking first."""
    site, shopper = front
    bodies = ('{"client_id": "client-1", "text": "a"}', '{"sender": "sara", "message": "a"}')
    for place, body in zip(PLACES[:2], bodies, strict=True):
        headers = shopper.headers | ({"Content-Type": kind} if kind else {})
        assert refused(shopper.http.post(place, content=body, headers=headers)) == (422, "invalid")
    assert kept(site) == 0


@pytest.mark.parametrize("place", PLACES[:2])
def test_100_kb_are_refused_when_they_are_announced(front: tuple[Site, Shopper], place: str) -> None:
    site, shopper = front
    response = shopper.http.post(place, content=LARGE, headers=shopper.headers | JSON)
    assert refused(response) == (413, "too_large")
    assert kept(site) == 0


@pytest.mark.parametrize("place", PLACES[:2])
def test_100_kb_are_refused_when_they_come_in_chunks_without_a_length(front: tuple[Site, Shopper], place: str) -> None:
    site, shopper = front
    chunks = (LARGE[start : start + 10_000] for start in range(0, len(LARGE), 10_000))
    response = shopper.http.post(place, content=chunks, headers=shopper.headers | JSON)
    assert refused(response) == (413, "too_large")
    assert kept(site) == 0


def test_a_body_within_the_limit_is_read_however_it_comes(front: tuple[Site, Shopper]) -> None:
    _, shopper = front
    body = b'{"client_id": "client-1", "text": ""}' + b" " * (LARGEST_BODY - 100)
    for content in (body, iter([body[:20], body[20:]])):
        response = shopper.http.post("/api/messages", content=content, headers=shopper.headers | JSON)
        assert refused(response) == (422, "empty")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/session", 405, "method_not_allowed"),
        ("PUT", "/api/messages", 405, "method_not_allowed"),
        ("DELETE", "/api/messages", 405, "method_not_allowed"),
        ("POST", "/api/stream", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
        ("GET", "/webhooks/rest/webhook", 405, "method_not_allowed"),
        ("TRACE", "/api/config", 405, "method_not_allowed"),
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/webhooks/other/webhook", 404, "not_found"),
        ("GET", "/static/nothing.css", 404, "not_found"),
        ("GET", "/static/%2e%2e/app.py", 404, "not_found"),
        ("GET", "/static/..%2fapp.py", 404, "not_found"),
        ("GET", "/static/%00", 404, "not_found"),
        ("GET", "/static/", 404, "not_found"),
        ("GET", "/%ff%fe", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("POST", "/static/page.css", 405, "method_not_allowed"),
    ],
)
def test_wrong_methods_and_addresses(front: tuple[Site, Shopper], method: str, path: str, status: int, code: str) -> None:
    assert refused(front[1].http.request(method, path)) == (status, code)


def raw(http: httpx.Client, request: bytes) -> bytes:
    """Send bytes that no client would and return the first line of the answer."""
    with socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=5) as connection:
        connection.sendall(request)
        return connection.recv(65_536).split(b"\r\n")[0]


@pytest.mark.parametrize("length", [b"-1", b"x", b"9" * 30, b"9" * 5_000, b"65537"])
def test_an_announced_length_that_is_none_is_refused(front: tuple[Site, Shopper], length: bytes) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
    status = raw(front[1].http, head + length + b"\r\n\r\n{}")
    assert status.split()[1] in (b"400", b"413")


def test_a_request_that_stops_in_the_middle_leaves_the_gateway_well(front: tuple[Site, Shopper]) -> None:
    site, shopper = front
    head = b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
    url = shopper.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        connection.sendall(head)
    assert shopper.http.get("/healthz").json() == {"status": "ok"}
    assert kept(site) == 0


NASTY = (
    "\u202eطلبي\u202c", "ط" + "\u0651" * 1_999, "ـ" * 2_000, "ﷺ" * 2_000, "👨‍👩‍👧‍👦" * 250, "{slot} {{7*7}} ${7*7} %s %n",
    "'; DROP TABLE message; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "/restart", '/inform{"a": "b"}',
    "\u2028\u2029\u0085سطر", "نص\x00مقطوع", "\ufdfd" * 500, "a" * 2_000, "١٢٣" * 600, "\\u0000", "null", "true", "[]",
)  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:20])
def test_nasty_text_is_a_message_like_any_other(front: tuple[Site, Shopper], text: str) -> None:
    shopper = Shopper(front[1].http)
    message = shopper.say(text)
    own, reply = shopper.answered(2)
    assert own == message
    assert (reply["from"], reply["text"]) == ("bot", f"رد على: {own['text']}")


def test_what_breaks_inside_is_told_without_telling_of_the_inside(
    front: tuple[Site, Shopper], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shopper = front
    monkeypatch.setattr("bot.services.chat._hash", partial(Path.read_bytes, Path("/no/such/file")))
    response = shopper.http.get("/api/messages", headers=shopper.headers)
    assert refused(response) == (500, "error")
    assert "content-security-policy" in response.headers
