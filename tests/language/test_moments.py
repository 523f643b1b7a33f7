"""When something happened: what of a message is a moment, and what only sounds like one."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.dates import DateProblem, read_past_date
from bot.language.moments import find_moments
from tests.language.cases import cases

TODAY = datetime.date(2025, 11, 26)


@pytest.mark.parametrize(("message", "moments"), cases("moments"))
def test_moments_are_found_in_the_shoppers_own_words(message: str, moments: str) -> None:
    found = [moment.text for moment in find_moments(message, TODAY)]
    assert found == ([part.strip() for part in moments.split("|")] if moments else [])


@pytest.mark.parametrize("answer", ["الصبح", "الساعة ٤", "بعد العصر"])
def test_a_part_of_a_day_is_no_day_of_purchase(answer: str) -> None:
    assert read_past_date(answer, TODAY) is DateProblem.NONE_FOUND


@given(st.text("الساعة 34صبحولamsel a7ad\n.؟", max_size=60))
def test_moments_are_stretches_of_the_text_in_order(text: str) -> None:
    last = 0
    for moment in find_moments(text, TODAY):
        assert text[moment.start : moment.end] == moment.text
        assert last <= moment.start < moment.end
        last = moment.end
