"""A shopper is called by the name they gave, and by nothing else."""

import pytest

from bot.language.introductions import introduced_as


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("السلام عليكم معكم أخوكم سلطان", "سلطان"),
        ("انا اسمي نورة وطلبي تأخر", "نورة"),
        ("إسمي عبد الرحمن، وعندي مشكلة", "عبد الرحمن"),
        ("اسمي أم خالد", "أم خالد"),
        ("My name is Huda", "Huda"),
        ("طلبي تأخر يا أخوي", None),
        ("اسمي", None),
        ("السلام عليكم معكم سلطان", "سلطان"),
        ("معك حق", None),
        ("المنتج اسمه سماعة", None),
    ],
)
def test_the_name_given(text: str, name: str | None) -> None:
    assert introduced_as(text) == name
