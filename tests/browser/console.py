"""The console as those who work in it meet it."""

import json
import subprocess
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from bot.settings import ROOT
from tests.browser.widget import PATIENCE_MS
from tests.system.running import SHAKWA, System

STRINGS: dict[str, Any] = json.loads((ROOT / "bot" / "web" / "strings.ar.json").read_text("utf-8"))["console"]
PASSWORD = "قهوة وهيل وزعفران"


def add_user(system: System, login: str, role: str, name: str) -> str:
    """Add a user as an admin does, and return the one-time password."""
    command = [SHAKWA, "user", "add", login, "--role", role, "--name", name]
    added = subprocess.run(command, cwd=ROOT, env=system.environment, capture_output=True, check=True, timeout=60)
    return added.stdout.decode().strip()


class Desk:
    """A colleague in a browser of their own, signed in."""

    def __init__(self, context: BrowserContext, system: System, login: str, password: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.url = f"{system.url}/console"
        self.page.goto(self.url)
        self.page.get_by_label(STRINGS["login"]).fill(login)
        self.page.get_by_label(STRINGS["password"], exact=True).fill(password)
        self.page.keyboard.press("Enter")
        self.page.get_by_label(STRINGS["one_time_password"]).fill(password)
        self.page.get_by_label(STRINGS["new_password"]).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("body > nav")).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def line(self, conversation: str) -> Locator:
        return self.page.locator(f".item:has(a[href='/console/conversations/{conversation}'])")

    @property
    def composer(self) -> Locator:
        return self.page.locator(".composer textarea")

    @property
    def transcript(self) -> Locator:
        return self.page.locator(".transcript")

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.transcript.locator(".bubble.agent:not(.pending)", has_text=text)).to_be_visible()

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/{path}")
