"""A line that breaks at random, again and again, loses nothing, doubles nothing and changes no order."""

import os
import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Open
from tests.browser.widget import Widget

pytestmark = pytest.mark.browser

ROUNDS = int(os.environ.get("SHAKWA_DISCONNECTS", "16"))
"""How often the line breaks; the figure in the notes is of 200."""

SEED = 20261127


def offline_while_it_is_written(widget: Widget, text: str, wait: Callable[[], None]) -> None:
    widget.page.context.set_offline(True)
    widget.say(text)
    wait()
    widget.page.context.set_offline(False)


def offline_once_it_is_sent(widget: Widget, text: str, wait: Callable[[], None]) -> None:
    widget.say(text)
    wait()
    widget.page.context.set_offline(True)
    wait()
    widget.page.context.set_offline(False)


def the_request_is_lost(widget: Widget, text: str, wait: Callable[[], None]) -> None:
    widget.page.route("**/api/messages", lambda route: route.abort(), times=1)
    widget.say(text)
    wait()


def the_acknowledgement_is_lost(widget: Widget, text: str, wait: Callable[[], None]) -> None:
    def arrive_and_vanish(route: Route) -> None:
        route.fetch()
        route.abort()

    widget.page.route("**/api/messages", arrive_and_vanish, times=1)
    widget.say(text)
    wait()


def reloaded(widget: Widget, text: str, wait: Callable[[], None]) -> None:
    widget.say(text)
    wait()
    widget.page.reload()
    expect(widget.input).to_be_visible()


FAULTS = (offline_while_it_is_written, offline_once_it_is_sent, the_request_is_lost, the_acknowledgement_is_lost, reloaded)


def test_nothing_is_lost_or_doubled(open_page: Open) -> None:
    chance = random.Random(SEED)
    widget = open_page()
    said = [f"سؤال {number} عن المتجر" for number in range(1, ROUNDS + 1)]
    for text in said:
        chance.choice(FAULTS)(widget, text, lambda: widget.page.wait_for_timeout(chance.uniform(0, 300)))
    gone = "!Object.keys(localStorage).some((key) => key.startsWith('shakwa:outbox:'))"
    widget.page.wait_for_function(gone, timeout=120_000)
    widget.page.reload()
    own = widget.page.locator(".list .shopper .bubble")
    expect(own).to_have_count(ROUNDS)
    assert own.all_text_contents() == said
