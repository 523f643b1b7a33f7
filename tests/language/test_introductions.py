"""A shopper is called by the name they gave, and by nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.introductions import _leads, _name, introduced_as
from bot.language.spelling import fold


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


def introduced_slowly(text: str) -> str | None:
    """Try every lead at every place."""
    words = re.findall(r"[^\W\d_]+", text)
    folded = [fold(word) for word in words]
    for lead in _leads():
        for place in range(len(words) - len(lead)):
            if folded[place : place + len(lead)] == lead:
                return _name(words[place + len(lead) :])
    return None


@given(
    st.lists(
        st.sampled_from(["أنا", "إسمي", "اسمي", "معك", "أخوك", "my", "Name", "is", "عبد", "ﷺ", "ء", "حق", "سلطان", "،", "7"])
    )
)
def test_only_leads_whose_words_are_there_are_tried(words: list[str]) -> None:
    text = " ".join(words)
    assert introduced_as(text) == introduced_slowly(text)
