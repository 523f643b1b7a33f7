"""Webhooks: signed, retried until they get through, each event once a webhook, and never to a private network."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.domain.errors import AddressRefused, DeliveryUnknown, NotAllowed, WebhookUnknown
from bot.domain.webhook import LONGEST_PAUSE, MOST_TRIES, Delivery
from bot.outward.webhooks import Poster, is_public
from bot.services.outbox import Outbox
from bot.services.webhooks import Letterhead, Outcome, Webhooks
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in
from tests.conftest import Clock

TOPICS = ["complaint.filed", "complaint.breached"]
URL = "https://shop.example/hook"


class Receiver:
    """Answers as it was told, in order, then with 200."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.letters: list[Letterhead] = []
        self._lock = threading.Lock()

    def send(self, letter: Letterhead) -> Outcome:
        with self._lock:
            self.letters.append(letter)
            return self.outcomes.pop(0) if self.outcomes else Outcome(200)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def webhooks(store: Store, clock: Clock, receiver: Receiver) -> Webhooks:
    return Webhooks(store, clock, receiver.send, lambda url: None)


def happens(store: Store, clock: Clock, topic: str, **payload: Any) -> None:
    with store.write() as work:
        work.outbox.add(topic, payload, clock())
        work.commit()
    Outbox(store, clock).publish(lambda topic, payload: None)


def test_an_event_goes_to_every_webhook_that_wants_it_and_to_no_other(
    webhooks: Webhooks, receiver: Receiver, store: Store, clock: Clock
) -> None:
    webhooks.add(URL, TOPICS)
    webhooks.add("https://other.example/", ["complaint.filed"])
    off = webhooks.add("https://off.example/", TOPICS)
    webhooks.turn(off.id or 0, on=False)
    happens(store, clock, "complaint.filed", number="SH-1")
    happens(store, clock, "complaint.breached", number="SH-1")
    happens(store, clock, "request.made", reference="CB-1")
    assert webhooks.deliver_due() == 3
    assert sorted((letter.url, letter.topic) for letter in receiver.letters) == [
        ("https://other.example/", "complaint.filed"),
        (URL, "complaint.breached"),
        (URL, "complaint.filed"),
    ]
    assert webhooks.deliver_due() == 0


def test_what_does_not_get_through_is_tried_again_later_and_later_and_given_up(
    webhooks: Webhooks, receiver: Receiver, store: Store, clock: Clock
) -> None:
    receiver.outcomes = [Outcome(500, "answered 500")] * MOST_TRIES
    webhooks.add(URL, TOPICS)
    happens(store, clock, "complaint.filed", number="SH-1")
    begun, pauses = clock.now, []
    for _ in range(MOST_TRIES):
        assert webhooks.deliver_due() == 0
        [delivery] = webhooks.deliveries()
        if delivery.not_before:
            pauses.append(delivery.not_before - clock.now)
            clock.now = delivery.not_before
    assert [pause.total_seconds() for pause in pauses[:4]] == [10, 20, 40, 80]
    assert pauses[-1] == LONGEST_PAUSE
    assert (clock.now - begun).days >= 2
    [delivery] = webhooks.deliveries(failed=True)
    assert (delivery.state, delivery.last_status, delivery.last_error) == ("given_up", 500, "answered 500")
    webhooks.resend(delivery.id or 0)
    assert webhooks.deliver_due() == 1
    assert webhooks.deliveries(failed=True) == []


def test_who_dies_between_sending_and_writing_it_down_sends_it_again_with_the_same_number(
    webhooks: Webhooks, receiver: Receiver, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.add(URL, TOPICS)
    happens(store, clock, "complaint.filed", number="SH-1")
    monkeypatch.setattr(Delivery, "got_through", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        webhooks.deliver_due()
    monkeypatch.undo()
    assert webhooks.deliver_due() == 0
    clock.turn(seconds=61)
    assert webhooks.deliver_due() == 1
    assert len({(letter.event_id, letter.delivery_id) for letter in receiver.letters}) == 1
    assert len(receiver.letters) == 2


def test_workers_at_once_send_each_delivery_once(webhooks: Webhooks, receiver: Receiver, store: Store, clock: Clock) -> None:
    webhooks.add(URL, TOPICS)
    for number in range(30):
        happens(store, clock, "complaint.filed", number=f"SH-{number}")
    outcomes = at_once(6, lambda _: webhooks.deliver_due())
    assert errors_in(outcomes) == []
    assert sorted(letter.payload["number"] for letter in receiver.letters) == sorted(f"SH-{n}" for n in range(30))


def test_a_test_event_goes_to_one_webhook_and_a_new_secret_signs_what_follows(
    webhooks: Webhooks, receiver: Receiver
) -> None:
    one, _ = webhooks.add(URL, TOPICS), webhooks.add("https://other.example/", TOPICS)
    old = one.secret
    webhooks.renew_secret(one.id or 0)
    webhooks.send_test(one.id or 0)
    assert webhooks.deliver_due() == 1
    [letter] = receiver.letters
    assert (letter.url, letter.topic) == (URL, "webhook.test")
    assert letter.secret != old


def test_a_removed_webhook_takes_along_what_was_on_its_way(webhooks: Webhooks, store: Store, clock: Clock) -> None:
    one = webhooks.add(URL, TOPICS)
    happens(store, clock, "complaint.filed", number="SH-1")
    webhooks.remove(one.id or 0)
    assert webhooks.deliver_due() == 0
    assert webhooks.deliveries() == []
    with pytest.raises(WebhookUnknown):
        webhooks.turn(one.id or 0, on=True)
    with pytest.raises(DeliveryUnknown):
        webhooks.resend(1)


@pytest.mark.parametrize("topics", [[], ["complaint.eaten"], ["complaint.filed", "x"], ["webhook.test"]])
def test_unknown_topics_are_refused(webhooks: Webhooks, topics: list[str]) -> None:
    with pytest.raises(NotAllowed):
        webhooks.add(URL, topics)


# ------------------------------------------------------------------ over the wire


@contextmanager
def listening(
    status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"ok"
) -> Iterator[tuple[str, list[Any]]]:
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/hook?a=1", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_letter(url: str) -> Letterhead:
    return Letterhead(7, 3, "complaint.filed", datetime(2026, 11, 27), {"number": "SH-1", "سبب": "تأخر"}, url, "a secret")


def poster() -> Poster:
    return Poster(["localhost"], resolve=lambda host, port: ["127.0.0.1"])


def test_the_receiver_can_check_who_sent_it_and_that_nothing_was_changed() -> None:
    with listening() as (url, heard):
        assert poster().send(a_letter(url)) == (200, "")
    [(headers, body)] = heard
    at, signed = (part.split("=", 1)[1] for part in headers["X-Shakwa-Signature"].split(","))
    assert signed == hmac.new(b"a secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert abs(int(at) - datetime.now().timestamp()) < 60
    assert json.loads(body) == {
        "id": 3, "topic": "complaint.filed", "created_at": "2026-11-27T00:00:00", "data": {"number": "SH-1", "سبب": "تأخر"},
    }  # fmt: skip
    assert (headers["X-Shakwa-Event"], headers["X-Shakwa-Delivery"]) == ("complaint.filed", "7")
    assert headers["Host"] == url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500, 503])
def test_a_redirect_is_not_followed_and_any_other_answer_is_none(status: int) -> None:
    with listening() as (elsewhere, heard), listening(status, {"Location": elsewhere}) as (url, _):
        assert poster().send(a_letter(url)) == (status, f"answered {status}")
    assert heard == []


def test_a_huge_answer_is_not_read() -> None:
    with listening(body=b"x" * 5_000_000) as (url, _):
        assert poster().send(a_letter(url)) == (200, "")


def test_nobody_there_is_a_failure_with_a_reason() -> None:
    assert poster().send(a_letter("http://localhost:9/")) == (None, "ConnectError")


# ------------------------------------------------------------------ never to a private network


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:db8::1", "2001:0:53aa::1", "not an address", "", "fec0::1", "feff::1", "::7f00:1", "::a00:1",
        "::ffff:0:7f00:1", "::ffff:0:0", "::ffff:169.254.169.254", "4000::1", "5f00::1", "100::1", "ff0e::1", "ff05::1%eth0",
        "64:ff9b:1::7f00:1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "8.8.8.8 ",
    ],
)  # fmt: skip
def test_a_host_with_such_an_address_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(AddressRefused):
        Poster(resolve=lambda host, port: [address]).check("https://shop.example/")


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_connected_to_as_it_was_checked(address: str) -> None:
    assert Poster(resolve=lambda host, port: [address]).check("https://shop.example/") == address


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        Poster(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"]).check("https://shop.example/")


def test_a_name_that_is_looked_up_once_cannot_lead_elsewhere_the_second_time() -> None:
    """DNS rebinding: the connection goes to the address that was checked."""
    looked_up: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["8.8.8.8" if len(looked_up) == 1 else "127.0.0.1"]

    assert Poster(resolve=rebinding).check("https://shop.example/") == "8.8.8.8"
    status, error = Poster(resolve=lambda host, port: ["127.0.0.1"]).send(a_letter("http://shop.example/"))
    assert status is None
    assert "private network" in error


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://shop.example/", "file:///etc/passwd", "https://", "https://user:pw@shop.example/", "https://@shop.example/",
     "https://shop.example:99999/", "https://[::1", "javascript:alert(1)", "gopher://shop.example/", "//shop.example/"],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        Poster(resolve=lambda host, port: ["8.8.8.8"]).check(url)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.0.0.1.nip.invalid"],
)
def test_however_this_machine_is_called_it_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        Poster().check(f"http://{host}/")


def test_in_production_nothing_is_sent_in_the_clear() -> None:
    with pytest.raises(AddressRefused):
        Poster(https_only=True, resolve=lambda host, port: ["8.8.8.8"]).check("http://shop.example/")
