import pytest

from bot.language.remedies import find_remedies
from tests.language.cases import cases

KINDS = {"refund", "replacement", "deliver_now", "repair", "price_difference", "compensation", "apology"}


@pytest.mark.parametrize(("text", "value"), cases("remedies"))
def test_remedies(text: str, value: str) -> None:
    found = find_remedies(text)
    assert " ".join(one.value for one in found) == value.removeprefix("-")
    assert all(text[one.start : one.end] == one.text for one in found)


def test_every_remedy_of_the_record_is_found_somewhere() -> None:
    assert {value for _, values in cases("remedies") for value in values.split() if value != "-"} == KINDS


@pytest.mark.parametrize("text", ["ابغى تعويض", "عايز فلوسي", "بدلوه لي", "صلحوه"])
@pytest.mark.parametrize("denial", ["ما ", "مو ", "مش "])
def test_a_denied_wish_is_none(text: str, denial: str) -> None:
    assert find_remedies(text)
    assert find_remedies(denial + text) == []
