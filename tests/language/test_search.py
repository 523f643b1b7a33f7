"""What search takes for the same word."""

import pytest

from bot.language.search import search_form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("السماعة", "سماعه"),
        ("سمّاعة", "سماعه"),
        ("والسماعة بالكرتون", "سماعه كرتون"),
        ("للشركة", "شركه"),
        ("أمازون امازون", "امازون امازون"),
        ("الله", "الله"),
        ("٤٠٥-١٢٣", "405 123"),
        ("iPhone 15", "iphone 15"),
        ("؟!…", ""),
        ("", ""),
    ],
)
def test_spelling_article_and_digits_make_no_difference(text: str, form: str) -> None:
    assert search_form(text) == form


def test_what_is_in_its_form_already_stays_so() -> None:
    for text in ("السماعة والكرتون", "رقم الطلب ٤٠٥-١٢٣", "وصلت الشحنة"):
        assert search_form(search_form(text)) == search_form(text)
