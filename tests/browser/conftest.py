"""A real Chromium over the running system; every page is watched for errors, and its acknowledgements are kept."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

from bot.domain.promises import Acknowledged
from bot.settings import ROOT
from tests.browser.widget import Widget
from tests.conftest import missing
from tests.system.conftest import system as system  # noqa: PLC0414
from tests.system.running import System

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-features=LocalNetworkAccessChecks",
]  # fmt: skip
PICTURES = ROOT / "docs" / "pictures"
LARGEST_PICTURE = 250_000
WATCH_POLICY = "addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`))"

Open = Callable[..., Widget]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module: Playwright holds the thread's event loop for as long as it runs."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(system: System, chromium: Browser) -> Iterator[Open]:
    """Returns opened pages, each in a browser of its own unless it is given a context; none may report an error."""
    contexts, problems = [], []

    def open_one(width: int = 1280, height: int = 800, **options: Any) -> Widget:
        size: Any = {"width": width, "height": height}
        options = {"locale": "ar", "timezone_id": "Asia/Riyadh", "device_scale_factor": 1.5} | options
        contexts.append(chromium.new_context(viewport=size, **options))
        contexts[-1].add_init_script(WATCH_POLICY)
        contexts[-1].on("response", lambda response: _note(system, response))
        contexts[-1].on("console", lambda message: problems.append(message.text) if message.type != "log" else None)
        contexts[-1].on("weberror", lambda error: problems.append(str(error.error)))
        return Widget(contexts[-1].new_page(), system)

    yield open_one
    for context in contexts:
        context.close()
    assert [problem for problem in problems if not _of_the_network(problem)] == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Returns what keeps a picture for the documents; it does so only with SHAKWA_PICTURES=1."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SHAKWA_PICTURES") == "1":
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.mouse.move(0, 0)  # nothing is hovered over
            page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
            assert (PICTURES / f"{name}.png").stat().st_size < LARGEST_PICTURE

    return take


def _note(system: System, response: Response) -> None:
    if response.request.method == "POST" and response.url.endswith("/api/messages") and response.ok:
        said = response.request.post_data_json
        system.acknowledged.append(Acknowledged(said["client_id"], said.get("text")))


def _of_the_network(problem: str) -> bool:
    """Whether Chromium only says that a request did not get through or was refused, which is what the test is about."""
    return "net::ERR_" in problem or any(f"status of {status}" in problem for status in (401, 403, 415))
