"""What may become of a complaint: only steps of the graph, levels that never fall, one line of the timeline a change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.complaint import Complaint, Kind, Level, Severity, Status
from bot.domain.errors import NotAllowed
from bot.domain.escalation import next_level
from bot.domain.life import OPEN, allowed
from bot.domain.severity import severity_of
from bot.domain.shop import Shop

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # a Sunday
ENDED = {Status.RESOLVED: "already_resolved", Status.CLOSED: "already_closed", Status.WITHDRAWN: "already_withdrawn"}


def a_complaint(**changes: Any) -> Complaint:
    given = {
        "number": "SH-1",
        "draft_id": "d",
        "conversation_id": "c",
        "kind": Kind.WRONG_ITEM,
        "description": "غير ما طلبت",
    }
    return Complaint(**(given | {"created_at": NOW, "due_at": NOW + timedelta(hours=48)} | changes))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", Status)
def test_a_step_is_taken_or_refused_with_what_is_the_matter(status: Status, to: Status) -> None:
    complaint = a_complaint(status=status)
    if to in allowed(status):
        complaint.move(to, NOW, "agent", "سبب")
        assert (complaint.status, complaint.version, len(complaint.timeline)) == (to, 1, 1)
        assert complaint.timeline[0].detail == {"reason": "سبب", "from": status, "to": to}
        return
    with pytest.raises(NotAllowed) as refusal:
        complaint.move(to, NOW, "agent", None)
    expected = "still_open" if to is Status.REOPENED and status in OPEN else ENDED.get(status, "step_not_allowed")
    assert refusal.value.code == expected
    assert (complaint.status, complaint.version, complaint.timeline) == (status, 0, [])


def test_nothing_returns_to_submitted_and_every_end_can_be_reopened() -> None:
    assert not any(Status.SUBMITTED in allowed(status) for status in Status)
    assert all(Status.REOPENED in allowed(status) for status in ENDED)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_a_complaint_at_its_end_takes_neither_words_nor_levels(status: Status) -> None:
    complaint = a_complaint(status=status)
    for attempt in (
        lambda: complaint.add_words(NOW, "shopper", "وأيضًا"),
        lambda: complaint.raise_level(Level.FORMAL, NOW, "shopper"),
    ):
        with pytest.raises(NotAllowed) as refusal:
            attempt()
        assert refusal.value.code == ENDED[status]
    assert complaint.timeline == []


def test_words_that_were_waited_for_end_the_waiting() -> None:
    complaint = a_complaint(status=Status.WAITING_SHOPPER)
    complaint.add_words(NOW, "shopper", "هذه الصورة")
    assert complaint.status is Status.IN_REVIEW


def test_a_resolved_complaint_is_reopened_by_a_higher_level() -> None:
    complaint = a_complaint(status=Status.RESOLVED, level=Level.SUPERVISOR)
    complaint.raise_level(Level.FORMAL, NOW, "shopper")
    assert (complaint.status, complaint.level) == (Status.REOPENED, Level.FORMAL)


STEPS = st.one_of(
    st.tuples(st.just(Complaint.move), st.sampled_from(Status)),
    st.tuples(st.just(Complaint.raise_level), st.sampled_from(Level)),
    st.tuples(st.sampled_from([Complaint.add_words, Complaint.withdraw, Complaint.reopen]), st.just(None)),
)


def tried(complaint: Complaint, verb: Any, value: Any) -> str | None:
    """Take a step and return the code of its refusal, None where it was taken."""
    arguments = {Complaint.move: (value, NOW, "agent", None), Complaint.raise_level: (value, NOW, "agent")}
    try:
        verb(complaint, *arguments.get(verb, (NOW, "shopper", "كلام")))
    except NotAllowed as refusal:
        return refusal.code
    return None


@given(st.lists(STEPS, max_size=40))
def test_whatever_is_tried_the_graph_is_kept(steps: list[tuple[Any, Any]]) -> None:
    complaint, levels = a_complaint(), list(Level)
    for verb, value in steps:
        status, level, version = complaint.status, complaint.level, complaint.version
        code = tried(complaint, verb, value)
        assert code != "not_allowed", "every refusal says what is the matter"
        assert complaint.version == version + (code is None)
        assert complaint.status == status or complaint.status in allowed(status)
        assert levels.index(complaint.level) >= levels.index(level)
        assert len(complaint.timeline) == complaint.version


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        ({}, Severity.NORMAL),
        ({"kind": Kind.APP_PROBLEM}, Severity.LOW),
        ({"kind": Kind.SECURITY_ISSUE}, Severity.URGENT),
        ({"kind": Kind.REFUND_PROBLEM}, Severity.HIGH),
        ({"amount": 1_999.0}, Severity.NORMAL),
        ({"amount": 2_000.0}, Severity.HIGH),
        ({"angry": True}, Severity.HIGH),
        ({"waited": timedelta(minutes=1)}, Severity.HIGH),
        ({"angry": True, "amount": 5_000.0, "waited": timedelta(days=1)}, Severity.URGENT),
        ({"kind": Kind.APP_PROBLEM, "level": Level.FORMAL}, Severity.HIGH),
        ({"hazard": True}, Severity.URGENT),
    ],
)
def test_how_grave_a_complaint_is(given: dict[str, Any], severity: Severity) -> None:
    plain = {"kind": Kind.WRONG_ITEM, "amount": None, "angry": False, "waited": timedelta(), "level": Level.FIRST_LINE}
    assert severity_of(**(plain | given)) is severity


def test_a_level_is_due_when_the_one_below_had_its_time(shop: Shop) -> None:
    complaint = a_complaint(due_at=shop.due_at(NOW, Kind.WRONG_ITEM))
    assert next_level(complaint, complaint.due_at, shop) is None
    assert next_level(complaint, complaint.due_at + timedelta(minutes=1), shop) is Level.SUPERVISOR
    for level, hours, due in (
        (Level.SUPERVISOR, shop.supervisor_hours, Level.FORMAL),
        (Level.FORMAL, shop.formal_hours, Level.AUTHORITY),
    ):
        complaint.raise_level(level, NOW, "shopper")
        over = shop.after(NOW, hours)
        assert next_level(complaint, over - timedelta(minutes=1), shop) is None
        assert next_level(complaint, over, shop) is due


def test_an_answer_that_did_not_satisfy_makes_the_supervisor_due(shop: Shop) -> None:
    complaint = a_complaint()
    complaint.move(Status.RESOLVED, NOW, "agent", None)
    assert next_level(complaint, NOW, shop) is None
    complaint.reopen(NOW, "shopper", "لم تُحل")
    assert next_level(complaint, NOW, shop) is Level.SUPERVISOR
