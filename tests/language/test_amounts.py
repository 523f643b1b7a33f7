import pytest

from bot.language.amounts import find_amounts
from tests.language.cases import cases


@pytest.mark.parametrize(("text", "shop", "value"), cases("amounts"))
def test_amounts(text: str, shop: str, value: str) -> None:
    found = find_amounts(text, shop)
    assert ",".join(one.value for one in found) == value.removeprefix("-")
    assert all(text[one.start : one.end] == one.text for one in found)


def test_the_stretch_is_number_and_currency_without_the_letter_before() -> None:
    (found,) = find_amounts("دفعت ب٣٥٠ ريالاً كاملة")
    assert (found.start, found.text) == (6, "٣٥٠ ريالاً")
