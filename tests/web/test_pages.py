"""The pages and their headers, who may embed them, and how the gateway says that it is well."""

import json
import re

import httpx
import pytest

from bot.domain.conversation import MAX_TEXT
from bot.domain.evidence import LARGEST_FILE, MOST_FILES
from bot.settings import ROOT
from tests.web.site import Site

STRINGS = json.loads((ROOT / "bot/web/strings.ar.json").read_text("utf-8"))
PAGES = {
    "/": "text/html; charset=utf-8",
    "/widget.js": "text/javascript; charset=utf-8",
    "/widget.css": "text/css; charset=utf-8",
    "/static/page.css": "text/css; charset=utf-8",
    "/static/icon.svg": "image/svg+xml",
    "/api/config": "application/json",
    "/api/openapi.json": "application/json",
    "/healthz": "application/json",
    "/readyz": "application/json",
}
ALLOWED, FOREIGN = "https://shop.example", "https://evil.example"

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_served_under_a_strict_policy(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, PAGES[path])
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/session", 201),
        ("GET", "/api/messages", 401),
        ("GET", "/api/stream", 401),
        ("GET", "/nothing", 404),
        ("PUT", "/", 405),
    ],
)
def test_answers_to_programs_carry_the_same_headers(http: httpx.Client, method: str, path: str, status: int) -> None:
    response = http.request(method, path)
    assert response.status_code == status
    assert {"content-security-policy", "x-content-type-options", "referrer-policy"} <= set(response.headers)


def test_the_page_needs_nothing_that_the_policy_forbids(http: httpx.Client) -> None:
    page = http.get("/").text
    assert '<html lang="ar" dir="rtl">' in page
    assert re.search(r"<style|style=|<script(?! src)|\son\w+=|javascript:", page) is None
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert address.startswith("/")
        assert http.get(address).status_code == 200


def test_the_widget_gets_its_words_and_limits(http: httpx.Client) -> None:
    assert http.get("/api/config").json() == {
        "shop": {"name": "متجر الواحة", "privacy_url": ""},
        "kept_days": 365,
        "limits": {"text": MAX_TEXT, "file_bytes": LARGEST_FILE, "files": MOST_FILES},
        "strings": STRINGS["widget"],
    }


def test_large_pages_travel_compressed_and_small_ones_do_not(http: httpx.Client) -> None:
    assert http.get("/widget.js").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in http.get("/healthz").headers


def test_sites_that_are_named_may_embed_the_widget(site: Site) -> None:
    with site.open(allowed_origins=[ALLOWED]) as http:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
        preflight = http.options("/api/messages", headers=asked | {"Origin": ALLOWED})
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == ALLOWED
        assert http.post("/api/session", headers={"Origin": ALLOWED}).headers["access-control-allow-origin"] == ALLOWED
        refusal = http.get("/api/messages", headers={"Origin": ALLOWED})
        assert (refusal.status_code, refusal.headers["access-control-allow-origin"]) == (401, ALLOWED)


@pytest.mark.parametrize(
    "origin",
    [FOREIGN, "null", "http://shop.example", f"{ALLOWED}.evil.example", "https://evil-shop.example", f"{ALLOWED}:8443",
     f"{ALLOWED}/", "https://SHOP.example.evil", "https://shop.example@evil.example"],
)  # fmt: skip
def test_no_other_site_may_read_an_answer(site: Site, origin: str) -> None:
    with site.open(allowed_origins=[ALLOWED]) as http:
        for response in (
            http.post("/api/session", headers={"Origin": origin}),
            http.get("/api/config", headers={"Origin": origin}),
            http.options("/api/messages", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}),
        ):
            assert "access-control-allow-origin" not in response.headers


def test_without_a_named_site_no_other_may_read_an_answer(http: httpx.Client) -> None:
    assert "access-control-allow-origin" not in http.post("/api/session", headers={"Origin": ALLOWED}).headers
    assert "access-control-allow-credentials" not in http.get("/", headers={"Origin": ALLOWED}).headers


def test_the_gateway_is_alive_whatever_becomes_of_the_rest(site: Site) -> None:
    site.checks["engine"] = lambda: False
    with site.open() as http:
        assert http.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_every_part_is_and_names_the_one_that_is_not(site: Site) -> None:
    well = {"store": True, "engine": True}
    site.checks |= {
        "store": lambda: well["store"],
        "engine": lambda: well["engine"],
        "actions": lambda: 1 / well["store"] > 0,
    }
    with site.open() as http:
        assert http.get("/readyz").status_code == 200
        assert http.get("/readyz").json() == {
            "ready": True, "ill": [], "parts": {one: {"well": True, "seconds": 0} for one in ("store", "engine", "actions")}
        }  # fmt: skip
        well["engine"] = False
        response = http.get("/readyz")
        assert (response.status_code, response.json()["ready"], response.json()["ill"]) == (503, False, ["engine"])
        assert response.json()["parts"]["engine"] == {"well": False, "seconds": 0}
        well.update(store=False, engine=True)
        assert http.get("/readyz").json()["ill"] == ["store", "actions"]
