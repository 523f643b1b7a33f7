import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.checks import damm, iban_ok, luhn_ok

DIGITS = st.text("0123456789", min_size=1, max_size=20)


def test_damms_own_example() -> None:
    assert damm("572") == "4"
    assert damm("5724") == "0"


@given(DIGITS, st.data())
def test_damm_catches_a_wrong_digit_and_swapped_neighbours(digits: str, data: st.DataObject) -> None:
    number = digits + damm(digits)
    assert damm(number) == "0"
    place = data.draw(st.integers(0, len(number) - 2))
    wrong = number[:place] + str((int(number[place]) + data.draw(st.integers(1, 9))) % 10) + number[place + 1 :]
    assert damm(wrong) != "0"
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or damm(swapped) != "0"


@pytest.mark.parametrize("number", ["4111111111111111", "5500000000000004", "79927398713", "1000000008", "00"])
def test_luhn_accepts(number: str) -> None:
    assert luhn_ok(number)


@pytest.mark.parametrize("number", ["4111111111111112", "", "0", "4111-1111", "٤١١١", "a1"])
def test_luhn_refuses(number: str) -> None:
    assert not luhn_ok(number)


@pytest.mark.parametrize(
    "iban",
    [
        "SA0380000000608010167519",
        "SA03 8000 0000 6080 1016 7519",
        "sa03-8000-0000-6080-1016-7519",
        "SA٠٣٨٠٠٠٠٠٠٠٦٠٨٠١٠١٦٧٥١٩",
        "AE070331234567890123456",
        "EG380019000500000000263180002",
        "KW81CBKU0000000000001234560101",
        "GB29NWBK60161331926819",
    ],
)
def test_iban_accepts(iban: str) -> None:
    assert iban_ok(iban)


@pytest.mark.parametrize(
    "iban", ["SA0380000000608010167518", "SA038000000060801016751", "XX0380000000608010167519", "", "SA"]
)
def test_iban_refuses(iban: str) -> None:
    assert not iban_ok(iban)
