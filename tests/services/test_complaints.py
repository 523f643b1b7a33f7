"""A draft becomes one complaint however often it is filed: whole, with a number that can be read out, or not at all."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.complaint import Kind, Level, Remedy, Status
from bot.domain.draft import DraftState
from bot.domain.errors import ComplaintUnknown, NotAllowed, NotFound, StaleTurn
from bot.domain.turn import LEASE
from bot.language.checks import damm
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.record import FIELDS, record_of
from bot.store import tables
from bot.store.unit_of_work import Store, UnitOfWork
from tests.builders import Talk, at_once, errors_in
from tests.conftest import Clock

GIVEN = {
    "complaint_kind": "damaged_item",
    "order_number": "405-1234567-1234567",
    "purchase_date": "2026-11-20",
    "product": "غسالة صحون",
    "description": "وصلت الغسالة وبابها مكسور\nولا تعمل",
    "remedy": "refund",
    "contact": "+966551234567",
    "seller": "متجر النخبة",
    "amount": "1,250 ر.س",
}
NEEDED = ("complaint_kind", "description")


def a_draft(talk: Talk, drafts: Drafts, *slots: str) -> str:
    """Open a draft with these slots, all of them if none is named, and return its id."""
    draft_id = drafts.open(talk.id, None).id
    given = [Given(slot, GIVEN[slot], f"كتب: {GIVEN[slot]}") for slot in slots or GIVEN]
    drafts.record(draft_id, given, [], {}, None)
    return draft_id


def counted(store: Store) -> dict[str, int]:
    """Return how many complaints, lines of timelines and waiting events there are."""
    counted = (tables.complaint, tables.complaint_entry, tables.outbox)
    with store.engine.connect() as connection:
        return {table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in counted}


NOTHING = {"complaint": 0, "complaint_entry": 0, "outbox": 0}
ONE_EACH = dict.fromkeys(NOTHING, 1)


def test_everything_that_was_given_is_filed(talk: Talk, drafts: Drafts, complaints: Complaints, clock: Clock) -> None:
    number = complaints.file(a_draft(talk, drafts), None).number
    filed = complaints.show(number)
    assert (filed.kind, filed.remedy) == (Kind.DAMAGED_ITEM, Remedy.REFUND)
    assert (filed.purchase_date, filed.purchase_date_typed) == (date(2026, 11, 20), "كتب: 2026-11-20")
    for slot in ("order_number", "product", "description", "contact", "seller", "amount"):
        assert getattr(filed, slot) == GIVEN[slot]
    assert (filed.status, filed.level, filed.version) == (Status.SUBMITTED, Level.FIRST_LINE, 0)
    assert (filed.conversation_id, filed.created_at) == (talk.id, clock.now)


def test_the_first_answer_is_due_after_the_promised_hours(
    talk: Talk, drafts: Drafts, complaints: Complaints, clock: Clock, shop: Any
) -> None:
    filed = complaints.show(complaints.file(a_draft(talk, drafts), None).number)
    assert filed.due_at == shop.due_at(clock.now) == clock.now + timedelta(days=2)


def test_filing_is_one_complaint_one_line_of_its_timeline_one_event_and_a_closed_draft(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store, clock: Clock
) -> None:
    draft_id = a_draft(talk, drafts, *NEEDED)
    drafts.record(draft_id, [], ["remedy", "contact"], {}, None)
    filed = complaints.file(draft_id, None)
    assert counted(store) == ONE_EACH
    [entry] = complaints.show(filed.number).timeline
    assert (entry.at, entry.actor, entry.action) == (clock.now, "shopper", "filed")
    assert entry.detail == {"skipped": ["contact", "remedy"]}
    assert drafts.read(draft_id).state is DraftState.FILED
    with store.read() as work:
        [(_, topic, payload)] = work.outbox.waiting(10)
    assert (topic, payload) == ("complaint.filed", {"number": filed.number})


def test_filing_again_returns_the_same_complaint(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store, clock: Clock
) -> None:
    draft_id = a_draft(talk, drafts)
    numbers = set()
    for _ in range(5):
        numbers.add(complaints.file(draft_id, None).number)
        clock.turn(hours=1)
    assert len(numbers) == 1
    assert counted(store) == ONE_EACH


def test_twenty_who_file_one_draft_at_once_get_one_complaint(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store
) -> None:
    draft_id = a_draft(talk, drafts)
    outcomes = at_once(20, lambda _: complaints.file(draft_id, None).number)
    assert errors_in(outcomes) == []
    assert len(set(outcomes)) == 1
    assert counted(store) == ONE_EACH


def test_the_store_itself_takes_one_complaint_a_draft(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store
) -> None:
    complaints.file(a_draft(talk, drafts), None)
    columns = [column for column in tables.complaint.c if column.name not in ("id", "number")]
    again = sa.insert(tables.complaint).from_select(
        ["number", *(column.name for column in columns)], sa.select(sa.literal("SH-1"), *columns)
    )
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(again)


def test_where_the_commit_fails_nothing_has_happened(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_id = a_draft(talk, drafts)

    def failing(work: UnitOfWork) -> None:
        work._session.flush()
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", failing)
        with pytest.raises(OSError, match="disk full"):
            complaints.file(draft_id, None)
    assert counted(store) == NOTHING
    assert drafts.read(draft_id).state is DraftState.OPEN
    complaints.file(draft_id, None)
    assert counted(store) == ONE_EACH


@pytest.mark.parametrize("missing", NEEDED)
def test_without_kind_or_description_there_is_no_complaint(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store, missing: str
) -> None:
    draft_id = a_draft(talk, drafts, *(slot for slot in GIVEN if slot != missing))
    with pytest.raises(NotAllowed):
        complaints.file(draft_id, None)
    assert counted(store) == NOTHING
    assert drafts.read(draft_id).state is DraftState.OPEN


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_filed_with_what_no_complaint_may_lack(
    talk: Talk, drafts: Drafts, complaints: Complaints, kind: Kind
) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("complaint_kind", kind), Given("description", "ما حدث معي")], [], {}, None)
    filed = complaints.show(complaints.file(draft_id, None).number)
    assert filed.kind is kind
    assert (filed.order_number, filed.purchase_date, filed.purchase_date_typed, filed.remedy) == (None, None, None, None)


def test_the_longest_values_a_shopper_can_type_are_filed(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    draft_id = drafts.open(talk.id, None).id
    long = {slot: "٩أ" * 1_000 for slot in ("order_number", "product", "description", "contact", "seller", "amount")}
    drafts.record(draft_id, [Given(slot, value, value) for slot, value in long.items()], [], {}, None)
    drafts.record(draft_id, [Given("complaint_kind", "late_delivery")], [], {}, None)
    filed = complaints.show(complaints.file(draft_id, None).number)
    assert {slot: getattr(filed, slot) for slot in long} == long


def test_an_abandoned_draft_is_not_filed(talk: Talk, drafts: Drafts, complaints: Complaints, store: Store) -> None:
    draft_id = a_draft(talk, drafts)
    drafts.abandon(talk.id, None)
    with pytest.raises(NotAllowed):
        complaints.file(draft_id, None)
    assert counted(store) == NOTHING


def test_a_draft_that_does_not_exist_is_named(complaints: Complaints) -> None:
    with pytest.raises(NotFound, match="no draft nowhere"):
        complaints.file("nowhere", None)


def test_who_was_overtaken_files_nothing(
    talk: Talk, drafts: Drafts, complaints: Complaints, store: Store, clock: Clock
) -> None:
    draft_id = a_draft(talk, drafts)
    talk.say("نعم")
    stale = talk.turns.claim(talk.id)
    clock.turn(seconds=LEASE.total_seconds())
    current = talk.turns.claim(talk.id)
    assert stale is not None
    assert current is not None
    with pytest.raises(StaleTurn):
        complaints.file(draft_id, stale.claim)
    assert counted(store) == NOTHING
    complaints.file(draft_id, current.claim)
    assert counted(store) == ONE_EACH


def test_after_filing_the_next_draft_begins_empty(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    first = a_draft(talk, drafts)
    complaints.file(first, None)
    second = drafts.open(talk.id, None)
    assert second.id != first
    assert second.slots == {}


def numbers(talk: Talk, drafts: Drafts, complaints: Complaints, count: int) -> list[str]:
    return [complaints.file(a_draft(talk, drafts, *NEEDED), None).number for _ in range(count)]


def test_numbers_are_grouped_and_end_with_their_check_digit(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    for number in numbers(talk, drafts, complaints, 10):
        assert re.fullmatch(r"SH-\d{5}-\d{5}-\d{4}", number)
        digits = re.sub(r"\D", "", number)
        assert digits[-1] == damm(digits[:-1])


def test_a_number_tells_nothing_of_the_next(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    drawn = [int(re.sub(r"\D", "", number)[:-1]) for number in numbers(talk, drafts, complaints, 10)]
    steps = [after - before for before, after in pairwise(drawn)]
    assert min(steps) < 0 < max(steps)
    assert min(map(abs, steps)) > 1_000


def test_a_number_in_use_is_not_given_out_again(
    talk: Talk, drafts: Drafts, complaints: Complaints, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["0000000000001", "0000000000001", "0000000000002"])
    monkeypatch.setattr("bot.services.references.new_digits", lambda count: next(drawn))
    assert len(set(numbers(talk, drafts, complaints, 2))) == 2


ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def test_a_number_is_found_however_it_is_typed(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    [number] = numbers(talk, drafts, complaints, 1)
    digits = re.sub(r"\D", "", number)
    for typed in (
        number,
        number.lower(),
        digits,
        number.translate(ARABIC_INDIC),
        digits.translate(PERSIAN),
        number.replace("-", " "),
        number.replace("-", "–"),
        f"رقمي \u2066{number}\u2069 لو سمحت",
    ):
        assert complaints.show(typed).number == number


@pytest.mark.parametrize(
    "typed",
    ["", "SH", "SH-00000-00000-0000", "1", "\x00", "\ud800", "' OR 1=1 --", "९" * 14, "1" * 50_000],
    ids=lambda typed: ascii(typed)[:20],
)
def test_a_number_nobody_has_is_unknown(talk: Talk, drafts: Drafts, complaints: Complaints, typed: str) -> None:
    [number] = numbers(talk, drafts, complaints, 1)
    for wrong in (typed, number[:-1], f"{number}0"):
        with pytest.raises(ComplaintUnknown):
            complaints.show(wrong)


def test_the_newest_come_first_and_a_conversations_own_in_order(
    talk: Talk, drafts: Drafts, complaints: Complaints, a_shopper: Any
) -> None:
    own = numbers(talk, drafts, complaints, 3)
    assert [complaint.number for complaint in complaints.newest(2)] == own[:0:-1]
    assert [complaint.number for complaint in complaints.of_conversation(talk.id)] == own
    assert complaints.of_conversation(a_shopper()) == []


def test_the_record_has_the_fields_of_the_contract(talk: Talk, drafts: Drafts, complaints: Complaints) -> None:
    record = record_of(complaints.show(complaints.file(a_draft(talk, drafts), None).number))
    assert list(record) == [
        "number", "kind", "order_number", "purchase_date", "purchase_date_typed", "product", "seller", "amount",
        "description", "remedy", "expected", "affected", "prior_contact", "contact", "evidence", "status", "level",
        "severity", "created_at", "due_at", "first_answered_at", "closed_at", "timeline",
    ]  # fmt: skip
    assert (record["kind"], record["remedy"]) == ("damaged_item", "refund")
    assert (record["purchase_date"], record["purchase_date_typed"]) == ("2026-11-20", "كتب: 2026-11-20")
    assert (record["status"], record["level"], record["prior_contact"], record["evidence"]) == (
        "submitted", "first_line", None, [],
    )  # fmt: skip
    assert (record["created_at"], record["due_at"]) == ("2026-11-22T09:00:00+00:00", "2026-11-24T09:00:00+00:00")
    [entry] = record["timeline"]
    assert entry == {
        "at": "2026-11-22T09:00:00+00:00", "actor": "shopper", "action": "filed", "detail": {"skipped": []},
    }  # fmt: skip


def test_every_field_of_the_record_but_the_files_is_a_column() -> None:
    assert set(FIELDS) - set(tables.complaint.c.keys()) == {"evidence"}
