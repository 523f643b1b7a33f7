"""axe-core finds nothing to complain of, in every state of the widget and both themes, and in the pages around it."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_widget import TO_THE_REMEDY, TO_THE_SUMMARY
from tests.browser.widget import STRINGS, Widget
from tests.system.running import System

pytestmark = pytest.mark.browser

THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


def problems(widget: Widget) -> list[dict[str, Any]]:
    """What axe finds; it writes styles into the page, so the page's policy is passed over in these tests alone."""
    found = Axe().run(widget.page, options={"preload": False}).response["violations"]
    return [{"rule": one["id"], "where": [node["target"] for node in one["nodes"]]} for one in found]


def asked_for_the_remedy(widget: Widget) -> None:
    widget.complain(*TO_THE_REMEDY)


def at_the_summary(widget: Widget) -> None:
    widget.complain(*TO_THE_SUMMARY)


def filed(widget: Widget) -> None:
    at_the_summary(widget)
    widget.say("نعم")
    expect(widget.page.locator(".number")).to_be_visible()


def with_files(widget: Widget) -> None:
    files = [
        {"name": "فاتورة.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
        {"name": "صورة.jpg", "mimeType": "image/jpeg", "buffer": b"none"},
    ]
    widget.page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    expect(widget.page.locator(".tray .problem")).to_be_visible()


def with_the_menu(widget: Widget) -> None:
    widget.button(STRINGS["menu"]["label"]).click()


def waiting_for_a_person(widget: Widget) -> None:
    widget.say("أبغى أكلم موظف")
    expect(widget.page.locator(".waiting")).to_be_visible()


def offline(widget: Widget) -> None:
    widget.page.context.set_offline(True)
    widget.say("طلبي تأخر")
    expect(widget.banner).to_have_text(STRINGS["connection"]["offline"])


@THEMES
@pytest.mark.parametrize(
    "state",
    [
        lambda _: None,
        asked_for_the_remedy,
        at_the_summary,
        filed,
        with_files,
        with_the_menu,
        offline,
        waiting_for_a_person,
    ],
    ids=["welcome", "remedy", "summary", "filed", "files", "menu", "offline", "waiting"],
)
def test_the_widget(open_page: Open, theme: str, state: Callable[[Widget], None]) -> None:
    widget = open_page(color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    state(widget)
    assert problems(widget) == []


@THEMES
def test_the_page_for_the_shop(system: System, open_page: Open, theme: str) -> None:
    widget = open_page(color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    widget.page.goto(f"{system.url}/embed")
    expect(widget.page.locator(".launcher")).to_be_visible()
    assert problems(widget) == []
    widget.page.evaluate("Shakwa.open()")
    expect(widget.input).to_be_focused()
    widget.page.wait_for_function("document.getAnimations().every((one) => one.playState === 'finished')")
    assert problems(widget) == []
