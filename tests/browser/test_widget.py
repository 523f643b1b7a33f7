"""The widget in a real browser over the real system: a whole complaint, every way a line can break, every way in."""

import gzip
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.settings import ROOT
from tests.browser.conftest import Open
from tests.browser.widget import STRINGS, Widget
from tests.system.running import System

pytestmark = pytest.mark.browser

OPENING = "يا جماعة الأوردر بتاعي اتأخر أوي ولسه موصلش لحد دلوقتي"
ORDER = "405-1234567-1234567"
TO_THE_REMEDY = [
    (OPENING, "order_number"),
    (f"رقم الطلب {ORDER}", "purchase_date"),
    ("من أسبوعين", "product"),
    ("خلاط مولينكس", "remedy"),
]
ALL_AT_ONCE = "السماعة وصلت مكسورة وما تشتغل، شريتها قبل أسبوع وأبغى فلوسي"
TO_THE_SUMMARY = [
    (ALL_AT_ONCE, "order_number"),
    (f"رقم الطلب {ORDER}", "contact"),
    ("جوالي 0501234567", "confirmed"),
]
REFUND, SEND_IT, ORDER_LABEL = "استرداد المبلغ", "نعم، أرسلها", "رقم الطلب"
TARGET = 44 - 0.001
"""Pixels: what a finger needs, less what Chromium's floats take from 44 now and then."""


def test_a_complaint_is_told_changed_and_filed(
    system: System, open_page: Open, picture: Callable[[Page, str], None]
) -> None:
    widget = open_page()
    picture(widget.page, "welcome")
    widget.complain(*TO_THE_REMEDY)
    expect(widget.button(REFUND)).to_be_visible()
    picture(widget.page, "form")
    widget.button(REFUND).click()
    widget.asks("contact")
    widget.say("mona.adel@example.com")
    widget.asks("confirmed")
    widget.edit_of(ORDER_LABEL).click()
    widget.asks("order_number")
    widget.say("20458813")
    widget.asks("confirmed")
    expect(widget.page.locator(".summary").last).to_contain_text("20458813")
    picture(widget.page, "summary")
    widget.button(SEND_IT).click()
    number = widget.page.locator(".number .big")
    expect(number).to_be_visible()
    picture(widget.page, "filed")
    assert system.filed_in(widget.conversation()) == [number.text_content()]
    assert system.order_of(str(number.text_content())) == "20458813"


def test_an_address_the_shop_gives_is_a_link_and_one_the_shopper_types_is_none(open_page: Open) -> None:
    widget = open_page()
    widget.say("وين طلبي؟ شفت http://evil.example/x")
    link = widget.page.locator(".bot .bubble a").first
    expect(link).to_have_attribute("href", "https://shop.example/orders")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(widget.page.locator(".shopper .bubble a")).to_have_count(0)


def test_a_line_of_the_summary_can_be_changed_only_while_it_is_the_newest_question(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_SUMMARY)
    lines = widget.page.locator(".summary > div")
    expect(widget.edits).to_have_count(lines.count())
    names = widget.edits.evaluate_all("(buttons) => buttons.map((button) => button.ariaLabel)")
    assert names == [STRINGS["edit_field"].format(field=label) for label in lines.locator("dt").all_text_contents()]
    for edit in widget.edits.all():
        box = box_of(edit)
        assert min(box["width"], box["height"]) >= TARGET
    widget.edit_of(ORDER_LABEL).click()
    expect(widget.edits.first).to_be_hidden()
    widget.asks("order_number")
    expect(widget.edits.filter(visible=True)).to_have_count(0)
    label, value = box_of(lines.first.locator("dt")), box_of(lines.first.locator("dd").first)
    assert label["y"] + label["height"] <= value["y"], "without its button a line still has the value under the label"
    widget.say("20458813")
    widget.asks("confirmed")
    expect(widget.edits.filter(visible=True)).to_have_count(lines.count() // 2)


def test_the_summary_is_shown_once_and_spoken_once(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_SUMMARY)
    question = widget.rows.last
    expect(question.locator(".summary")).to_contain_text(ORDER)
    expect(question.locator(".bubble")).not_to_contain_text(ORDER)
    spoken = widget.page.get_by_role("log").locator("p").last
    assert str(spoken.text_content()).count(ORDER) == 1


def test_only_the_transcript_scrolls(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_REMEDY, ("عايز فلوسي ترجعلي", "contact"), ("mona.adel@example.com", "confirmed"))
    assert widget.page.locator(".panel").evaluate("(panel) => panel.scrollHeight - panel.clientHeight") == 0
    widget.edits.first.focus()
    assert widget.page.locator(".panel").evaluate("(panel) => panel.scrollTop") == 0
    assert box_of(widget.page.locator("header"))["y"] >= 0


def test_a_reload_keeps_the_conversation_and_the_unfinished_text(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_SUMMARY[:2])
    widget.input.fill("جوالي 05")
    before = widget.texts()
    widget.page.reload()
    widget.asks("contact")
    assert widget.texts() == before
    assert widget.input.input_value() == "جوالي 05"


def test_two_tabs_show_the_same(open_page: Open) -> None:
    one = open_page()
    one.complain(TO_THE_SUMMARY[0])
    other = Widget(one.page.context.new_page(), one.system)
    other.asks("order_number")
    other.say(TO_THE_SUMMARY[1][0])
    one.asks("contact")
    other.asks("contact")
    assert one.texts() == other.texts()
    assert len(one.texts()) == 5


def test_what_is_written_offline_is_delivered_once_when_the_line_is_back(open_page: Open) -> None:
    widget = open_page()
    widget.complain(TO_THE_SUMMARY[0])
    widget.page.context.set_offline(True)
    expect(widget.banner).to_have_text(STRINGS["connection"]["offline"])
    widget.say(TO_THE_SUMMARY[1][0])
    expect(widget.page.locator(".unsent")).to_be_visible()
    widget.page.context.set_offline(False)
    widget.asks("contact")
    expect(widget.banner).to_have_text("")
    assert (len(widget.texts()), widget.unsent()) == (5, 0)


def test_a_killed_gateway_loses_and_doubles_nothing(system: System, open_page: Open) -> None:
    widget = open_page()
    widget.complain(TO_THE_SUMMARY[0])
    system.kill("gateway")
    widget.say(TO_THE_SUMMARY[1][0])
    system.wait_until_well()
    widget.asks("contact")
    expect(widget.banner).to_have_text("")
    shown = widget.texts()
    assert [shown[0], shown[3], len(shown), widget.unsent()] == [ALL_AT_ONCE, TO_THE_SUMMARY[1][0], 5, 0]
    widget.page.reload()
    widget.asks("contact")
    assert widget.texts() == shown


def test_everything_can_be_done_with_the_keyboard(system: System, open_page: Open) -> None:
    widget = open_page()
    press_until_focused(widget, "Tab", STRINGS["input"])
    for text, slot in TO_THE_SUMMARY:
        widget.page.keyboard.insert_text(text)
        widget.page.keyboard.press("Enter")
        widget.asks(slot)
    press_until_focused(widget, "Shift+Tab", STRINGS["edit_field"].format(field=ORDER_LABEL))
    widget.page.keyboard.press("Enter")
    widget.asks("order_number")
    assert focused(widget) == STRINGS["input"]
    widget.page.keyboard.insert_text("20458813")
    widget.page.keyboard.press("Enter")
    widget.asks("confirmed")
    press_until_focused(widget, "Shift+Tab", SEND_IT)
    widget.page.keyboard.press("Space")
    expect(widget.page.locator(".number .big")).to_be_visible()
    assert len(system.filed_in(widget.conversation())) == 1


@pytest.mark.parametrize("order", [ORDER, "٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧"])
def test_a_number_reads_from_left_to_right_in_the_middle_of_arabic(open_page: Open, order: str) -> None:
    widget = open_page()
    widget.say(f"طلبي {order} لم يصل")
    expect(widget.rows.nth(1)).to_be_visible()
    (places,) = widget.places_of(order)
    assert places == sorted(places)


def test_the_number_stands_in_its_order_wherever_it_is_shown(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_SUMMARY)
    shown = widget.places_of(ORDER)
    assert len(shown) >= 2
    assert all(places == sorted(places) for places in shown)


def test_the_page_reads_from_right_to_left(open_page: Open) -> None:
    widget = open_page()
    widget.complain(TO_THE_SUMMARY[0])
    assert widget.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    own, reply = (box_of(widget.page.locator(f".list .row.{who} .bubble").last) for who in ("shopper", "bot"))
    assert own["x"] < reply["x"] + reply["width"] - own["width"], "own words stand at the end of the line: on the left"
    assert box_of(widget.button(STRINGS["send"]))["x"] < box_of(widget.input)["x"]


def test_markup_is_shown_as_it_was_typed(open_page: Open) -> None:
    widget = open_page()
    typed = "<b>طلبي</b> <img src=x onerror=alert(1)> <script>alert(1)</script>"
    widget.say(typed)
    expect(widget.rows.nth(1)).to_be_visible()
    assert widget.texts()[0] == typed
    assert widget.page.locator(".row b, .row img, .row script").count() == 0


def test_the_page_loads_nothing_from_elsewhere(system: System, open_page: Open) -> None:
    widget = open_page()
    loaded = widget.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert loaded
    assert all(name.startswith(system.url) for name in loaded)


def test_the_widget_is_small() -> None:
    """With its words it is under 30 kB on the line."""
    static = ROOT / "bot" / "web" / "static"
    words = json.dumps(STRINGS, ensure_ascii=False).encode()
    parts = [*((static / name).read_bytes() for name in ("widget.js", "widget.css")), words]
    assert sum(len(gzip.compress(part, 9)) for part in parts) <= 30_000


@pytest.mark.parametrize("name", ["phone", "dark"])
def test_a_phone_and_the_dark_show_the_same(open_page: Open, picture: Callable[[Page, str], None], name: str) -> None:
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    widget = open_page(**(phone if name == "phone" else {"color_scheme": "dark"}))
    widget.complain(*TO_THE_SUMMARY)
    expect(widget.button(SEND_IT)).to_be_visible()
    assert widget.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"
    picture(widget.page, name)


def box_of(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box is not None
    return dict(box)


def focused(widget: Widget) -> str:
    """Return the name of what has the focus."""
    return str(
        widget.page.evaluate(
            """(() => {
                const focused = document.querySelector("shakwa-chat").shadowRoot.activeElement;
                return focused ? focused.ariaLabel || focused.textContent : "";
            })()"""
        )
    )


def press_until_focused(widget: Widget, key: str, name: str) -> None:
    for _ in range(30):
        if focused(widget) == name:
            return
        widget.page.keyboard.press(key)
    raise AssertionError(f"{name} cannot be reached with {key}")
