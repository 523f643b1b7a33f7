"""A message's clauses: a second problem is one of another kind, surely enough."""

import pytest

from bot.domain.complaint import Kind
from bot.nlu.problems import SURE, SURER, TOLD_APART, Guess, parts, second_of


@pytest.mark.parametrize(
    ("main", "guesses", "second"),
    [
        ("late_delivery", [("late_delivery", 0.99), ("bad_conduct", SURE)], "bad_conduct"),
        ("late_delivery", [("late_delivery", 0.99), ("bad_conduct", SURE - 0.01)], None),
        ("late_delivery", [("damaged_item", 0.8), ("bad_conduct", 0.9)], "bad_conduct"),
        ("late_delivery", [("not_received", SURER - 0.01)], None),
        ("late_delivery", [("not_received", SURER)], "not_received"),
        ("damaged_item", [("no_reply", SURER - 0.01)], None),
        ("damaged_item", [("greet", 0.99), ("other_complaint", 0.99), ("faq/warranty", 0.99)], None),
        ("damaged_item", [], None),
    ],
)
def test_what_is_taken_for_a_second_problem(main: str, guesses: list[Guess], second: str | None) -> None:
    found = second_of(main, guesses)
    assert (found[0] if found else None) == second


def test_a_message_of_one_clause_has_no_parts() -> None:
    assert parts("الطلب تأخر أسبوع كامل") == []
    assert len(parts("الطلب تأخر أسبوع كامل وفوق هذا وصل الجهاز مكسور")) == 2


def test_the_kinds_are_the_contracts() -> None:
    assert {*TOLD_APART, "other_complaint"} == set(Kind)
