from hypothesis import given

from bot.language.digits import arabic_indic, western
from tests.language.texts import any_text, arabic_text


def test_all_three_sets_and_the_signs() -> None:
    assert western("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 0123456789") == "0123456789 0123456789 0123456789"
    assert western("١٬٢٥٠٫٥٠ ٪") == "1,250.50 ٪"
    assert arabic_indic("0123456789 ۰۱۲۳۴۵۶۷۸۹ 3.5") == "٠١٢٣٤٥٦٧٨٩ ٠١٢٣٤٥٦٧٨٩ ٣.٥"


@given(any_text | arabic_text)
def test_the_length_never_changes(text: str) -> None:
    assert len(western(text)) == len(arabic_indic(text)) == len(text)


@given(arabic_text)
def test_one_way_and_back(text: str) -> None:
    assert western(arabic_indic(western(text))) == western(text)
    assert western(western(text)) == western(text)
