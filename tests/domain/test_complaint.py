"""The draft keeps what was given; numbers are unguessable and readable; each kind asks for what it needs."""

from datetime import UTC, datetime

import pytest

from bot.domain.complaint import Kind, new_digits, shown_number
from bot.domain.draft import ASKED, Draft, DraftState, asked_for
from bot.domain.errors import NotAllowed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_draft() -> Draft:
    return Draft("d", "c", NOW)


def test_a_refusal_keeps_the_old_value_and_is_counted() -> None:
    draft = a_draft()
    draft.put("order_number", "12345", "12345")
    draft.refuse("order_number")
    assert draft.value("order_number") == "12345"
    assert draft.slots["order_number"].refusals == 1


def test_a_new_value_clears_what_came_before_it() -> None:
    draft = a_draft()
    draft.refuse("product", 2)
    draft.skip("product")
    draft.put("product", "a", "a")
    assert (draft.slots["product"].refusals, draft.slots["product"].skipped) == (0, False)


def test_each_change_has_a_version_of_its_own() -> None:
    draft = a_draft()
    draft.put("product", "a", "a")
    draft.put("remedy", "refund", None)
    draft.put("product", "b", "b")
    assert draft.version == 3
    assert (draft.slots["product"].version, draft.slots["remedy"].version) == (3, 2)


@pytest.mark.parametrize("state", [DraftState.FILED, DraftState.ABANDONED])
def test_a_closed_draft_takes_nothing_more(state: DraftState) -> None:
    draft = a_draft()
    draft.close(state)
    with pytest.raises(NotAllowed, match=f"is {state}"):
        draft.put("product", "a", "a")
    with pytest.raises(NotAllowed):
        draft.close(DraftState.FILED)


def test_kinds_without_an_order_are_not_asked_for_one() -> None:
    assert "order_number" not in asked_for(Kind.APP_PROBLEM)
    assert "description" in asked_for(Kind.SECURITY_ISSUE)
    assert asked_for(Kind.DAMAGED_ITEM) == ASKED
    assert asked_for(None)[0] == "complaint_kind"


def test_numbers_are_digits_in_groups_and_do_not_repeat() -> None:
    assert shown_number("48210773019151") == "SH-48210-77301-9151"
    drawn = {new_digits() for _ in range(2_000)}
    assert len(drawn) == 2_000
    assert all(len(digits) == 13 and digits.isdecimal() for digits in drawn)
