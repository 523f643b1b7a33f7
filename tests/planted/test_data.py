"""What is planted is of many kinds, in nobody's training data, and no question that models are judged by."""

from bot.engine.questions import held_out, read_questions, training_data
from bot.language.spelling import fold
from bot.settings import ROOT
from tests.laws.contract import FAQ, INTENTS, KINDS
from tests.planted.__main__ import PLANTED


def test_a_hundred_utterances_of_twelve_kinds_and_more() -> None:
    planted = read_questions(PLANTED)
    assert len({fold(one.text) for one in planted}) == len(planted) >= 100
    assert {one.label for one in planted} <= {*INTENTS, *(f"faq/{topic}" for topic in FAQ)}
    assert len({one.label for one in planted} & set(KINDS)) >= 12


def test_none_is_trained_on_and_none_is_held_out() -> None:
    known = {fold(one.text) for one in training_data(ROOT)} | {fold(text) for text in held_out(ROOT)}
    assert [one.text for one in read_questions(PLANTED) if fold(one.text) in known] == []
