"""The widget on a shop's page: its settings, what the page says to it and hears from it, and the strictest of policies."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.widget import STRINGS, Widget
from tests.system.running import IDENTITY_SECRET, SHOP_SITE, System

pytestmark = pytest.mark.browser

MENU = STRINGS["menu"]
OPENING = "الخلاط وصل مكسور من الجنب وما يشتغل أبدا"
LISTEN = """() => {
    window.heard = [];
    for (const name of ["open", "close", "message", "filed", "unread"])
        Shakwa.on(name, (detail) => heard.push([name, detail]));
}"""


def shop_site(system: System, context: BrowserContext, attributes: str = "") -> None:
    """Another site whose pages allow nothing but themselves and the gateway."""
    gateway = system.url
    sources = "; ".join(f"{kind}-src 'self' {gateway}" for kind in ("script", "style", "connect", "img", "media"))
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    script = f'<script src="{gateway}/widget.js" {attributes} defer></script>'
    html = f'<!doctype html><title>متجر</title>{view}<p><a href="#more">منتج</a></p>{script}'

    def serve(route: Route) -> None:
        policy = {"content-security-policy": f"default-src 'none'; {sources}"}
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=policy)

    context.route(f"{SHOP_SITE}/**", serve)


def shop_page(system: System, context: BrowserContext, attributes: str = "") -> Page:
    shop_site(system, context, attributes)
    page = context.new_page()
    page.goto(f"{SHOP_SITE}/product")
    expect(page.locator(".launcher")).to_be_attached()
    return page


def said_on(page: Page, text: str, placeholder: str) -> None:
    field = page.get_by_label(STRINGS["input"])
    field.fill(text)
    field.press("Enter")
    expect(field).to_have_attribute("placeholder", STRINGS["placeholders"][placeholder])


def heard(page: Page) -> list[list[Any]]:
    return page.evaluate("heard")  # type: ignore[no-any-return]


def menu(widget: Widget, item: str) -> None:
    widget.button(MENU["label"]).click()
    widget.button(item).click()


# ------------------------------------------------------------------ another site


def test_a_page_under_a_strict_policy_opens_fills_and_hears(system: System, open_page: Open, tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "red").save(tmp_path / "p.png")
    page = shop_page(system, open_page().page.context, 'data-order="405-1234567-1234567" data-accent="#7a3b8f"')
    page.evaluate(LISTEN)
    page.evaluate("Shakwa.prefill({ product: 'خلاط' })")
    token = jwt.encode({"sub": "42", "exp": int(time.time()) + 600, "phone": "0501234567"}, IDENTITY_SECRET, "HS256")
    page.evaluate("(token) => Shakwa.identify(token)", token)
    page.evaluate("Shakwa.open()")
    said_on(page, OPENING, "purchase_date")
    said_on(page, "أمس", "remedy")
    page.locator("input[type=file]").set_input_files(tmp_path / "p.png")
    expect(page.locator(".tray progress")).to_have_count(0)
    page.get_by_role("button", name=STRINGS["send"], exact=True).click()
    expect(page.get_by_role("img", name="p.png")).to_be_visible()
    said_on(page, "أبغى فلوسي", "confirmed")
    summary = page.locator(".summary").last
    for known in ("405-1234567-1234567", "خلاط", "+966501234567"):
        expect(summary).to_contain_text(known)
    said_on(page, "نعم", "default")
    number = page.locator(".number .big").text_content()
    page.evaluate("Shakwa.close()")
    events = heard(page)
    assert events[0] == ["open", {}]
    assert ["message", {"from": "shopper", "text": OPENING}] in events
    assert ["filed", {"number": number}] in events
    assert events[-1] == ["close", {}]
    assert page.locator(".launcher").evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(122, 59, 143)"


def test_an_identity_the_shop_did_not_sign_changes_nothing(system: System, open_page: Open) -> None:
    page = shop_page(system, open_page().page.context)
    token = jwt.encode({"sub": "42", "exp": 4_000_000_000, "phone": "0501234567"}, IDENTITY_SECRET[::-1], "HS256")
    page.evaluate("(token) => (Shakwa.identify(token), Shakwa.open())", token)
    with page.expect_response("**/api/identity") as refused:
        said_on(page, OPENING, "order_number")
    assert refused.value.status == 403


def test_a_listener_that_was_taken_off_hears_nothing_more(system: System, open_page: Open) -> None:
    page = shop_page(system, open_page().page.context)
    page.evaluate("() => { window.n = 0; const count = () => n++; Shakwa.on('open', count); Shakwa.open(); Shakwa.close(); "
                  "Shakwa.off('open', count); Shakwa.toggle(); }")  # fmt: skip
    expect(page.get_by_label(STRINGS["input"])).to_be_visible()
    assert page.evaluate("n") == 1


def test_an_unread_reply_is_in_the_badge_and_the_title_until_it_is_read(system: System, open_page: Open) -> None:
    page = shop_page(system, open_page().page.context)
    page.evaluate("Shakwa.open()")
    field = page.get_by_label(STRINGS["input"])
    field.fill(OPENING)
    field.press("Enter")
    page.evaluate("Shakwa.close()")
    expect(page.locator(".badge")).to_have_text("2")
    expect(page).to_have_title("(2) متجر")
    page.evaluate("Shakwa.open()")
    expect(page).to_have_title("متجر")


@pytest.mark.parametrize(("attributes", "side"), [("", "left"), ('data-position="right"', "right")])
def test_it_stands_in_the_corner_the_shop_wants(system: System, open_page: Open, attributes: str, side: str) -> None:
    page = shop_page(system, open_page().page.context, attributes)
    box = page.locator(".launcher").bounding_box()
    assert box is not None
    assert ("left" if box["x"] < 640 else "right") == side


def test_a_theme_and_digits_can_be_pinned(system: System, open_page: Open) -> None:
    context = open_page(color_scheme="light").page.context
    page = shop_page(system, context, 'data-theme="dark" data-digits="arab" data-open')
    background = page.locator(".panel").evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert background == "rgb(20, 25, 24)"
    said_on(page, OPENING, "order_number")
    clock = page.locator(".list .bot .meta time").last.text_content() or ""
    assert re.fullmatch(r"[٠-٩]+:[٠-٩]+ \S+", clock)


# ------------------------------------------------------------------ the menu


def test_a_new_conversation_takes_a_second_tap_and_leaves_the_old_one_behind(open_page: Open) -> None:
    widget = open_page()
    widget.complain((OPENING, "order_number"))
    before = widget.conversation()
    menu(widget, MENU["restart"])
    assert widget.texts()[0] != ""
    widget.button(MENU["sure"]).click()
    expect(widget.rows).to_have_count(0)
    widget.complain((OPENING, "order_number"))
    assert widget.conversation() != before


def test_a_copy_holds_what_both_have_said(open_page: Open) -> None:
    widget = open_page()
    widget.complain((OPENING, "order_number"))
    with widget.page.expect_download() as download:
        menu(widget, MENU["save"])
    copy = download.value.path().read_text("utf-8")
    assert download.value.suggested_filename == f"{MENU['copy_name']}.txt"
    assert all(text in copy for text in widget.texts())
    assert STRINGS["senders"]["bot"] in copy


def test_the_sound_is_off_until_it_is_wanted(open_page: Open) -> None:
    widget = open_page()
    menu(widget, MENU["sound_on"])
    widget.page.reload()
    widget.button(MENU["label"]).click()
    expect(widget.button(MENU["sound_off"])).to_be_visible()
    widget.page.keyboard.press("Escape")
    expect(widget.button(MENU["sound_off"])).to_be_hidden()


# ------------------------------------------------------------------ the page for the shop


def test_embed_shows_the_line_to_copy_and_the_widget_as_it_is_set(
    system: System, open_page: Open, picture: Callable[[Page, str], None]
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"]).page
    page.goto(f"{system.url}/embed")
    page.get_by_label("الزاوية").select_option("right")
    page.get_by_label("المنتج المعروض").fill('خلاط "برو"')
    page.keyboard.press("Tab")
    line = f'<script src="{system.url}/widget.js" data-position="right" data-product="خلاط &quot;برو&quot;" defer></script>'
    expect(page.locator("#snippet")).to_have_text(line)
    box = page.locator(".launcher").bounding_box()
    assert box is not None
    assert box["x"] > 640
    page.get_by_role("button", name="نسخ").click()
    assert page.evaluate("navigator.clipboard.readText()") == line
    page.evaluate("scrollTo(0, 0)")
    picture(page, "embed")
