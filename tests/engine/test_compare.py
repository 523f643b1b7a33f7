"""A candidate beside the live model: what speaks against it is found, and chance is not taken for a difference."""

import pytest

from bot.engine.compare import compare, mcnemar
from bot.engine.judge import Reading
from bot.engine.questions import Question
from bot.language.spelling import fold


def reading(intent: str) -> Reading:
    return {"ranking": [{"name": intent, "confidence": 0.9}], "topic": None, "entities": [], "ms": 3.0, "tokens": []}


def asked(**counts: int) -> list[Question]:
    return [Question(f"{name} {at}", name, "gulf") for name, count in counts.items() for at in range(count)]


def right(questions: list[Question]) -> list[Reading]:
    return [reading(question.intent) for question in questions]


def test_two_equal_models_have_nothing_against_each_other() -> None:
    questions = asked(greet=10, deny=10)
    found = compare(questions, right(questions), right(questions), [], fold)
    assert (found.objections(), found.only_live, found.only_candidate, found.p) == ([], 0, 0, 1.0)


def test_an_intent_that_falls_is_named_and_one_with_few_questions_is_not_guarded() -> None:
    questions = asked(greet=10, deny=10, rare=2)
    worse = [
        reading("deny") if q.intent == "rare" or q.text in ("greet 0", "greet 1", "greet 2") else reading(q.intent)
        for q in questions
    ]
    found = compare(questions, right(questions), worse, [], fold)
    assert any(objection.startswith("greet falls from 1.00") for objection in found.objections())
    assert not any("rare" in objection for objection in found.objections())
    assert found.changes[0].intent == "rare"
    assert (found.only_live, found.only_candidate) == (5, 0)


def test_a_gain_is_no_objection() -> None:
    questions = asked(greet=10, deny=10)
    before = [reading("deny")] * 20
    found = compare(questions, before, right(questions), [], fold)
    assert found.objections() == []
    assert (found.only_live, found.only_candidate) == (0, 10)
    assert found.candidate.accuracy == 1.0


def test_a_question_in_the_training_data_is_an_objection_however_it_is_spelled() -> None:
    questions = [Question("طلبي تأخّر", "late_delivery", "gulf"), *asked(greet=5)]
    found = compare(questions, right(questions), right(questions), ["طلبي تاخر"], fold)
    assert found.leaked == ["طلبي تأخّر"]
    assert "stand in the training data" in found.objections()[0]


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484375), (10, 2, 0.03857421875)],
)
def test_mcnemars_exact_test(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == pytest.approx(p)
    assert mcnemar(other, one) == pytest.approx(p)
