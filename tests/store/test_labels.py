"""The inbox stays quick however much there is in it: what is counted is counted in its index."""

from datetime import UTC, datetime

import pytest

from bot.domain.label import InboxFilter, LabelState, Look
from bot.engine.made_up import utterances
from bot.engine.questions import Question, Span
from bot.services.bench_inbox import asked_of
from bot.services.inbox import Inbox
from bot.store.bench import timed
from bot.store.bench_inbox import Said, fill_accepted, fill_inbox
from bot.store.unit_of_work import Store
from tests.builders import noted, plan_of

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SAID = [Said(f"طلبي رقم {number} تأخر", f"طلبي رقم {number} تاخر", "late_delivery") for number in range(60)]


def plan_of_counting(store: Store, wanted: InboxFilter) -> str:
    """Return how SQLite goes about counting."""
    with noted(store.engine) as asked, store.read() as work:
        work.labels.count(wanted)
    [counting] = [one for one in asked if "count(" in one[0]]
    return " ".join(plan_of(store.engine, *counting))


@ON_SQLITE
@pytest.mark.parametrize(
    "wanted",
    [InboxFilter(), InboxFilter(look=Look.FIRST), InboxFilter(look=Look.NOT_UNDERSTOOD), InboxFilter(intent="greet"),
     InboxFilter(since=NOW), InboxFilter(LabelState.ACCEPTED)],
    ids=str,
)  # fmt: skip
def test_counting_reads_the_index_alone(store: Store, wanted: InboxFilter) -> None:
    assert "USING COVERING INDEX ix_utterance_inbox" in plan_of_counting(store, wanted)


@ON_SQLITE
def test_that_sees_what_is_not_in_the_index(store: Store) -> None:
    assert "COVERING" not in plan_of_counting(store, InboxFilter(text="طلبي"))


def test_the_measured_inbox_holds_what_was_said_as_often_as_it_was(store: Store) -> None:
    fill_inbox(store, SAID, 200, lambda count: None)
    inbox = Inbox(store, lambda: NOW, lambda: frozenset())
    everything = InboxFilter(None)
    [first, second] = [inbox.page(everything, offset)[0] for offset in (0, 50)]
    assert sum(one.count for one in first + second) == 200
    assert [inbox.page(everything, offset)[1] for offset in (0, 50, 100)] == [60, 60, 60]
    assert len(inbox.newest(500)) == 60
    measured = [timed(name, ask, 2) for name, ask in asked_of(inbox, ["طلبي", "رقم", "تأخر"]).items()]
    assert all(0 < one.p50 <= one.p95 for one in measured)


def test_what_is_accepted_to_be_measured_is_exported(store: Store) -> None:
    fill_accepted(store, SAID, lambda count: None)
    accepted = Inbox(store, lambda: NOW, lambda: frozenset()).accepted()
    assert [(one.label, one.text) for one in accepted] == [("late_delivery", one.text) for one in SAID]


def test_made_up_utterances_are_the_same_each_time_and_all_different() -> None:
    phone = Question("جوالي 0501234567", "inform", "gulf", (Span("phone", 7, 17),))
    made = utterances([Question("طلبي تأخر", "late_delivery", ""), phone], 200)
    assert made == utterances([Question("طلبي تأخر", "late_delivery", ""), phone], 200)
    assert len({one.text for one in made}) == 200
    assert all(one.text.startswith("جوالي 05") == (one.label == "inform") for one in made)
