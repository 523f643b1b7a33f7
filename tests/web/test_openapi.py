"""Requests made from the gateway's own description: what fits it and what does not, and never an answer of 500.

`SHAKWA_FUZZ=1000` sends so many to each route and kind; by default few enough for every run.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from bot.bootstrap import load_shop, load_words
from bot.domain.user import Role
from bot.language.search import search_form
from bot.settings import ROOT
from bot.store.unit_of_work import Store
from tests.conftest import Clock, empty
from tests.web.site import Shopper, Site
from tests.web.staff import Colleague

WORDS, SHOP = load_words(), load_shop(ROOT / "shop.yml")
EXAMPLES = int(os.environ.get("SHAKWA_FUZZ", "8"))
ENDLESS = {"/api/stream", "/console/api/stream"}
LEAVES = {"/console/api/sign-out"}
"""After this the session is over."""
OFTEN = 10_000_000
METHODS = ("get", "post", "put", "delete")

FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="SHAKWA_FUZZ" not in os.environ,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description; it does not depend on what the gateway stands on."""
    store = Store(sa.create_engine("sqlite://"), search_form)
    return Site(store, Clock(), WORDS, SHOP, ROOT).app().openapi()


OPERATIONS = [
    (method.upper(), path)
    for path, methods in description()["paths"].items()
    for method in methods
    if method in METHODS and path not in ENDLESS | LEAVES
]


class Front:
    """A gateway, and somebody who may do everything in both halves of it."""

    def __init__(self, site: Site, http: httpx.Client) -> None:
        self.http = http
        self.shopper = Shopper(http)
        self.admin = Colleague(site, http, Role.ADMIN, "admin", "مدير")

    def send(self, case: schemathesis.Case) -> httpx.Response:
        headers = self.admin.headers if case.path.startswith("/console") else self.shopper.headers
        asked = case.as_transport_kwargs(base_url="http://gateway")
        given = {name.title(): value for name, value in dict(asked.pop("headers", None) or {}).items()}
        asked = {("content" if name == "data" else name): value for name, value in asked.items() if value is not None}
        request = httpx.Request(headers=encoded(given | headers), **(asked | {"cookies": None}))
        return self.http.send(request)

    def odd(self, method: str, path: str, case: dict[str, Any], odd: str) -> httpx.Response:
        """Send a case with `odd` for every text in its address and its body, half of a pair as JSON escapes it."""
        headers = self.admin.headers if path.startswith("/console") else self.shopper.headers
        in_address = quote(odd.encode("utf-8", "surrogatepass")[:2_000], safe="")
        query = "&".join(f"{name}={in_address}" for name in case["query"])
        body = b"" if case["body"] is None else json.dumps(with_odd(case["body"], odd)).encode()
        url = f"http://gateway{re.sub(r'{[^}]+}', in_address, path)}?{query}"
        return self.http.request(method, url, content=body, headers=headers | {"Content-Type": "application/json"})


def encoded(headers: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1", "replace"), str(value).encode("latin-1", "replace")) for name, value in headers.items()]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    engine = request.getfixturevalue(f"migrated_{request.param}")
    empty(engine)
    folder = tmp_path_factory.mktemp("files")
    site = Site(Store(engine, search_form), Clock(), WORDS, SHOP, folder)
    with site.open(messages_per_minute=OFTEN, sessions_per_minute=OFTEN) as http:
        yield Front(site, http)


def whole(answer: httpx.Response) -> None:
    """Assert that an answer is one of ours: a success, or a refusal with a code and a sentence."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        assert answer.json()["error"].keys() >= {"code", "message"}, answer.text


@pytest.mark.parametrize("front", ["postgresql"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does not fit"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_sent_is_answered_or_refused(front: Front, method: str, path: str, mode: GenerationMode) -> None:
    operation = schemathesis.openapi.from_dict(description())[path][method]

    @FUZZ
    @given(st.data())
    def sent(data: st.DataObject) -> None:
        whole(front.send(data.draw(operation.as_strategy(generation_mode=mode))))

    nothing_to_get_wrong = suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext()
    with nothing_to_get_wrong:
        sent()


ODD = (
    "\x00", "a\x00b", "\ud800", "\u202e", "\u2028", "%00", "../..", "' OR 1=1 --", "9" * 400, "-1", "1e999", "\U0010ffff",
    "ا" * 5_000,
)  # fmt: skip


def with_odd(value: Any, odd: str) -> Any:
    """Return a body or its like with one odd text in the place of every text."""
    if isinstance(value, dict):
        return {name: with_odd(one, odd) for name, one in value.items()}
    if isinstance(value, list):
        return [with_odd(one, odd) for one in value]
    return odd if isinstance(value, str) else 2**63 if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_odd_text_in_every_place_is_answered_or_refused(front: Front, method: str, path: str) -> None:
    operation = schemathesis.openapi.from_dict(description())[path][method]

    @settings(FUZZ, max_examples=1)
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def sent(case: schemathesis.Case) -> None:
        body = case.body if isinstance(case.body, dict | list) else None
        for odd in ODD:
            whole(front.odd(method, path, {"query": dict(case.query or {}), "body": body}, odd))

    sent()
