"""How long people wait, measured in real browsers and printed; nothing here fails for being slow.

SHAKWA_FIGURES=1 .venv/bin/pytest tests/browser/test_speed.py -s
"""

import os
from statistics import quantiles

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_console import At, asks_for_a_person
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414
from tests.system.running import System

pytestmark = pytest.mark.browser

ROUNDS = 30 if os.environ.get("SHAKWA_FIGURES") == "1" else 2

SEEN = """([text, scope]) => new Promise((resolve) => {
    const root = document.querySelector("shakwa-chat")?.shadowRoot || document;
    const look = () => [...root.querySelectorAll(scope)].some((one) => one.textContent.includes(text))
        ? requestAnimationFrame(() => resolve(Date.now())) : setTimeout(look, 5);
    look();
})"""

TAP = """() => new Promise((resolve) => {
    const chat = document.querySelector("shakwa-chat");
    const begun = performance.now();
    chat.shadowRoot.querySelector(".launcher").click();
    requestAnimationFrame(function look() {
        const bubble = chat.shadowRoot.querySelector(".bubble");
        if (bubble?.getBoundingClientRect().height) requestAnimationFrame(() => resolve(performance.now() - begun));
        else requestAnimationFrame(look);
    });
})"""


def told(what: str, milliseconds: list[float]) -> None:
    cuts = quantiles(milliseconds, n=20, method="inclusive")
    print(f"\n{what}: p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms ({len(milliseconds)} times)")


def test_from_one_side_to_the_others_screen(open_page: Open, at_desk: At) -> None:
    sara, widget = at_desk("سارة"), open_page()
    conversation = asks_for_a_person(widget)
    sara.line(conversation).get_by_role("button").click()
    expect(sara.composer).to_be_enabled()
    to_agent, to_shopper = [], []
    for number in range(ROUNDS):
        text = f"رسالة العميل رقم {number} نهاية"
        begun = widget.page.evaluate("Date.now()")
        widget.say(text)
        to_agent.append(sara.page.evaluate(SEEN, [text, ".bubble.shopper"]) - begun)
        text = f"رد الزميلة رقم {number} نهاية"
        begun = sara.page.evaluate("Date.now()")
        sara.composer.fill(text)
        sara.composer.press("Enter")
        to_shopper.append(widget.page.evaluate(SEEN, [text, ".row.agent .bubble"]) - begun)
    told("shopper to agent", to_agent)
    told("agent to shopper", to_shopper)
    assert len(to_agent) == len(to_shopper) == ROUNDS


def test_from_the_tap_to_the_first_message(system: System, open_page: Open) -> None:
    taps = []
    for _ in range(ROUNDS):
        page = open_page().page
        page.goto(f"{system.url}/embed")
        expect(page.locator(".launcher")).to_be_visible()
        taps.append(page.evaluate(TAP))
        page.context.close()
    told("tap to the first message", taps)
    assert len(taps) == ROUNDS
