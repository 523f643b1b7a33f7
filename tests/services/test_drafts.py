"""The draft keeps every validated value outside Rasa; one is open at a time; who was overtaken may not write."""

import pytest
import sqlalchemy as sa

from bot.domain.draft import DraftState
from bot.domain.errors import NotAllowed, NotFound, StaleTurn
from bot.domain.turn import LEASE, TurnRef
from bot.services.drafts import Drafts, Given
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import Talk, an_answer, at_once, errors_in
from tests.conftest import Clock


def states(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        return sorted(connection.scalars(sa.select(tables.draft.c.state)))


def claim(talk: Talk) -> TurnRef:
    talk.say("طلبي تأخر")
    job = talk.turns.claim(talk.id)
    assert job is not None
    return job.claim


def test_opening_twice_returns_the_same_draft(talk: Talk, drafts: Drafts, store: Store) -> None:
    assert drafts.open(talk.id, None).id == drafts.open(talk.id, None).id
    assert states(store) == ["open"]


def test_twenty_who_open_at_once_get_one_draft(talk: Talk, drafts: Drafts, store: Store) -> None:
    outcomes = at_once(20, lambda _: drafts.open(talk.id, None).id)
    assert errors_in(outcomes) == []
    assert len(set(outcomes)) == 1
    assert states(store) == ["open"]


def test_the_store_itself_takes_one_open_draft_a_conversation(talk: Talk, drafts: Drafts, store: Store) -> None:
    drafts.open(talk.id, None)
    columns = [tables.draft.c[name] for name in ("conversation_id", "created_at", "state", "version")]
    another = sa.insert(tables.draft).from_select(
        ["id", *(column.name for column in columns)], sa.select(sa.literal("another"), *columns)
    )
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(another)


def test_what_one_message_brought_is_read_back(talk: Talk, drafts: Drafts) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("order_number", "12345", "١٢٣٤٥")], ["contact"], {"purchase_date": 1}, None)
    draft = drafts.read(draft_id)
    assert (draft.value("order_number"), draft.slots["order_number"].typed) == ("12345", "١٢٣٤٥")
    assert draft.slots["contact"].skipped
    assert draft.slots["purchase_date"].refusals == 1
    assert draft.version == 3


def test_a_refused_answer_keeps_the_value_given_before(talk: Talk, drafts: Drafts) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("order_number", "12345")], [], {}, None)
    drafts.record(draft_id, [], [], {"order_number": 1}, None)
    drafts.record(draft_id, [], [], {"order_number": 1}, None)
    draft = drafts.read(draft_id)
    assert (draft.value("order_number"), draft.slots["order_number"].refusals) == ("12345", 2)


def test_a_correction_replaces_the_value_and_forgets_the_refusals(talk: Talk, drafts: Drafts) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("order_number", "12345")], [], {}, None)
    drafts.record(draft_id, [], [], {"order_number": 1}, None)
    draft = drafts.record(draft_id, [Given("order_number", "67890", "لا، ٦٧٨٩٠")], [], {}, None)
    slot = drafts.read(draft.id).slots["order_number"]
    assert (slot.value, slot.typed, slot.refusals, slot.skipped) == ("67890", "لا، ٦٧٨٩٠", 0, False)


def test_values_recorded_at_once_are_all_kept(talk: Talk, drafts: Drafts) -> None:
    draft_id = drafts.open(talk.id, None).id
    slots = ["order_number", "product", "remedy", "contact", "description", "seller", "amount"]
    outcomes = at_once(len(slots), lambda number: drafts.record(draft_id, [Given(slots[number], "قيمة")], [], {}, None))
    assert errors_in(outcomes) == []
    draft = drafts.read(draft_id)
    assert set(draft.slots) == set(slots)
    assert sorted(slot.version for slot in draft.slots.values()) == list(range(1, 8))


def test_an_abandoned_draft_takes_nothing_more_and_the_next_begins_empty(talk: Talk, drafts: Drafts, store: Store) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("order_number", "12345")], [], {}, None)
    assert drafts.abandon(talk.id, None)
    with pytest.raises(NotAllowed):
        drafts.record(draft_id, [Given("order_number", "67890")], [], {}, None)
    assert drafts.read(draft_id).value("order_number") == "12345"
    assert drafts.open(talk.id, None).slots == {}
    assert states(store) == [DraftState.ABANDONED, DraftState.OPEN]


def test_where_nothing_is_open_there_is_nothing_to_abandon(talk: Talk, drafts: Drafts, store: Store) -> None:
    assert not drafts.abandon(talk.id, None)
    assert states(store) == []


def test_the_holder_of_the_turn_may_write(talk: Talk, drafts: Drafts) -> None:
    current = claim(talk)
    draft = drafts.open(talk.id, current)
    assert drafts.record(draft.id, [Given("product", "غسالة")], [], {}, current).value("product") == "غسالة"
    assert drafts.abandon(talk.id, current)


def test_who_was_overtaken_may_not_write(talk: Talk, drafts: Drafts, clock: Clock, store: Store) -> None:
    stale = claim(talk)
    draft_id = drafts.open(talk.id, stale).id
    clock.turn(seconds=LEASE.total_seconds())
    assert talk.turns.claim(talk.id) is not None
    with pytest.raises(StaleTurn):
        drafts.record(draft_id, [Given("product", "غسالة")], [], {}, stale)
    with pytest.raises(StaleTurn):
        drafts.abandon(talk.id, stale)
    with pytest.raises(StaleTurn):
        drafts.open(talk.id, stale)
    assert drafts.read(draft_id).slots == {}
    assert states(store) == ["open"]


def test_a_turn_that_is_done_may_not_write_any_more(talk: Talk, drafts: Drafts) -> None:
    talk.say("طلبي تأخر")
    job = talk.turns.claim(talk.id)
    assert job is not None
    talk.turns.finish(job, an_answer("أبشر"))
    with pytest.raises(StaleTurn):
        drafts.open(talk.id, job.claim)


def test_a_draft_or_a_turn_that_does_not_exist_is_named(talk: Talk, drafts: Drafts) -> None:
    with pytest.raises(NotFound, match="no draft nowhere"):
        drafts.read("nowhere")
    with pytest.raises(StaleTurn, match="turn 999999 is gone"):
        drafts.read("nowhere", TurnRef(999999, 1))
    with pytest.raises(NotFound, match="no draft nowhere"):
        drafts.record("nowhere", [], [], {}, None)
    with pytest.raises(StaleTurn, match="turn 999999 is gone"):
        drafts.open(talk.id, TurnRef(999_999, 1))
