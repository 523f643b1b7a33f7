"""Where webhooks lead: to the address that was checked, however the name is written and whatever answers meanwhile."""

import itertools
import socket
from typing import Any

import httpx
import pytest

from bot.domain.errors import AddressRefused
from bot.outward.webhooks import Poster
from tests.services.test_webhooks import a_letter, listening

PUBLIC = "93.184.216.34"


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where connections were made to, each of which is refused."""
    hosts: list[str] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        hosts.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", connect)
    return hosts


@pytest.fixture
def requested(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What was sent, and answered well."""
    requests: list[httpx.Request] = []
    client = httpx.Client

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"ok"))

    monkeypatch.setattr("httpx.Client", lambda **options: client(transport=httpx.MockTransport(answer), **options))
    return requests


# ------------------------------------------------------------------ rebinding


def test_one_letter_looks_a_name_up_once_and_goes_to_what_was_found(connected: list[str]) -> None:
    """A name that is another address at each look-up: connecting looks up nothing again."""
    answers = itertools.cycle([[PUBLIC], ["127.0.0.1"], ["169.254.169.254"], ["::1"]])
    looked_up: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return next(answers)

    poster = Poster(resolve=rebinding)
    outcomes = [poster.send(a_letter("http://shop.example/hook")) for _ in range(8)]
    assert looked_up == ["shop.example"] * 8
    assert connected == [PUBLIC] * 2, "the second, third and fourth look-up of each round were refused"
    assert [error for _, error in outcomes if "private network" in error] == [outcomes[1][1]] * 6


def test_no_second_look_up_is_made_by_the_system_either(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    system = socket.getaddrinfo

    def listed(host: str, *rest: Any, **options: Any) -> Any:
        asked.append(host)
        return system(host, *rest, **options)

    monkeypatch.setattr("socket.getaddrinfo", listed)
    with listening() as (url, heard):
        assert Poster(["localhost"], resolve=lambda host, port: ["127.0.0.1"]).send(a_letter(url)) == (200, "")
    assert len(heard) == 1
    assert "localhost" not in asked


@pytest.mark.parametrize(
    "found", [[PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC], [PUBLIC, "::1"], [PUBLIC, "::ffff:127.0.0.1"], []]
)
def test_where_a_name_has_several_addresses_all_are_public(found: list[str], connected: list[str]) -> None:
    status, error = Poster(resolve=lambda host, port: found).send(a_letter("http://shop.example/"))
    assert status is None
    assert "private network" in error or "no address" in error
    assert connected == []


# ------------------------------------------------------------------ redirects


@pytest.mark.parametrize(
    ("status", "to"), [(300, "{}"), (303, "//localhost:1/"), (308, "http://169.254.169.254/latest/"), (308, "{}")]
)
def test_no_kind_of_redirect_is_followed(status: int, to: str) -> None:
    with listening() as (elsewhere, heard), listening(status, {"Location": to.format(elsewhere)}) as (url, asked):
        poster = Poster(["localhost"], resolve=lambda host, port: ["127.0.0.1"])
        assert poster.send(a_letter(url)) == (status, f"answered {status}")
    assert heard == []
    assert len(asked) == 1


def test_no_proxy_of_the_environment_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as (proxy, through), listening() as (url, heard):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        assert Poster(["localhost"], resolve=lambda host, port: ["127.0.0.1"]).send(a_letter(url)) == (200, "")
    assert (len(through), len(heard)) == (0, 1)


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "host",
    [
        "LOCALHOST", "localhost.", "0", "0.0.0.0", "127.000.000.001", "017700000001", "0x7f.1", "0x7F.0.0.0x1", "127.0.1",
        "3232235521", "0xa9fea9fe", "169.254.43518", "[::]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]", "[fe80::1%25lo]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fec0::1]",
        "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛocalhost", "loc\u00adalhost", "127.0.0.1\u200b",
        "\u202e127.0.0.1", "x" * 64 + ".example", "..", ".localhost.",
    ],
)  # fmt: skip
def test_no_way_to_write_a_private_address_is_a_way_in(host: str, connected: list[str]) -> None:
    """By the system's own look-up, as in production."""
    with pytest.raises(AddressRefused):
        Poster().check(f"http://{host}/")
    assert Poster().send(a_letter(f"http://{host}/"))[0] is None
    assert connected == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example\\@127.0.0.1/", "http://127.0.0.1\\@shop.example/", "http://shop.example#@127.0.0.1/",
        "http://shop.example?@127.0.0.1/", "http://shop.example/@127.0.0.1/", "http://shop.example/\\127.0.0.1/",
        "http://shop.example//127.0.0.1/", "http://shop.example;127.0.0.1/", "http://shop.example:80:127.0.0.1/",
        "http://shop.example\t/@127.0.0.1", "http://shop.example/\r\nHost: 127.0.0.1\r\n", "http:/\\127.0.0.1/",
        "http://shop.example/?u=http://127.0.0.1/", "http://shop.example%2f@127.0.0.1/", "http://[::1]shop.example/",
        "HTTP://SHOP.EXAMPLE/", "http://shop.example.:80/", "http://127.0.0.1%2eshop.example/", "http://@127.0.0.1/",
    ],
)  # fmt: skip
def test_two_readings_of_an_address_lead_nowhere_else(url: str, requested: list[httpx.Request]) -> None:
    """What is connected to is what was checked, or nothing is: no part of an address can name another host."""
    checked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        checked.append(host)
        return ["127.0.0.1" if host.startswith(("127", "::1")) else PUBLIC]

    status, _ = Poster(resolve=resolve).send(a_letter(url))
    assert (status == 200) is bool(requested)
    for request in requested:
        assert request.url.host == PUBLIC
        host = request.headers["Host"]
        assert host.rpartition(":")[0].rstrip(".") == checked[0].rstrip(".") or host.lower() == checked[0]
        assert not {"\r", "\n", "\t", " "} & set(host + str(request.url))


def test_an_allowed_host_allows_no_other(connected: list[str]) -> None:
    poster = Poster(["erp.local"], resolve=lambda host, port: ["10.0.0.5"])
    assert poster.check("http://ERP.local/") == "10.0.0.5"
    for host in ("xerp.local", "erp.local.evil.example", "erp.local.", "erp.locals", "a.erp.local"):
        with pytest.raises(AddressRefused):
            poster.check(f"http://{host}/")
    assert connected == []
