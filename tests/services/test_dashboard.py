"""The supervisors' figures: counted by hand here, and by the service."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.domain.complaint import Complaint, Status
from bot.domain.errors import NotAllowed
from bot.domain.figures import by_day, share, spread
from bot.domain.shop import Shop
from bot.domain.user import User
from bot.services.chat import Chat, Incoming
from bot.services.console import Console, console_over
from bot.services.requests import Requests
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

File = Callable[..., Complaint]


@pytest.fixture
def console(store: Store, clock: Clock, shop: Shop, words: Words) -> Console:
    return console_over(store, clock, shop, words, lambda _: "", frozenset, users_of(store, clock))


@pytest.fixture
def sara(console: Console) -> User:
    return a_user(console.users)


def test_the_figures_are_those_counted_by_hand(
    console: Console, a_complaint: File, chat: Chat, requests: Requests, sara: User, clock: Clock
) -> None:
    filed = [a_complaint(complaint_kind=kind) for kind in ("late_delivery", "late_delivery", "damaged_item", "no_reply")]
    clock.turn(hours=2)
    console.desk.answer(filed[0].number, sara, "نراجع الأمر")
    clock.turn(hours=4)
    console.desk.answer(filed[1].number, sara, "نراجع الأمر")
    console.desk.move(filed[1].number, Status.RESOLVED, "sara", None)
    for conversation, stars in ((filed[0].conversation_id, 5), (filed[1].conversation_id, 2)):
        chat.receive(conversation, Incoming("client-id-1", "شكرا"))
        requests.rate(conversation, stars, None, None)
    console.takeover.claim(filed[0].conversation_id, sara)
    clock.turn(seconds=30)
    console.replies.say(filed[0].conversation_id, sara, "client-id-2", "أهلًا")
    told = console.dashboard.of(None, None)
    assert (told["complaints"], told["conversations"], told["bot_solved"]) == (4, 2, 0.5)
    assert dict(told["kinds"]) == {"late_delivery": 2, "damaged_item": 1, "no_reply": 1}
    assert told["channels"] == [("widget", 4)]
    assert told["first_answer"] == {"count": 2, "median": 4.0, "p90": 5.6}
    assert told["resolution"] == {"count": 1, "median": 6.0, "p90": 6.0}
    assert (told["satisfaction"], told["stars"][4], told["stars"][1]) == (3.5, [5, 1], [2, 1])
    assert told["breached"] == 0.0
    assert told["agents"] == [{"name": "سارة", "taken": 1, "messages": 3, "answers": 2, "seconds": 30}]
    assert sum(count for _, count in told["days"]) == 4
    assert len(told["days"]) == 30


def test_a_breached_clock_counts_and_days_outside_the_stretch_do_not(
    console: Console, a_complaint: File, clock: Clock
) -> None:
    first_day = clock.now.date()
    late = a_complaint()
    assert late.answer_due_at
    clock.now = late.answer_due_at
    console.watch.mark_due()
    a_complaint()
    told = console.dashboard.of(first_day, first_day)
    assert (told["complaints"], told["breached"]) == (1, 1.0)
    assert console.dashboard.of(date(2026, 1, 1), date(2026, 1, 31))["complaints"] == 0


def test_a_day_is_the_shops_day(console: Console, a_complaint: File, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=22)  # one o'clock of the next day in Riyadh
    a_complaint()
    told = console.dashboard.of(None, None)
    assert dict(told["days"])["2026-11-23"] == 1


@pytest.mark.parametrize(("first", "last"), [(date(2026, 2, 2), date(2026, 2, 1)), (date(2020, 1, 1), date(2026, 1, 1))])
def test_a_stretch_that_is_none_is_refused(console: Console, first: date, last: date) -> None:
    with pytest.raises(NotAllowed) as refused:
        console.dashboard.of(first, last)
    assert refused.value.code == "days_unreadable"


def test_nothing_is_counted_as_nothing_and_not_as_nought() -> None:
    assert spread([]).middle is None
    assert share(0, 0) is None
    assert by_day([], date(2026, 1, 1), date(2026, 1, 2), Clock().now.tzinfo) == [  # type: ignore[arg-type]
        (date(2026, 1, 1), 0),
        (date(2026, 1, 2), 0),
    ]
