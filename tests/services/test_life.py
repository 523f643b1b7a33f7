"""A complaint after its filing: who may see it, what changes it, and that a turn run twice changes it once."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.complaint import Level, Severity, Status
from bot.domain.draft import DraftState
from bot.domain.errors import ComplaintUnknown, NotAllowed, NotFound, ProofNeeded, TooMany
from bot.domain.handoff import Reason
from bot.domain.turn import TurnRef
from bot.services.complaints import Complaints
from bot.services.desk import Desk
from bot.services.drafts import Drafts, Given
from bot.services.life import ComplaintLife
from bot.services.requests import Requests
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import Talk, at_once, errors_in
from tests.conftest import Clock

CONTACT = "+966551234567"
ABSENT = "SH-00000-00000-0000"
GIVEN = {"complaint_kind": "wrong_item", "order_number": "12345678", "description": "وصل لون آخر", "contact": CONTACT}


def a_draft(talk: Talk, drafts: Drafts, **changes: str) -> str:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given(slot, value) for slot, value in (GIVEN | changes).items()], [], {}, None)
    return draft_id


@pytest.fixture
def number(talk: Talk, drafts: Drafts, complaints: Complaints) -> str:
    return complaints.file(a_draft(talk, drafts), None).number


@pytest.fixture
def stranger(a_shopper: Any) -> str:
    return str(a_shopper())


@pytest.fixture
def desk(store: Store, clock: Clock, shop: Any, words: Words) -> Desk:
    return Desk(store, clock, shop, words, lambda complaint: complaint.number)


def a_claim(talk: Talk) -> TurnRef:
    talk.say("كلام")
    job = talk.turns.claim(talk.id)
    assert job is not None
    return job.claim


def actions(complaints: Complaints, number: str) -> list[str]:
    return [entry.action for entry in complaints.show(number).timeline]


def events(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        query = sa.select(tables.outbox.c.payload).filter_by(topic="complaint.changed")
        rows = connection.execute(query.order_by(tables.outbox.c.id))
        return [payload["action"] for (payload,) in rows]


# ---------------------------------------------------------------- who may see it


def test_its_own_conversation_needs_no_proof(life: ComplaintLife, talk: Talk, number: str) -> None:
    assert life.access(number, talk.id, None).number == number


def test_another_conversation_proves_it_once_by_the_contact(life: ComplaintLife, stranger: str, number: str) -> None:
    with pytest.raises(ProofNeeded):
        life.access(number, stranger, None)
    assert life.access(number, stranger, CONTACT).number == number
    assert life.access(number, stranger, None).number == number
    assert life.latest(stranger) is not None


@pytest.mark.parametrize("contact", [None, "+966500000000"])
def test_a_foreign_complaint_and_none_at_all_are_refused_alike(
    life: ComplaintLife, stranger: str, number: str, contact: str | None
) -> None:
    refusals = []
    for asked in (number, ABSENT):
        with pytest.raises((ProofNeeded, ComplaintUnknown)) as refusal:
            life.access(asked, stranger, contact)
        refusals.append((type(refusal.value), str(refusal.value).replace(asked, "N")))
    assert refusals[0] == refusals[1]


def test_five_wrong_answers_in_a_quarter_of_an_hour_are_enough(
    life: ComplaintLife, stranger: str, number: str, clock: Clock
) -> None:
    for _ in range(5):
        with pytest.raises(ComplaintUnknown):
            life.access(number, stranger, "+966500000000")
    with pytest.raises(TooMany):
        life.access(number, stranger, CONTACT)
    clock.turn(minutes=16)
    assert life.access(number, stranger, CONTACT).number == number


def test_a_stranger_changes_nothing(life: ComplaintLife, complaints: Complaints, stranger: str, number: str) -> None:
    with pytest.raises(ProofNeeded):
        life.withdraw(number, stranger, None, None)
    assert actions(complaints, number) == ["filed"]


# ---------------------------------------------------------------- what changes it


def test_each_change_is_kept_with_its_event_once_a_turn(
    life: ComplaintLife, complaints: Complaints, store: Store, talk: Talk, number: str
) -> None:
    claim = a_claim(talk)
    for _ in range(2):
        life.add_words(number, "والعلبة مفتوحة", talk.id, claim)
        life.log_contact(number, talk.id, "phone", "أمس", None, "وعدوني بالرد", claim)
        life.escalate(number, talk.id, None, "تعطل عملي", "استبداله اليوم", claim)
        life.withdraw(number, talk.id, "حُلَّت", claim)
    expected = ["words_added", "contact_logged", "level_raised", "withdrawn"]
    assert actions(complaints, number) == ["filed", *expected]
    assert events(store) == expected
    filed = complaints.show(number)
    assert (filed.status, filed.level) == (Status.WITHDRAWN, Level.SUPERVISOR)
    assert (filed.affected, filed.expected) == ("تعطل عملي", "استبداله اليوم")
    assert [contact.content for contact in filed.contacts] == ["وعدوني بالرد"]


def test_a_refused_change_leaves_nothing(life: ComplaintLife, complaints: Complaints, talk: Talk, number: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        life.reopen(number, talk.id, None, None)
    assert refusal.value.code == "still_open"
    assert actions(complaints, number) == ["filed"]


def test_a_reopened_complaint_has_a_new_promise(life: ComplaintLife, talk: Talk, number: str, clock: Clock) -> None:
    first = life.withdraw(number, talk.id, None, None).due_at
    clock.turn(days=3)
    reopened = life.reopen(number, talk.id, "لم تُحل", None)
    assert reopened.status is Status.REOPENED
    assert reopened.due_at > max(first, clock.now)


def test_levels_are_taken_one_after_another_up_to_the_last(life: ComplaintLife, talk: Talk, number: str) -> None:
    levels = [life.escalate(number, talk.id, Level.AUTHORITY, None, None, None).level for _ in range(3)]
    assert levels == [Level.SUPERVISOR, Level.FORMAL, Level.AUTHORITY]
    with pytest.raises(NotAllowed) as refusal:
        life.escalate(number, talk.id, None, None, None, None)
    assert refusal.value.code == "level_highest"


def test_the_desk_moves_it_and_the_shopper_reads_of_it(life: ComplaintLife, desk: Desk, talk: Talk, number: str) -> None:
    desk.move(number, Status.IN_REVIEW, "shop", None)
    desk.raise_level(number, Level.SUPERVISOR, "shop", "تأخرنا")
    told = life.status_lines(desk.move(number, Status.RESOLVED, "shop", "أُرسل البديل"))
    assert (told.status, told.level, told.due) == ("حُلَّت", "المشرف", None)
    assert len(told.timeline) == 4
    assert "أُرسل البديل" in told.timeline[-1]
    with pytest.raises(ComplaintUnknown):
        desk.move(ABSENT, Status.CLOSED, "shop", None)


# ---------------------------------------------------------------- the same matter again


def test_the_same_order_and_kind_is_pointed_out_and_its_words_are_added_once(
    life: ComplaintLife, drafts: Drafts, complaints: Complaints, talk: Talk, number: str
) -> None:
    again = a_draft(talk, drafts, description="ولا أحد يرد")
    found = life.duplicate(drafts.read(again))
    assert found is not None
    assert found.number == number
    outcomes = at_once(5, lambda _: life.merge(again, number, None))
    assert errors_in(outcomes) == []
    assert actions(complaints, number) == ["filed", "merged"]
    assert drafts.read(again).state is DraftState.MERGED


@pytest.mark.parametrize("changes", [{"order_number": "87654321"}, {"complaint_kind": "late_delivery"}])
def test_another_order_or_kind_is_another_matter(
    life: ComplaintLife, drafts: Drafts, talk: Talk, number: str, changes: dict[str, str]
) -> None:
    other = a_draft(talk, drafts, **changes)
    assert life.duplicate(drafts.read(other)) is None
    with pytest.raises(NotAllowed):
        life.merge(other, number, None)


def test_a_settled_complaint_is_no_duplicate(
    life: ComplaintLife, drafts: Drafts, desk: Desk, talk: Talk, number: str
) -> None:
    desk.move(number, Status.CLOSED, "shop", None)
    assert life.duplicate(drafts.read(a_draft(talk, drafts))) is None


@pytest.mark.parametrize("contact", [CONTACT, None])
def test_a_complaint_of_another_conversation_is_none_until_it_is_proved(
    life: ComplaintLife, drafts: Drafts, number: str, stranger: str, contact: str | None
) -> None:
    """Whoever knows an order and its owner's telephone would be told the number that opens the complaint."""
    theirs = drafts.open(stranger, None).id
    given = {slot: value for slot, value in GIVEN.items() if slot != "contact"} | ({"contact": contact} if contact else {})
    drafts.record(theirs, [Given(slot, value) for slot, value in given.items()], [], {}, None)
    assert life.duplicate(drafts.read(theirs)) is None
    life.access(number, stranger, CONTACT)
    assert life.duplicate(drafts.read(theirs)) is not None


# ---------------------------------------------------------------- severity, drafts put aside, requests


@pytest.mark.parametrize(
    ("changes", "angry", "severity"),
    [
        ({}, False, Severity.NORMAL),
        ({"amount": "٢٬٥٠٠ ريال"}, False, Severity.HIGH),
        ({"description": "انفجر الجهاز في وجه ابني"}, False, Severity.URGENT),
        ({"complaint_kind": "refund_problem"}, True, Severity.URGENT),
    ],
)
def test_a_complaint_is_weighed_when_it_is_filed(
    store: Store, clock: Clock, shop: Any, words: Any, drafts: Drafts, talk: Talk,
    changes: dict[str, str], angry: bool, severity: Severity,
) -> None:  # fmt: skip
    filing = Complaints(store, clock, shop, words.hazardous)
    assert filing.file(a_draft(talk, drafts, **changes), None, angry=angry).severity is severity


def test_a_draft_put_aside_is_gone_on_with(drafts: Drafts, talk: Talk) -> None:
    draft_id = a_draft(talk, drafts)
    assert drafts.pause(talk.id, None) is not None
    aside = drafts.paused(talk.id)
    assert aside is not None
    assert aside.id == draft_id
    assert drafts.resume(talk.id, None).value("order_number") == "12345678"
    assert drafts.paused(talk.id) is None
    assert drafts.abandon(talk.id, None)
    with pytest.raises(NotFound):
        drafts.resume(talk.id, None)


def test_a_request_is_made_once_a_turn_under_a_reference_of_its_own(requests: Requests, talk: Talk) -> None:
    claim = a_claim(talk)
    references = {requests.callback(talk.id, CONTACT, "بعد العصر", claim) for _ in range(3)}
    references.add(requests.human(talk.id, Reason.ASKED, claim))
    references.add(requests.rate(talk.id, 5, None, None))
    assert sorted(reference[:2] for reference in references) == ["CB", "HU", "RT"]
    assert len(requests.newest(10)) == 3


@pytest.mark.parametrize("stars", [0, 6])
def test_a_rating_has_one_to_five_stars(requests: Requests, talk: Talk, stars: int) -> None:
    with pytest.raises(NotAllowed):
        requests.rate(talk.id, stars, None, None)
    assert requests.newest(1) == []
