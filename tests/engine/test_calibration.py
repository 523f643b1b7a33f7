"""Confidence is compared with being right, and samples of the questions are the same every time."""

import pytest

from bot.engine.calibration import Answer, calibration, intervals
from tests.engine.reports import reading


def test_bins_count_confidence_and_being_right() -> None:
    readings = [reading("greet", 0.95), reading("deny", 0.95), reading("greet", 1.0), reading("greet", 0.05)]
    found = calibration(["greet"] * 4, readings)
    assert [one.count for one in found.bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert found.bins[9].confidence == pytest.approx(2.9 / 3)
    assert found.bins[9].accuracy == pytest.approx(2 / 3)
    assert (found.bins[5].confidence, found.bins[5].accuracy) == (0.0, 0.0)
    assert found.error == pytest.approx(0.25 * 0.95 + 0.75 * 0.3)


def test_a_model_that_is_as_sure_as_it_is_right_is_calibrated() -> None:
    readings = [reading("greet", 0.8)] * 5
    assert calibration(["greet"] * 4 + ["deny"], readings).error == pytest.approx(0.0)


def test_a_fallback_is_no_guess_and_nothing_read_is_no_confidence() -> None:
    fallback = reading("greet", 0.3) | {"ranking": [{"name": "nlu_fallback", "confidence": 0.7}]}
    assert calibration(["greet"], [fallback]).bins[0].count == 1


def answers(lost: int, kept: int) -> list[Answer]:
    return [("greet", "greet", "deny")] * lost + [("greet", "greet", "greet")] * kept + [("deny", "deny", "deny")] * 20


def test_the_same_answers_give_the_same_interval_around_the_change() -> None:
    low, high = intervals(answers(5, 15))["greet"]
    assert intervals(answers(5, 15))["greet"] == (low, high)
    assert low < 2 * 15 / 35 - 1 < high <= 0.0


def test_more_questions_make_the_interval_narrower() -> None:
    few, many = intervals(answers(2, 6))["greet"], intervals(answers(20, 60))["greet"]
    assert many[1] - many[0] < few[1] - few[0]
