"""The analysts' inbox by keyboard alone, over the real system; and by axe's rules."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.console import STRINGS, Desk
from tests.browser.test_console import At, violations
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414

pytestmark = pytest.mark.browser

SAID = ("الكنبة اللي طلبتها ما وصلت للحين", "الثلاجة وصلت مخدوشة من الجنب الأيمن", "زعلان عليكم مره")


def focused(desk: Desk) -> str:
    return str(desk.page.evaluate("document.activeElement.getAttribute('aria-label')"))


def go_to(desk: Desk, text: str) -> None:
    """Walk down to an utterance."""
    for _ in range(60):
        if focused(desk) == text:
            return
        desk.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{text} is not in the inbox")


def row(desk: Desk, text: str) -> object:
    return desk.page.locator(f".utterance[aria-label='{text}']")


def test_what_was_said_is_labelled_taken_back_and_shown_as_training_data_by_keyboard(
    open_page: Open, at_desk: At, picture: Callable[[Page, str], None]
) -> None:
    widget, noor = open_page(), at_desk("نور", "analyst")
    for text in SAID:
        widget.say(text)
        expect(widget.rows.filter(has_text=text)).to_have_count(1)
        expect(widget.page.locator(".row.bot:not(.typing)").last).to_be_visible()
    widget.page.wait_for_timeout(1500)
    noor.open("nlu")
    expect(row(noor, SAID[0])).to_be_visible()  # type: ignore[arg-type]
    picture(noor.page, "console_nlu")
    go_to(noor, SAID[0])
    noor.page.keyboard.press("c")
    noor.page.keyboard.type("لم أستلم")
    expect(noor.page.locator(".matches button").first).to_contain_text("not_received")
    noor.page.keyboard.press("Enter")
    expect(row(noor, SAID[0])).to_have_count(0)  # type: ignore[arg-type]
    go_to(noor, SAID[1])
    noor.page.keyboard.press("1")
    expect(row(noor, SAID[1])).to_have_count(0)  # type: ignore[arg-type]
    noor.page.keyboard.press("u")
    expect(row(noor, SAID[1])).to_be_visible()  # type: ignore[arg-type]
    go_to(noor, SAID[1])
    noor.page.keyboard.press("1")
    go_to(noor, SAID[2])
    noor.page.keyboard.press("i")
    expect(row(noor, SAID[2])).to_have_count(0)  # type: ignore[arg-type]
    noor.button(STRINGS["export_labels"]).click()
    diff = noor.page.locator(".diff")
    expect(diff.filter(has_text=SAID[0])).to_have_count(1)
    expect(diff.filter(has_text=SAID[1])).to_have_count(1)
    expect(diff.filter(has_text=SAID[2])).to_have_count(0)
    noor.button(STRINGS["cancel"]).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_inbox(open_page: Open, at_desk: At, theme: str) -> None:
    widget = open_page()
    widget.say(SAID[0])
    noor = at_desk("نور", "analyst", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    widget.say("عندي استفسار بسيط عن الشحن")
    widget.page.wait_for_timeout(1500)
    noor.open("nlu")
    expect(noor.page.locator(".utterance").first).to_be_visible()
    found = violations(noor)
    noor.page.keyboard.press("c")
    expect(noor.page.locator(".matches button").first).to_be_visible()
    assert [*found, *violations(noor)] == []
