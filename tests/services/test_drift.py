"""What changes over the days: each reading counts once, on its day; two weeks are compared by what is no chance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.drift import Case, DayCount, Share, Stretch, compared, figures, moved
from bot.domain.errors import NotAllowed
from bot.domain.label import InboxFilter
from bot.domain.shop import Shop
from bot.services.console import Console, console_over
from bot.services.drift import BATCH, Drift
from bot.services.words import Words
from bot.store import drift_tables, label_tables, tables
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, an_answer, at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

KNOWN = frozenset(["طلبي", "تاخر", "وين", "وصلت", "مكسوره", "الحين", "بدي"])
GULF, LEVANTINE = "وين طلبي الحين", "بدي طلبي"


@pytest.fixture
def console(store: Store, clock: Clock, shop: Shop, words: Words) -> Console:
    return console_over(store, clock, shop, words, lambda _: "", frozenset, users_of(store, clock), lambda: KNOWN)


@pytest.fixture
def drift(console: Console) -> Drift:
    return console.drift


@pytest.fixture
def said(chat: Any, store: Store, clock: Clock, words: Words) -> Callable[..., Talk]:
    """Says something in a new conversation and has it read as told; returns the conversation."""

    def say(text: str, intent: str = "late_delivery", confidence: float = 0.9, model: str = "") -> Talk:
        answer = an_answer("أبشر")
        reading = replace(answer.reading, intent=intent, confidence=confidence, model=model or answer.reading.model)
        talk = Talk(chat, store, clock, words, FakeEngine(replace(answer, reading=reading)))
        talk.ask(text)
        return talk

    return say


Said = Callable[..., Talk]


def test_a_reading_is_counted_once_on_its_day(drift: Drift, said: Said, clock: Clock) -> None:
    said("وين طلبي")
    said("وين طلبي", confidence=0.4)
    clock.turn(days=1)
    said("شي غريب", "nlu_fallback", 0.2)
    assert drift.of()["waiting"] == 3
    assert [drift.catch_up(), drift.catch_up()] == [3, 0]
    told = drift.of(14)
    assert (told["waiting"], len(told["days"]), told["days"][-1]) == (0, 14, "2026-11-23")
    assert (told["read"][-3:], told["unsure"][-3:], told["fallback"][-3:]) == ([0, 2, 1], [0, 1, 0], [0, 0, 1])
    assert told["intents"][0] == {"name": "late_delivery", "counts": [0] * 12 + [2, 0]}


def test_a_day_is_the_shops_day(drift: Drift, said: Said, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=22)  # one o'clock of the next day in Riyadh
    said("وين طلبي")
    drift.catch_up()
    told = drift.of()
    assert (told["days"][-1], told["read"][-1]) == ("2026-11-23", 1)


def test_a_tapped_button_is_counted_nowhere_and_waits_for_nothing(drift: Drift, said: Said, store: Store) -> None:
    said("وين طلبي")
    with store.engine.begin() as connection:
        connection.execute(sa.update(tables.message).where(tables.message.c.seq == 1).values(payload="/affirm"))
    assert drift.catch_up() == 1
    assert (drift.of()["waiting"], sum(drift.of()["read"])) == (0, 0)


def test_who_count_at_once_count_each_once(drift: Drift, said: Said) -> None:
    for number in range(30):
        said(f"وين طلبي كلمةجديدة{'اب'[number % 2]}")
    counted = at_once(4, lambda _: drift.catch_up())
    assert errors_in(counted) == []
    assert sum(counted) == 30  # type: ignore[arg-type]
    told = drift.of()
    assert (sum(told["read"]), sum(one["count"] for one in told["words"])) == (30, 30)


def test_more_than_a_batch_and_a_time_that_is_up(drift: Drift, said: Said, store: Store) -> None:
    said("وين طلبي")
    with store.engine.begin() as connection:
        [message] = connection.execute(sa.select(tables.message).where(tables.message.c.seq == 1)).mappings()
        [reading] = connection.execute(sa.select(tables.reading)).mappings()
        more = [dict(message) | {"id": 10_000 + n, "seq": 100 + n, "client_id": None} for n in range(BATCH)]
        connection.execute(sa.insert(tables.message), more)
        connection.execute(sa.insert(tables.reading), [dict(reading) | {"message_id": one["id"]} for one in more])
    assert drift.catch_up(within=0) == 0
    assert drift.catch_up() == BATCH + 1
    assert drift.of()["read"][-1] == BATCH + 1


def test_what_was_said_before_varieties_were_looked_at_gets_its_own(console: Console, said: Said, store: Store) -> None:
    said(GULF)
    said(LEVANTINE)
    with store.engine.begin() as connection:
        connection.execute(sa.update(label_tables.utterance).values(variety=None))
    console.drift.catch_up()
    for text, variety in ((GULF, "gulf"), (LEVANTINE, "levantine")):
        assert [one.text for one in console.inbox.page(InboxFilter(variety=variety))[0]] == [text]
    assert console.inbox.page(InboxFilter(variety="iraqi")) == ([], 0)


def test_the_inbox_knows_the_variety_at_once(console: Console, said: Said) -> None:
    said(GULF)
    assert [one.variety for one in console.inbox.page(InboxFilter())[0]] == ["gulf"]


def test_by_model_and_by_variety(drift: Drift, said: Said) -> None:
    said(GULF, model="old.tar.gz")
    said(LEVANTINE, model="new.tar.gz")
    said(LEVANTINE, "greet", model="new.tar.gz")
    drift.catch_up()
    assert drift.of()["models"] == ["old.tar.gz", "new.tar.gz"]
    assert [one["name"] for one in drift.of()["varieties"]] == ["levantine", "gulf"]
    assert sum(drift.of(model="new.tar.gz")["read"]) == 2
    assert sum(drift.of(variety="gulf")["read"]) == 1
    assert sum(drift.of(model="old.tar.gz", variety="levantine")["read"]) == 0


def test_new_words_have_their_count_and_an_example_and_are_new_no_more_once_they_are_trained(
    store: Store, clock: Clock, shop: Shop, said: Said
) -> None:
    known = [KNOWN]
    drift = Drift(store, clock, shop, lambda: known[0])
    said("وين الطرابيزة")
    said("وصلت الطرابيزة مكسورة")
    said("وين الشماسي")
    drift.catch_up()
    told = drift.of()
    assert [(one["word"], one["count"]) for one in told["words"]] == [("الطرابيزه", 2), ("الشماسي", 1)]
    assert told["words"][0]["example"] == "وصلت الطرابيزة مكسورة"
    assert told["new_words"][-1] == 3
    known[0] |= {"الطرابيزه"}
    assert [one["word"] for one in drift.of()["words"]] == ["الشماسي"]
    clock.turn(days=30)
    assert drift.of()["words"] == []


def test_new_words_go_with_their_utterance(drift: Drift, said: Said, store: Store) -> None:
    said("وين الطرابيزة")
    drift.catch_up()
    with store.engine.begin() as connection:
        connection.execute(sa.delete(label_tables.seen))
        connection.execute(sa.delete(label_tables.utterance))
        assert connection.scalar(sa.select(sa.func.count()).select_from(drift_tables.new_word)) == 0
    assert drift.of()["words"] == []


def test_agents_who_leave_the_kind_agree_and_those_who_change_it_do_not(console: Console, said: Said, clock: Clock) -> None:
    sara = a_user(console.users)
    left, changed, confirmed, lost, talked = (
        said("وصلت مكسورة", intent) for intent in ("wrong_item", "wrong_item", "damaged_item", "nlu_fallback", "greet")
    )
    for talk in (left, changed, confirmed, lost, talked):
        console.takeover.claim(talk.id, sara)
    for talk in (changed, confirmed, lost):
        console.replies.change(talk.id, sara, "complaint_kind", "damaged_item")
    console.replies.change(left.id, sara, "product", "غسالة")
    console.drift.catch_up()
    told = console.drift.of()
    assert (told["handled"][-1], told["agreement"][-1]) == (4, 2)
    clock.turn(days=1)
    assert console.drift.of()["handled"][-2:] == [4, 0]
    assert sum(console.drift.of(variety="levantine")["handled"]) == 0


@pytest.mark.parametrize(("days", "variety"), [(13, ""), (367, ""), (0, ""), (30, "klingon")])
def test_what_cannot_be_shown_is_refused(drift: Drift, days: int, variety: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        drift.of(days, variety=variety)
    assert refused.value.code == "drift_unreadable"


# ------------------------------------------------------------------ two weeks compared

DAY = date(2026, 11, 22)
DAYS = [DAY - timedelta(days=number) for number in reversed(range(14))]


def row(days_ago: int, count: int, intent: str = "greet", variety: str = "gulf", unsure: int = 0) -> DayCount:
    return DayCount(DAY - timedelta(days=days_ago), "", intent, variety, count, unsure, 0)


def test_the_share_that_changed_most_is_named() -> None:
    rows = [row(10, 80), row(10, 20, "late_delivery"), row(2, 40), row(2, 60, "late_delivery"), row(1, 10, unsure=5)]
    most = moved(compared(DAYS, rows, []))
    assert most is not None
    assert (most.what, most.part, most.whole, most.part_before, most.whole_before) == ("intent", 60, 110, 20, 100)[:1] + (
        50, 110, 80, 100,
    )  # fmt: skip
    assert (most.name, most.before, most.now) == ("greet", 0.8, 0.4545)


def test_what_may_be_chance_and_what_is_too_little_is_not_named() -> None:
    assert (
        moved(compared(DAYS, [row(10, 100), row(10, 20, "late_delivery"), row(2, 100), row(2, 30, "late_delivery")], []))
        is None
    )
    assert moved(compared(DAYS, [row(10, 20), row(2, 20, "late_delivery")], [])) is None
    assert not Share("unsure", "", 0, 100, 0, 100).is_clear
    assert not figures(Stretch(DAYS[0], DAY), [row(10, 20), row(2, 20)], [])["enough"]


def test_agreement_is_compared_among_what_agents_took_over() -> None:
    cases = [(DAYS[-1], Case(Clock().now, "a", None))] * 40 + [(DAYS[0], Case(Clock().now, "a", "b"))] * 40
    most = moved(compared(DAYS, [], cases))
    assert most is not None
    assert (most.what, most.before, most.now) == ("agreement", 0.0, 1.0)
