"""The widget for everybody: in a frame, magnified, on a small telephone, on a slow line, still, by keyboard alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import at_the_summary, filed, waiting_for_a_person, with_the_menu
from tests.browser.test_rating import asked
from tests.browser.test_shop_page import OPENING, said_on, shop_page, shop_site
from tests.browser.test_widget import TARGET, box_of
from tests.browser.widget import STRINGS, Widget
from tests.system.running import SHOP_SITE, System

pytestmark = pytest.mark.browser

MALL = "http://mall.example"
"""A site that shows the shop's pages in a frame."""

REFUSE_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("refused", "SecurityError"); },
});"""
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds and bytes a second: 3G where it is bad."""

STICKING_OUT = """() => {
    const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".sr, .skip:not(:focus)");
    const nodes = [...document.querySelector("shakwa-chat").shadowRoot.querySelectorAll(".root *")].filter(seen);
    const out = nodes.filter((node) => {
        const { left, right } = node.getBoundingClientRect();
        return left < -0.5 || right > innerWidth + 0.5;
    });
    const clips = (node) => getComputedStyle(node).overflowX !== "visible";
    const cut = nodes.filter((node) => node.scrollWidth > node.clientWidth + 1 && clips(node));
    const name = (node) => `${node.tagName}.${node.className} ${node.textContent.slice(0, 30)}`;
    return [...out.map((node) => `out: ${name(node)}`), ...cut.map((node) => `cut: ${name(node)}`),
        ...(document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [])];
}"""
MOVING = """() => [...document.querySelector("shakwa-chat").shadowRoot.querySelectorAll("*")].flatMap((node) =>
    ["", "::before", "::after"].flatMap((part) => {
        const { animationName, animationDuration, transitionDuration } = getComputedStyle(node, part);
        const seconds = (list) => Math.max(...list.split(",").map(parseFloat));
        const animated = animationName !== "none" && seconds(animationDuration) > 0.001;
        return animated || seconds(transitionDuration) > 0.001 ? [`${node.tagName}.${node.className}${part}`] : [];
    }))"""


def inside(inner: Locator, outer: dict[str, float]) -> bool:
    box = box_of(inner)
    return (
        outer["x"] <= box["x"]
        and outer["y"] <= box["y"]
        and box["x"] + box["width"] <= outer["x"] + outer["width"]
        and box["y"] + box["height"] <= outer["y"] + outer["height"]
    )


def screen(page: Page) -> dict[str, float]:
    size = page.viewport_size
    assert size is not None
    return {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}


# ------------------------------------------------------------------ in a frame of another site


def framed(system: System, page: Page, width: int, height: int) -> FrameLocator:
    html = f'<!doctype html><title>سوق</title><iframe src="{SHOP_SITE}/product" width="{width}" height="{height}"></iframe>'
    shop_site(system, page.context)
    page.context.route(f"{MALL}/**", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(MALL)
    return page.frame_locator("iframe")


def inner(page: Page) -> Frame:
    return next(frame for frame in page.frames if frame.url.startswith(SHOP_SITE))


@pytest.mark.parametrize("size", [(400, 600), (280, 320), (760, 600)], ids=str)
def test_everything_fits_in_the_frame_and_a_message_goes_through(
    system: System, open_page: Open, size: tuple[int, int]
) -> None:
    page = open_page().page
    frame = framed(system, page, *size)
    edge = box_of(page.locator("iframe"))
    expect(frame.locator(".launcher")).to_be_visible()
    assert inside(frame.locator(".launcher"), edge)
    frame.locator(".launcher").click()
    field = frame.get_by_label(STRINGS["input"])
    field.fill(OPENING)
    field.press("Enter")
    expect(frame.locator(".shopper .state")).to_have_text(STRINGS["states"]["sent"])
    expect(frame.locator(".list .bot .bubble").last).to_be_visible()
    assert inside(frame.locator(".panel"), edge)
    assert inner(page).evaluate(STICKING_OUT) == []
    page.reload()
    frame.locator(".launcher").click()
    expect(frame.locator(".shopper .bubble")).to_have_text(OPENING)
    page.goto(f"{SHOP_SITE}/product")
    assert page.evaluate("localStorage['shakwa:session']") is None, "the shop's own pages have another storage"


def test_a_frame_that_may_store_nothing_can_still_complain(system: System, open_page: Open) -> None:
    page = open_page().page
    page.add_init_script(REFUSE_STORAGE)
    frame = framed(system, page, 400, 600)
    frame.locator(".launcher").click()
    field = frame.get_by_label(STRINGS["input"])
    for text in (OPENING, "405-1234567-1234567"):
        before = frame.locator(".list .bot").count()
        field.fill(text)
        field.press("Enter")
        expect(frame.locator(".list .bot").nth(before)).to_be_visible()
    expect(frame.locator(".shopper .bubble")).to_have_text([OPENING, "405-1234567-1234567"])
    assert inner(page).evaluate("try { localStorage } catch (error) { error.name }") == "SecurityError"


# ------------------------------------------------------------------ magnified


def with_a_file(widget: Widget) -> None:
    file: Any = {"name": "صورة-كرتون-السماعة-المكسورة-من-الجانب.jpg", "mimeType": "image/jpeg", "buffer": b"none"}
    widget.page.locator("input[type=file]").set_input_files(file)
    expect(widget.page.locator(".tray .problem")).to_be_visible()


STATES = {
    "welcome": lambda _: None, "summary": at_the_summary, "filed": filed, "menu": with_the_menu, "file": with_a_file,
    "stars": asked, "waiting": waiting_for_a_person,
}  # fmt: skip


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(640, 400, 2), (320, 568, 2), (320, 256, 4)], ids=["200%", "320 wide", "400%"]
)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_magnified_nothing_is_cut_and_nothing_scrolls_sideways(
    open_page: Open, state: Callable[[Widget], object], width: int, height: int, scale: int
) -> None:
    widget = open_page(width, height, device_scale_factor=scale, reduced_motion="reduce")
    state(widget)
    assert widget.page.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 568), (320, 256)])
def test_magnified_the_panel_of_a_shop_stays_on_the_screen(system: System, open_page: Open, width: int, height: int) -> None:
    page = shop_page(system, open_page(width, height, reduced_motion="reduce").page.context)
    assert inside(page.locator(".launcher"), screen(page))
    page.locator(".launcher").click()
    said_on(page, OPENING, "order_number")
    for part in (".panel", ".panel header", ".composer", ".send"):
        assert inside(page.locator(part), screen(page)), part
    page.get_by_role("button", name=STRINGS["menu"]["label"]).click()
    assert inside(page.locator(".menu"), screen(page))
    assert page.evaluate(STICKING_OUT) == []


def test_magnified_who_waits_for_a_person_can_still_read_and_write(system: System, open_page: Open) -> None:
    page = shop_page(system, open_page(320, 256, reduced_motion="reduce").page.context, "data-open")
    field = page.get_by_label(STRINGS["input"])
    field.fill("أبغى أكلم موظف")
    field.press("Enter")
    expect(page.locator(".waiting")).to_be_visible()
    assert inside(page.locator(".composer"), screen(page))
    assert box_of(page.locator(".transcript"))["height"] >= TARGET


# ------------------------------------------------------------------ a telephone with its keyboard open

PHONE: dict[str, Any] = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2, "reduced_motion": "reduce"}
KEYBOARD = """() => {
    Object.defineProperty(visualViewport, "height", { get: () => 320, configurable: true });
    visualViewport.dispatchEvent(new Event("resize"));
}"""


def last_reply_is_seen(page: Page, height: int) -> bool:
    reply, composer = box_of(page.locator(".list .bubble").last), box_of(page.locator(".composer"))
    return reply["y"] + reply["height"] <= composer["y"] and composer["y"] + composer["height"] <= height


@pytest.mark.parametrize("resizes", [True, False], ids=["the page shrinks", "the keyboard lies over the page"])
def test_above_the_keyboard_of_a_telephone(system: System, open_page: Open, resizes: bool) -> None:
    page = shop_page(system, open_page(360, 640, **PHONE).page.context)
    page.locator(".launcher").tap()
    said_on(page, OPENING, "order_number")
    if resizes:
        page.set_viewport_size({"width": 360, "height": 320})
    else:
        page.evaluate(KEYBOARD)
    page.wait_for_function("document.querySelector('shakwa-chat').shadowRoot.querySelector('.panel').clientHeight === 320")
    expect(page.get_by_label(STRINGS["input"])).to_be_focused()
    assert box_of(page.locator(".panel header"))["y"] == 0
    page.wait_for_function("new Promise((resolve) => requestAnimationFrame(() => resolve(true)))")
    assert last_reply_is_seen(page, 320)
    said_on(page, "405-1234567-1234567", "purchase_date")
    assert last_reply_is_seen(page, 320)
    assert page.evaluate(STICKING_OUT) == []


def test_a_page_of_its_own_is_written_in_above_the_keyboard(open_page: Open) -> None:
    widget = open_page(360, 640, **PHONE)
    widget.input.tap()
    widget.page.set_viewport_size({"width": 360, "height": 320})
    widget.complain((OPENING, "order_number"))
    assert inside(widget.input, screen(widget.page))
    assert inside(widget.button(STRINGS["send"]), screen(widget.page))


# ------------------------------------------------------------------ a slow line


def test_on_a_slow_line_a_message_is_sent_once_and_says_how_far_it_is(system: System, open_page: Open) -> None:
    context = open_page().page.context
    shop_site(system, context)
    page = context.new_page()
    posted: list[str] = []
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.on("request", lambda request: posted.extend(re.findall("/api/messages$", request.url)))
    page.goto(f"{SHOP_SITE}/product")
    page.locator(".launcher").click()
    field = page.get_by_label(STRINGS["input"])
    field.fill(OPENING)
    field.press("Enter")
    state = page.locator(".shopper .state")
    expect(state).to_have_text(STRINGS["states"]["sending"])
    expect(state).to_have_text(STRINGS["states"]["sent"])
    expect(page.locator(".list .bot .bubble").last).to_be_visible()
    expect(page.locator(".shopper .bubble")).to_have_text([OPENING])
    assert len(posted) == 1


# ------------------------------------------------------------------ without motion


def test_nothing_moves_for_those_who_want_no_motion(system: System, open_page: Open) -> None:
    context = open_page(reduced_motion="reduce").page.context
    page = shop_page(system, context)
    nothing_moves(page)
    page.locator(".launcher").click()
    nothing_moves(page)
    said_on(page, OPENING, "order_number")
    nothing_moves(page)


def nothing_moves(page: Page) -> None:
    assert page.evaluate(MOVING) == []
    assert page.evaluate("document.getAnimations().length") == 0


# ------------------------------------------------------------------ by keyboard alone

FOCUSED = "(() => { const chat = document.querySelector('shakwa-chat'); const inner = chat.shadowRoot.activeElement; " \
          "return inner ? inner.className || inner.tagName : document.activeElement.tagName; })()"  # fmt: skip


def test_from_the_page_to_a_sent_message_and_back_without_a_mouse(system: System, open_page: Open) -> None:
    page = shop_page(system, open_page().page.context)
    keys = page.keyboard
    stops = []
    for _ in range(2):
        keys.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    assert stops == ["A", "launcher"]
    keys.press("Enter")
    expect(page.get_by_label(STRINGS["input"])).to_be_focused()
    keys.insert_text(OPENING)
    keys.press("Enter")
    expect(page.locator(".shopper .state")).to_have_text(STRINGS["states"]["sent"])
    keys.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    assert page.evaluate(FOCUSED) == "launcher"
    keys.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "A"


@pytest.mark.parametrize("inline", [True, False])
def test_the_first_stop_leads_past_what_was_said(system: System, open_page: Open, inline: bool) -> None:
    page = open_page().page
    if not inline:
        page = shop_page(system, page.context, "data-open")
        expect(page.get_by_label(STRINGS["input"])).to_be_focused()
    skip = page.get_by_role("button", name=STRINGS["skip"], exact=True)
    assert skip.evaluate("(node) => getComputedStyle(node).clipPath") == "inset(50%)"
    first = page.locator(".panel").locator("button, textarea, [tabindex], a").first
    assert first.text_content() == STRINGS["skip"]
    while page.evaluate(FOCUSED) != "skip":
        page.keyboard.press("Tab" if inline else "Shift+Tab")
    assert skip.evaluate("(node) => getComputedStyle(node).clipPath") == "none"
    assert box_of(skip)["height"] >= TARGET
    assert inside(skip, box_of(page.locator(".panel")))
    page.keyboard.press("Enter")
    expect(page.get_by_label(STRINGS["input"])).to_be_focused()
