"""What is asked in every turn and by every page goes by an index: it costs the same after a million messages."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.lists import ComplaintFilter
from bot.domain.shop import Shop
from bot.services.console import Console, console_over
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.builders import Talk, noted, plan_of
from tests.conftest import Clock

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def console(store: Store, clock: Clock, shop: Shop, words: Words) -> Console:
    return console_over(store, clock, shop, words, lambda _: "", frozenset)


GROWING = (
    "message",
    "turn",
    "conversation",
    "choice",
    "reading",
    "draft",
    "draft_slot",
    "complaint",
    "outbox",
    "utterance",
    "seen",
)
SCANS = re.compile(rf"SCAN (?P<table>{'|'.join(GROWING)})\b(?! USING)")


def scans(store: Store, sent: list[tuple[str, Any]]) -> set[str]:
    """Return the statements that would read a whole table that grows, each with the step of its plan that does."""
    asked = [one for one in sent if one[0].split()[0] in ("SELECT", "UPDATE", "DELETE")]
    return {f"{step}: {one[0]}" for one in asked for step in plan_of(store.engine, *one) if SCANS.match(step)}


def test_a_turn_reads_no_table_whole(store: Store, talk: Talk, console: Console) -> None:
    talk.ask("طلبي تأخر أسبوعين")
    with noted(store.engine) as sent:
        talk.ask("وينه؟")
        console.queue.news(talk.id, 2)
        talk.turns.waiting()
    assert len(sent) > 20
    assert scans(store, sent) == set()


PAGES: dict[str, Callable[[Console, Talk], object]] = {
    "queue": lambda console, _: console.queue.lines(),
    "conversation": lambda console, talk: console.dossiers.of(talk.id, with_earlier=True),
    "search": lambda console, _: console.lists.messages("وينه"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_console_reads_no_table_whole(store: Store, talk: Talk, console: Console, page: str) -> None:
    talk.ask("وينه؟")
    with noted(store.engine) as sent:
        PAGES[page](console, talk)
    assert sent
    assert scans(store, sent) == set()


def test_pages_of_complaints_begin_where_the_last_one_ended(store: Store, clock: Clock) -> None:
    """Newest first, by their number: a page reads its own rows and those that do not fit, and none before."""
    with noted(store.engine) as sent, store.read() as work:
        work.lists.complaints(ComplaintFilter(), clock(), 5_000, 50)
    [asked] = [one for one in sent if "FROM complaint" in one[0]]
    plan = plan_of(store.engine, *asked)
    assert plan[0] == "SEARCH complaint USING INTEGER PRIMARY KEY (rowid<?)"
    assert not any("TEMP B-TREE" in step for step in plan)
