"""What speaks against a candidate and what does not, case by case."""

import pytest

from bot.engine.gate import objections
from bot.engine.report import Change, Conversations, Disagreement
from tests.engine.reports import a_change

WELL = Conversations(["A late order"], [])
EVEN = Disagreement(3, 3, 1.0)


@pytest.mark.parametrize(
    ("change", "margin", "codes"),
    [
        (a_change(before=0.9, after=0.9), 0.05, []),
        (a_change(before=0.5, after=0.9), 0.05, []),
        (a_change(before=0.9, after=0.86, questions=40), 0.05, []),
        (a_change(before=0.9, after=0.84, questions=40), 0.05, ["intent_falls"]),
        (a_change(before=0.9, after=0.84, questions=40), 0.1, []),
        (a_change(before=0.9, after=0.86, questions=40), 0.0, ["intent_falls"]),
        (a_change(before=0.9, after=0.84, questions=12), 0.05, []),
        (a_change(before=0.9, after=0.84, questions=12), 0.0, []),
        (a_change(before=0.9, after=0.80, questions=12), 0.05, ["intent_falls"]),
        (a_change(before=1.0, after=0.0, questions=4), 0.05, []),
        (a_change(before=1.0, after=0.5, questions=5), 0.05, ["intent_falls"]),
    ],
)
def test_a_guarded_intent_may_lose_the_margin_or_one_question_and_no_more(
    change: Change, margin: float, codes: list[str]
) -> None:
    assert [one.code for one in objections([change], EVEN, [], WELL, margin)] == codes


@pytest.mark.parametrize(
    ("split", "codes"),
    [
        (Disagreement(10, 1, 0.012), ["fewer_right"]),
        (Disagreement(1, 10, 0.012), []),
        (Disagreement(6, 3, 0.508), []),
    ],
)
def test_a_loss_counts_where_chance_does_not_explain_it(split: Disagreement, codes: list[str]) -> None:
    assert [one.code for one in objections([], split, [], WELL, 0.05)] == codes


def test_a_known_question_and_a_failing_conversation_are_objections_with_their_values() -> None:
    leaked, failing = objections([], EVEN, ["هلا", "شكرا"], Conversations(["one"], ["other"]), 0.05)
    assert (leaked.code, leaked.values) == ("leaked", {"count": 2, "example": "هلا"})
    assert (failing.code, failing.values) == ("conversations_fail", {"count": 1, "total": 2, "example": "other"})
    assert failing.sentence == "1 of 2 conversations do not go as written, e.g. 'other'"


def test_an_intents_fall_is_said_with_its_figures() -> None:
    (found,) = objections([a_change(before=0.9, after=0.5)], EVEN, [], WELL, 0.05)
    assert found.sentence == "greet falls from 0.90 to 0.50 (10 questions)"
    assert found.values == {"intent": "greet", "live": 0.9, "candidate": 0.5, "asked": 10}
