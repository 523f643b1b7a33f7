import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.checks import damm
from bot.language.digits import arabic_indic
from bot.language.orders import find_complaint_numbers, find_order_numbers, read_order_number
from tests.language.cases import cases

PATTERN = r"\d{3}-\d{7}-\d{7}|[A-Z]{0,3}\d{5,12}"
THIRTEEN = st.text("0123456789", min_size=13, max_size=13).filter(lambda digits: not digits.startswith("00"))


@pytest.mark.parametrize(("text", "found", "read"), cases("orders"))
def test_order_numbers(text: str, found: str, read: str) -> None:
    orders = find_order_numbers(text, PATTERN)
    assert " ".join(one.value for one in orders) == found.removeprefix("-")
    assert all(text[one.start : one.end] == one.text for one in orders)
    assert (read_order_number(text, PATTERN) or "-") == (found.split()[0] if read == "=" else read)


def test_the_stretch_is_the_number_as_typed() -> None:
    (found,) = find_order_numbers("طلبي ٤٠٥ - ١٢٣٤٥٦٧ – ١٢٣٤٥٦٧ تأخر", PATTERN)
    assert found.text == "٤٠٥ - ١٢٣٤٥٦٧ – ١٢٣٤٥٦٧"


def test_another_shops_pattern() -> None:
    assert read_order_number("NOON-88-1", r"NOON-\d{2}-\d") == "NOON-88-1"
    assert find_order_numbers("12345678", r"NOON-\d{2}-\d") == []


@given(THIRTEEN)
def test_our_numbers_are_read_however_they_are_typed(digits: str) -> None:
    number = digits + damm(digits)
    shown = f"SH-{number[:5]}-{number[5:10]}-{number[10:]}"
    spaced = shown[3:].replace("-", " ")
    for text in (
        shown,
        shown.lower(),
        number,
        f"شكواي {number}",
        f"ش{number}",
        f"ش-{spaced}",
        arabic_indic(shown),
        f"رقم{spaced}؟",
    ):
        (found,) = find_complaint_numbers(text)
        assert found.value == shown
        assert text[found.start : found.end] == found.text
        assert find_order_numbers(text, PATTERN) == []


@given(THIRTEEN, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_and_it_is_no_complaint_number(digits: str, place: int, shift: int) -> None:
    number = digits + damm(digits)
    wrong = str((int(number[place]) + shift) % 10)
    misread = f"{number[:place]}{wrong}{number[place + 1 :]}"
    assert find_complaint_numbers(misread) == []
    assert len(find_complaint_numbers(f"SH-{misread}")) == 1  # marked as ours: a shopper may have misread it


def test_part_of_a_longer_number_is_none() -> None:
    number = "4821077301915" + damm("4821077301915")
    for text in (f"1{number}", f"{number}1", f"A{number}", f"{number[:13]}", f"1-{number}"):
        assert find_complaint_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("شكوى رقم 12345 وين وصلت", "12345"), ("رقم شكواي هو ٩٩٨٨٧٧", "998877"), ("complaint number: AB-4821", "AB-4821")],
)
def test_a_number_called_a_complaints_is_one_and_no_order(text: str, value: str) -> None:
    assert [found.value for found in find_complaint_numbers(text)] == [value]
    assert find_order_numbers(text, PATTERN) == []
