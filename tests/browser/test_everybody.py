"""The widget for everybody: by keyboard alone, magnified, on small phones, on slow lines, in a frame of another site."""

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.test_widget import OPENING
from tests.browser.widget import STRINGS
from tests.system.running import SHOP_SITE, System

pytestmark = pytest.mark.browser

OUTER_SITE = "http://outer.example"

CUT_OFF = """() => {
    const root = document.querySelector("shakwa-chat").shadowRoot;
    const width = document.documentElement.clientWidth;
    return [...root.querySelectorAll("button, textarea, p, h2, .bubble")]
        .filter((one) => one.checkVisibility() && !one.closest(".sr, .skip"))
        .map((one) => [one.className || one.tagName, one.getBoundingClientRect()])
        .filter(([, { left, right, width: wide }]) => wide && (left < -1 || right > width + 1))
        .map(([name]) => name);
}"""


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(640, 400, 2), (320, 640, 1), (360, 640, 3)], ids=["200 %", "reflow", "phone"]
)
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(open_page: Open, width: int, height: int, scale: float) -> None:
    widget = open_page(width, height, device_scale_factor=scale)
    widget.complain((OPENING, "order_number"), ("405-1234567-1234567", "purchase_date"))
    assert widget.page.evaluate(CUT_OFF) == []
    assert not scrolls_sideways(widget.page)
    expect(widget.input).to_be_in_viewport()


def test_with_a_phones_keyboard_open_the_field_and_the_last_message_stay_in_sight(open_page: Open, system: System) -> None:
    widget = open_page(360, 640, has_touch=True, is_mobile=True)
    page = widget.page
    page.goto(f"{system.url}/embed")
    page.locator(".launcher").click()
    widget.complain((OPENING, "order_number"))
    page.set_viewport_size({"width": 360, "height": 320})  # what is left above a keyboard
    widget.input.focus()
    expect(widget.input).to_be_in_viewport()
    expect(page.locator(".row.bot:not(.typing)").last).to_be_in_viewport()
    assert not scrolls_sideways(page)


def test_on_a_slow_line_a_message_goes_out_once_and_says_so(open_page: Open) -> None:
    widget = open_page()
    session = widget.page.context.new_cdp_session(widget.page)
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    session.send("Network.emulateNetworkConditions", slow)
    widget.page.reload()
    widget.say(OPENING)
    row = widget.page.locator(".row.shopper")
    expect(row.locator(".state")).to_have_text(STRINGS["states"]["sending"])
    expect(row.locator(".state")).to_have_text(STRINGS["states"]["sent"])
    widget.asks("order_number")
    expect(row).to_have_count(1)
    assert widget.unsent() == 0


def test_the_keyboard_alone_leads_in_through_the_skip_link_and_out_again(system: System, open_page: Open) -> None:
    widget = open_page()
    page = widget.page
    page.goto(f"{system.url}/embed")
    launcher = page.locator(".launcher")
    expect(launcher).to_be_visible()
    launcher.focus()
    page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    skip = widget.button(STRINGS["skip"])
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if skip.evaluate("(node) => node.getRootNode().activeElement === node"):
            break
    expect(skip).to_be_focused()
    assert (skip.bounding_box() or {})["height"] >= 44
    page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    page.keyboard.type(OPENING)
    page.keyboard.press("Enter")
    widget.asks("order_number")
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()


def test_stars_say_what_they_are_and_are_given_by_keyboard(open_page: Open) -> None:
    widget = open_page()
    widget.say("أبغى أقيّم الخدمة")
    stars = widget.page.locator(".stars button")
    expect(stars).to_have_count(5)
    assert [star.get_attribute("aria-label") for star in stars.all()] == [
        "نجمة واحدة", "نجمتان", "3 نجوم", "4 نجوم", "5 نجوم",
    ]  # fmt: skip
    assert all((star.bounding_box() or {})["width"] >= 44 for star in stars.all())
    stars.nth(3).focus()
    widget.page.keyboard.press("Enter")
    expect(stars.nth(3)).to_have_class("chip chosen")
    expect(stars.nth(0)).to_be_disabled()
    colours = [star.evaluate("(node) => getComputedStyle(node).color") for star in stars.all()]
    assert len(set(colours[:4])) == 1
    assert colours[4] != colours[3]
    widget.asks("default")


def test_who_wants_less_motion_gets_none(open_page: Open) -> None:
    widget = open_page(reduced_motion="reduce")
    widget.complain((OPENING, "order_number"))
    moving = widget.page.evaluate("""() => {
        const root = document.querySelector("shakwa-chat").shadowRoot;
        return root.getAnimations({ subtree: true }).filter((one) => one.effect.getComputedTiming().duration > 1).length;
    }""")
    assert moving == 0


def framed(system: System, context: BrowserContext) -> FrameLocator:
    """The shop's page with the widget, inside a frame of another site."""
    inner = f'<!doctype html><title>متجر</title><script src="{system.url}/widget.js" defer></script>'
    outer = f'<!doctype html><title>بوابة</title><iframe src="{SHOP_SITE}/framed" width="420" height="640"></iframe>'

    def serve(route: Route) -> None:
        body = inner if route.request.url.startswith(SHOP_SITE) else outer
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    for site in (SHOP_SITE, OUTER_SITE):
        context.route(f"{site}/**", serve)
    page = context.new_page()
    page.goto(f"{OUTER_SITE}/")
    return page.frame_locator("iframe")


def test_in_a_frame_of_another_site_a_complaint_begins_as_anywhere(system: System, open_page: Open) -> None:
    frame = framed(system, open_page().page.context)
    frame.locator(".launcher").click()
    field = frame.get_by_label(STRINGS["input"])
    field.fill(OPENING)
    field.press("Enter")
    expect(field).to_have_attribute("placeholder", STRINGS["placeholders"]["order_number"])
    expect(frame.locator(".row.shopper .state")).to_have_text(STRINGS["states"]["sent"])


def test_where_a_browser_refuses_storage_the_page_itself_remembers(open_page: Open) -> None:
    refused = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('refused', 'SecurityError') } })"
    )
    widget = open_page()
    widget.page.add_init_script(refused)
    widget.page.reload()
    widget.complain((OPENING, "order_number"), ("405-1234567-1234567", "purchase_date"))
    expect(widget.rows.filter(has_text=OPENING)).to_have_count(1)
