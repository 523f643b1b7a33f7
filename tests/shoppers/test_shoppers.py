"""Sixty shoppers file their complaints with the running system: nearly all get it right, and nobody is asked twice."""

import pytest

from tests.shoppers.facts import people
from tests.shoppers.run import figures, line, run, totals
from tests.system.running import System

pytestmark = pytest.mark.system

SHARE_RIGHT = 0.95
QUESTIONS = 5


def test_shoppers_end_as_they_should_with_every_field_right_and_few_questions(system: System) -> None:
    outcomes = run(people(), system)
    found = figures(outcomes)
    told = "\n".join([*(line(outcome) for outcome in outcomes if not outcome.good), totals(found)])
    assert found.share >= SHARE_RIGHT, told
    assert found.asked_again == 0, told
    assert found.questions <= QUESTIONS, told
