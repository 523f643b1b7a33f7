"""Signing in through the gateway as uvicorn serves it: no header of a client's own choice changes whom it is counted as."""

import asyncio
from collections import Counter
from collections.abc import Iterable

import httpx
import pytest
import uvicorn

from bot.services.users import PER_ADDRESS
from bot.settings import Settings
from bot.web.serving import SERVED
from tests.services.staff import a_user
from tests.web.site import Site

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

STRANGER = "203.0.113.50"
ADDRESSES = ["198.51.100.{}", "10.0.0.{}", "127.0.0.{}", "2001:db8:{:x}::1", "[2001:db8:{:x}::1]:443", "::ffff:10.0.0.{}"]
NAMES = [
    "X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP",
    "X-Originating-IP", "X-Remote-Addr", "Client-IP", "Via", "X-Forwarded-Host", "X-Forwarded",
]  # fmt: skip
MALFORMED = [
    "",
    ",",
    ",,,",
    "unknown",
    "_hidden",
    "256.1.1.1",
    "1.2.3",
    "x" * 4000,
    "\u00ff",
    "127.0.0.1, ",
    "' OR 1=1",
    "%00",
    "*",
]


def forged() -> list[list[tuple[str, str]]]:
    """Return what clients send to be taken for others: one header, several, lists, and what is no address at all."""
    each = [[(name, shape.format(at))] for at, (name, shape) in enumerate((n, s) for n in NAMES for s in ADDRESSES)]
    proper = [[("Forwarded", f'for="{shape.format(at)}";proto=https;by=10.0.0.1')] for at, shape in enumerate(ADDRESSES)]
    lists = [[("X-Forwarded-For", f"198.51.100.{at}, 127.0.0.1, 10.0.0.{at}")] for at in range(6)]
    twice = [[("X-Forwarded-For", f"198.51.100.{at}"), ("X-Forwarded-For", "127.0.0.1")] for at in range(6)]
    every = [[(name, f"198.51.100.{at}") for name in NAMES] for at in range(6)]
    broken = [[("X-Forwarded-For", value)] for value in MALFORMED] + [[("Forwarded", value)] for value in MALFORMED]
    return [*each, *proper, *lists, *twice, *every, *broken]


def tried(site: Site, client: str, trusted: str, requests: Iterable[list[tuple[str, str]]]) -> list[httpx.Response]:
    """Let `client` try the password of another account with each of these headers."""
    config = uvicorn.Config(site.app(), forwarded_allow_ips=trusted, **SERVED)
    config.load()

    async def go() -> list[httpx.Response]:
        transport = httpx.ASGITransport(config.loaded_app, client=(client, 50_000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            return [
                await http.post(
                    "/console/api/sign-in",
                    json={"login": f"user{number}", "password": "guess"},
                    headers=[("X-Shakwa-CSRF", "sign-in"), *((name, value.encode("latin-1")) for name, value in headers)],  # type: ignore[list-item]
                )
                for number, headers in enumerate(requests)
            ]

    return asyncio.run(go())


@pytest.mark.parametrize("trusted", ["", Settings.model_fields["trusted_proxies"].default, "172.29.0.10"])
def test_without_a_proxy_of_ours_before_it_a_client_is_where_it_is(site: Site, trusted: str) -> None:
    assert len(forged()) > 100
    answers = tried(site, STRANGER, trusted, forged())
    allowed = PER_ADDRESS[0]
    assert [answer.status_code for answer in answers[:allowed]] == [403] * allowed
    assert Counter(answer.status_code for answer in answers[allowed:]) == {429: len(forged()) - allowed}
    assert len({answer.text for answer in answers[:allowed]}) == 1
    assert len({answer.text for answer in answers[allowed:]}) == 1
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers[allowed:])


def test_what_a_client_puts_before_the_word_of_our_proxy_is_not_believed(site: Site) -> None:
    """A proxy that adds to a list of the client's: the last address is its own word."""
    lists = [[("X-Forwarded-For", f"198.51.100.{at}, {STRANGER}")] for at in range(20)]
    headers = [[("X-Forwarded-For", f"198.51.100.{at}"), ("X-Forwarded-For", STRANGER)] for at in range(20)]
    answers = tried(site, "172.29.0.10", "172.29.0.10", [*lists, *headers])
    assert Counter(answer.status_code for answer in answers) == {403: PER_ADDRESS[0], 429: 40 - PER_ADDRESS[0]}


def test_behind_our_proxy_each_client_is_counted_for_itself(site: Site) -> None:
    """The other side: where headers are believed they do tell clients apart, so that the tests above could fail."""
    answers = tried(site, "172.29.0.10", "172.29.0.10", [[("X-Forwarded-For", f"198.51.100.{at}")] for at in range(20)])
    assert {answer.status_code for answer in answers} == {403}


def test_who_is_there_and_who_is_not_get_the_same_answers(site: Site) -> None:
    a_user(site.console.users, login="user0")
    told = []
    for at in range(2):  # user0 is somebody, user1 nobody
        answers = tried(site, f"198.51.100.{at}", "", [[]] * (at + 1))
        told.append((answers[-1].status_code, answers[-1].text, {*answers[-1].headers}))
    assert told[0] == told[1]
