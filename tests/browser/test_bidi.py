"""Numbers, addresses and brackets in the middle of Arabic, and characters that turn text around: nothing else moves."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_widget import box_of
from tests.browser.widget import Widget

pytestmark = pytest.mark.browser

RUNS = [
    "405-1234567-1234567",
    "٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧",
    "SH-48210-77301-9151",
    "#A-55/2",
    "0501234567",
    "+966501234567",
    "+966 50 123 4567",
    "mona.adel@example.com",
    "https://shop.example/o/405?x=1",
    "iPhone 15 Pro Max",
    "12:30",
    "1,250.75",
    "15%",
    "2026-11-27",
]
"""Each is one run that reads from left to right, whatever stands around it."""

FRAMES = ["قبل {} بعد", "قبل ({}) بعد", "قبل [{}] بعد", "قبل «{}» بعد", "قبل {}، بعد", "قبل {}؟ بعد"]

SPOOFS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Embeddings, overrides, isolates and their ends, each without its partner."""

PLACES = """(text) => {
    const bubbles = [...document.querySelector("shakwa-chat").shadowRoot.querySelectorAll(".shopper .bubble p")];
    const bubble = bubbles.findLast(({ textContent }) => textContent === text);
    const walker = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT);
    const places = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        [...node.data].forEach((letter, at) => {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { left, right, top } = range.getBoundingClientRect();
            places.push([letter, (left + right) / 2, top]);
        });
    return places;
}"""


def seen(widget: Widget, text: str) -> list[tuple[str, float]]:
    """Return the characters of a bubble of one line with where each stands."""
    places: list[Any] = widget.page.evaluate(PLACES, text)
    assert "".join(letter for letter, _, _ in places) == text
    tops = [top for letter, _, top in places if letter.strip()]
    assert max(tops) - min(tops) < 12, "on one line"
    return [(letter, x) for letter, x, _ in places]


@pytest.mark.parametrize("frame", FRAMES)
def test_runs_stand_between_their_neighbours_and_read_from_left_to_right(open_page: Open, frame: str) -> None:
    widget = open_page()
    widget.page.context.set_offline(True)  # what is shown is at stake, not what is answered
    for run in RUNS:
        text = frame.format(run)
        widget.say(text)
        expect(widget.page.locator(".shopper .bubble").last).to_have_text(text)
        places = seen(widget, text)
        start = text.index(run)
        inside = [x for _, x in places[start : start + len(run)]]
        before = [x for letter, x in places[:start] if letter.strip()]
        after = [x for letter, x in places[start + len(run) :] if letter.strip()]
        assert inside == sorted(inside), run
        assert min(before) > max(inside), run
        assert max(after) < min(inside), run
        assert before == sorted(before, reverse=True), run
        assert after == sorted(after, reverse=True), run
    widget.page.evaluate("localStorage.clear()")


def test_english_between_arabic_bubbles_stays_from_left_to_right(open_page: Open) -> None:
    widget = open_page()
    widget.page.context.set_offline(True)
    text = "Order 405-1234567 is late (again)!"
    for said in ("قبل", text, "بعد"):
        widget.say(said)
        expect(widget.page.locator(".shopper .bubble").last).to_have_text(said)
    places = [x for _, x in seen(widget, text)]
    assert places == sorted(places)
    widget.page.evaluate("localStorage.clear()")


def test_characters_that_turn_text_around_turn_nothing(open_page: Open) -> None:
    widget = open_page(reduced_motion="reduce")
    text = "طلبي 405-1234567 (iPhone) تأخر"
    own = widget.page.locator(".shopper .bubble")
    widget.page.context.set_offline(True)
    widget.say(text)
    expect(own).to_have_text([text])
    plain, size = seen(widget, text), box_of(own.first)
    for count, spoof in enumerate(SPOOFS, 2):
        widget.say(f"{spoof}طلبي {spoof}405-1234567 (iPh{spoof}one) تأخر{spoof}")
        expect(own).to_have_text([text] * count)
        assert seen(widget, text) == plain
        last = box_of(own.last)
        assert (last["x"], last["width"], last["height"]) == (size["x"], size["width"], size["height"])
    widget.page.evaluate("localStorage.clear()")
