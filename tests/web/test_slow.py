"""Clients that take their time, or take and never give: none of them keeps a place, and the gateway serves the others."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
import sqlalchemy as sa

from bot.store import tables
from bot.web import serving
from bot.web.guards import Larger
from tests.builders import PATIENCE_SECONDS, wait_for
from tests.web.site import Shopper, Site
from tests.web.staff import Colleague

HEAD = b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def http(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A gateway that waits half a second for everything."""
    for name in ("HEAD_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(serving, name, 0.5)
    monkeypatch.setattr("bot.web.guards.OTHERS", Larger(0, "too_large", 0.5))
    with site.serve() as http:
        yield http


def connected(http: httpx.Client, taken_in: int | None = None) -> socket.socket:
    """Connect; `taken_in` bytes are all that may wait to be read on our side."""
    line = socket.socket()
    if taken_in:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, taken_in)
    line.settimeout(PATIENCE_SECONDS)
    line.connect((http.base_url.host, http.base_url.port or 80))
    return line


def answered(line: socket.socket) -> bytes:
    """Return all that comes until the gateway hangs up."""
    told = b""
    try:
        while heard := line.recv(65_536):
            told += heard
    except ConnectionError:
        pass
    return told


@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", HEAD])
def test_the_head_of_a_request_comes_in_time_or_not_at_all(http: httpx.Client, said: bytes) -> None:
    with connected(http) as line:
        line.sendall(said)
        assert answered(line) == b""
    assert http.get("/healthz").json() == {"status": "ok"}


def test_the_head_of_a_second_request_has_no_more_time(http: httpx.Client) -> None:
    with connected(http) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in line.recv(65_536)
        line.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        assert answered(line) == b""


def test_a_body_that_comes_byte_by_byte_is_refused_in_words(site: Site, http: httpx.Client) -> None:
    shopper = Shopper(http)
    with connected(http) as line:
        line.sendall(HEAD + f"Authorization: Bearer {shopper.token}\r\nContent-Length: 60\r\n\r\n".encode())
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011, PT012  # whichever of reset and broken pipe comes first
            while time.monotonic() - began < PATIENCE_SECONDS:
                line.sendall(b" ")
                time.sleep(0.05)
        assert time.monotonic() - began < PATIENCE_SECONDS
    assert shopper.history() == []


def test_what_was_too_slow_is_told_so(http: httpx.Client, site: Site) -> None:
    shopper = Shopper(http)
    with connected(http) as line:
        line.sendall(HEAD + f"Authorization: Bearer {shopper.token}\r\nContent-Length: 60\r\n\r\n{{".encode())
        told = line.recv(65_536).decode()
    assert told.startswith("HTTP/1.1 408 ")
    assert site.words.errors["too_slow"] in told


def test_who_never_reads_a_stream_loses_it(site: Site, http: httpx.Client) -> None:
    shopper = Shopper(http)
    row = {"conversation_id": shopper.conversation, "sender": "agent", "created_at": site.clock()}
    with site.store.engine.begin() as connection:
        rows = [row | {"seq": seq, "text": "ا" * 40_000, "buttons": [], "custom": {}} for seq in range(1, 201)]
        connection.execute(sa.insert(tables.message), rows)
        connection.execute(sa.update(tables.conversation).values(last_seq=200))
    with connected(http, 4_096) as line:
        line.sendall(f"GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {shopper.token}\r\n\r\n".encode())
        assert b"200 OK" in line.recv(100)
        time.sleep(3)
        assert answered(line).count(b"event: message") < 200  # and it ends, as no stream does that is read
    with shopper.listen(last=199) as stream:
        assert stream.messages(1)[0]["seq"] == 200


def opens(shopper: Shopper) -> int:
    with shopper.http.stream("GET", "/api/stream", headers=shopper.headers | {"Last-Event-ID": "200"}) as response:
        return response.status_code


def test_a_conversation_has_ten_streams_and_another_when_one_ends(http: httpx.Client) -> None:
    shopper, other = Shopper(http), Shopper(http)
    with ExitStack() as tabs:
        streams = [tabs.enter_context(shopper.listen()) for _ in range(9)]
        with shopper.listen() as tenth:
            shopper.say("هلا")
            for stream in (*streams, tenth):
                assert stream.messages(1)[0]["text"] == "هلا"
            refused = http.get("/api/stream", headers=shopper.headers)
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")
            assert int(refused.headers["retry-after"]) > 0
            assert opens(other) == 200
        wait_for(lambda: opens(shopper) == 200)


def test_an_address_has_only_so_many_streams(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.shopper.STREAMS_OF_ADDRESS", 3)
    with site.serve() as http, ExitStack() as streams:
        shoppers = [Shopper(http) for _ in range(3)]
        heard = [streams.enter_context(shopper.listen()) for shopper in shoppers]
        for shopper, stream in zip(shoppers, heard, strict=True):
            shopper.say("هلا")
            assert stream.messages(1)
        assert opens(Shopper(http)) == 429


def test_a_colleague_has_only_so_many_windows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.console.stream.STREAMS_OF_USER", 2)
    with site.serve() as http, ExitStack() as windows:
        sara = Colleague(site, http)
        heard = [windows.enter_context(sara.listen()) for _ in range(2)]
        assert all(stream.next() for stream in heard)
        assert http.get("/console/api/stream", headers=sara.headers).status_code == 429
