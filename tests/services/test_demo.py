"""The demonstration: something to see for each of the three groups of users, and the same each time."""

from collections.abc import Callable

import pytest

from bot.domain.handoff import Reason
from bot.domain.label import InboxFilter
from bot.domain.lists import Breach, ComplaintFilter
from bot.domain.shop import Shop
from bot.domain.user import Role
from bot.services.chat import Chat
from bot.services.complaints import Complaints
from bot.services.console import console_over
from bot.services.demo import COMPLAINTS, Calendar, Demo
from bot.services.drafts import Drafts
from bot.services.requests import Requests
from bot.services.turns import Turns
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Nobody
from tests.conftest import Clock
from tests.services.staff import users_of


@pytest.fixture
def demo(store: Store, clock: Clock, shop: Shop, words: Words) -> Demo:
    calendar = Calendar(clock.now)
    console = console_over(store, calendar, shop, words, lambda _: "", frozenset, users_of(store, calendar))
    return Demo(
        calendar, store, Chat(store, calendar, "a secret of the tests"), Drafts(store, calendar),
        Complaints(store, calendar, shop), Requests(store, calendar), console,
        Turns(store, calendar, FakeEngine(), Nobody(), words),
    )  # fmt: skip


def test_there_is_something_for_everybody(demo: Demo) -> None:
    ticks: list[int] = []
    passwords = demo.fill(lambda: ticks.append(1))
    console = demo.console
    assert len(ticks) == COMPLAINTS
    assert {console.users.sign_in(login, word, login).user.role for login, word in passwords.items()} == set(Role)
    waiting = {queued.line.handoff.reason for queued in console.queue.lines()}
    assert {Reason.ASKED, Reason.NOT_UNDERSTOOD, Reason.ANGRY} <= waiting
    assert len(console.lists.complaints(ComplaintFilter()).lines) == COMPLAINTS
    assert console.lists.complaints(ComplaintFilter(breach=Breach.BREACHED)).lines
    figures = console.dashboard.of(None, None)
    assert figures["satisfaction"]
    assert len(figures["kinds"]) > 5
    assert sum(count > 0 for _, count in figures["days"]) > 7
    assert {one.priority for one in console.inbox.page(InboxFilter())[0]} >= {0, 1, 2}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_it_is_the_same_each_time(demo: Demo, store: Store, request: pytest.FixtureRequest) -> None:
    from tests.conftest import empty

    def told() -> list[tuple[str, str, str]]:
        lines = demo.console.lists.complaints(ComplaintFilter()).lines
        return [(line.kind, line.status, line.description) for line in lines]

    nothing: Callable[[], None] = lambda: None  # noqa: E731
    demo.fill(nothing)
    first = told()
    empty(store.engine)
    demo.fill(nothing)
    assert told() == first
