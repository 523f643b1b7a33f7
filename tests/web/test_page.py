"""What a shop's page may say of its shopper: believed only where the shop's server signed it."""

from typing import Any

import httpx
import jwt
import pytest

from tests.conftest import Clock
from tests.web.site import IDENTITY_SECRET, Shopper, Site

FAR = 4_000_000_000
"""Seconds since 1970, long after this is read."""


def signed(secret: str = IDENTITY_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode({"sub": "customer 42", "exp": FAR} | claims, secret, algorithm)


def post(shopper: Shopper, path: str, **body: Any) -> httpx.Response:
    return shopper.http.post(path, json=body, headers=shopper.headers)


def test_what_the_server_signed_is_known(site: Site, shopper: Shopper) -> None:
    token = signed(name="سارة", phone="0501234567", email="sara@example.com")
    assert post(shopper, "/api/identity", token=token).status_code == 204
    assert site.chat.known(shopper.conversation) == {"customer": "customer 42", "name": "سارة", "contact": "+966501234567"}


@pytest.mark.parametrize(
    "token",
    [
        signed(secret=IDENTITY_SECRET[::-1]),
        signed(exp=1_000_000_000),
        signed(algorithm="HS512"),
        jwt.encode({"sub": "customer 42", "exp": FAR}, None, "none"),
        jwt.encode({"sub": "customer 42"}, IDENTITY_SECRET, "HS256"),
        jwt.encode({"exp": FAR}, IDENTITY_SECRET, "HS256"),
        "nonsense",
        "",
    ],
)
def test_anything_else_is_refused(site: Site, shopper: Shopper, token: str) -> None:
    response = post(shopper, "/api/identity", token=token)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "identity_refused")
    assert site.chat.known(shopper.conversation) == {}


def test_what_is_looked_at_is_known_and_can_change(site: Site, shopper: Shopper) -> None:
    assert post(shopper, "/api/context", order_number="12345678", product="خلاط").status_code == 204
    assert post(shopper, "/api/context", product="غلاية").status_code == 204
    assert site.chat.known(shopper.conversation) == {"order_number": "12345678", "product": "غلاية"}


def test_a_page_cannot_say_who_somebody_is_without_a_signature(site: Site, shopper: Shopper, clock: Clock) -> None:
    assert post(shopper, "/api/context", contact="0501234567").status_code == 422
    assert post(shopper, "/api/context", customer="customer 42").status_code == 422
    assert site.chat.known(shopper.conversation) == {}


def test_only_the_shoppers_own_conversation_is_told(http: httpx.Client) -> None:
    assert http.post("/api/context", json={"product": "خلاط"}).status_code == 401
    assert http.post("/api/identity", json={"token": signed()}).status_code == 401
