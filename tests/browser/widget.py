"""The widget as its user meets it: what is shown, what can be pressed, what is asked."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from bot.settings import ROOT
from tests.system.running import System

STRINGS: dict[str, Any] = json.loads((ROOT / "bot" / "web" / "strings.ar.json").read_text("utf-8"))["widget"]
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


class Widget:
    def __init__(self, page: Page, system: System) -> None:
        self.page = page
        self.system = system
        page.set_default_timeout(PATIENCE_MS)
        page.goto(system.url)
        expect(self.input).to_be_visible()

    @property
    def input(self) -> Locator:
        return self.page.get_by_label(STRINGS["input"])

    @property
    def rows(self) -> Locator:
        return self.page.locator(".list .row")

    @property
    def banner(self) -> Locator:
        return self.page.locator(".banner")

    @property
    def edits(self) -> Locator:
        return self.page.locator(".edit button")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def edit_of(self, label: str) -> Locator:
        return self.button(STRINGS["edit_field"].format(field=label))

    def say(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def asks(self, slot: str) -> None:
        """Wait until the shopper is asked for `slot`: the field says so."""
        expect(self.input).to_have_attribute("placeholder", STRINGS["placeholders"][slot])

    def complain(self, *says_and_asks: tuple[str, str]) -> None:
        """Say each text and wait for the question it is answered with."""
        for text, slot in says_and_asks:
            self.say(text)
            self.asks(slot)

    def texts(self) -> list[str]:
        """Return what the bubbles say, from the first to the last."""
        return self.page.locator(".list .row:not(.system) .bubble").all_text_contents()

    def conversation(self) -> str:
        return str(self.page.evaluate("JSON.parse(localStorage['shakwa:session']).conversation"))

    def unsent(self) -> int:
        return int(self.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('shakwa:outbox:')).length"))

    def places_of(self, text: str) -> list[list[float]]:
        """Return, for each isolated run that is `text`, where each of its characters stands on the line."""
        places: list[list[float]] = self.page.evaluate(
            """(text) => [...document.querySelector("shakwa-chat").shadowRoot.querySelectorAll("bdi")]
                .filter((run) => run.textContent === text)
                .map(({ firstChild }) => [...text].map((_, at) => {
                    const range = document.createRange();
                    range.setStart(firstChild, at);
                    range.setEnd(firstChild, at + 1);
                    return range.getBoundingClientRect().x;
                }))""",
            text,
        )
        return places
