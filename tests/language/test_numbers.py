import pytest

from bot.language.numbers import find_numbers, in_digits
from bot.language.plain import plain
from tests.language.cases import cases


@pytest.mark.parametrize(("text", "value"), cases("numbers"))
def test_a_number_in_words(text: str, value: str) -> None:
    assert [found.value for found in find_numbers(f"قلت لكم {text} بس")] == [value]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("200 و 300", ["200", "300"]),
        ("يومين تلاتة", ["3"]),
        ("خمسة وستة", ["5", "6"]),
        ("عشرين وثلاثين", ["20", "30"]),
        ("الف ومية مليون", ["1100", "1000000"]),
        ("نص الطلب", []),
        ("ربع", []),
        ("سبت", []),
        ("وصل", []),
        ("", []),
    ],
)
def test_numbers_are_joined_only_as_arabic_joins_them(text: str, values: list[str]) -> None:
    assert [found.value for found in find_numbers(text)] == values


def test_digits_take_the_place_of_words_and_point_to_them() -> None:
    text = "دفعت ثلاثمية وخمسين ريال"
    counted = in_digits(plain(text))
    assert counted.text == "دفعت 350 ريال"
    assert counted.found(5, 8, "").text == "ثلاثمية وخمسين"


def test_one_is_left_alone() -> None:
    assert in_digits(plain("ولا واحد رد")).text == "ولا واحد رد"
