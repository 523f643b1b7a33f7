import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.contacts import find_emails, find_phones, read_contact
from bot.language.digits import arabic_indic
from tests.language.cases import cases

REGIONS = ("SA", "EG", "AE", "JO", "IQ", "SY", "PS", "YE", "SD", "LY", "LB", "MA", "DZ", "KW", "QA", "BH", "OM", "TN", "MR")


@pytest.mark.parametrize(("text", "region", "found", "read"), cases("contacts"))
def test_contacts(text: str, region: str, found: str, read: str) -> None:
    ways = sorted([*find_phones(text, region), *find_emails(text)], key=lambda one: one.start)
    assert " ".join(one.value for one in ways) == found.removeprefix("-")
    assert all(text[one.start : one.end] == one.text for one in ways)
    assert (read_contact(text, region) or "-") == (found.split()[0] if read == "=" else read)


@pytest.mark.parametrize("region", REGIONS)
def test_the_example_number_of_every_region_is_read_in_every_way(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert number is not None
    e164, international, national = (
        phonenumbers.format_number(number, form)
        for form in (
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.NATIONAL,
        )
    )
    for text in (e164, international, national, f"00{e164[1:]}", f"رقمي{arabic_indic(e164)}شكرا"):
        assert [one.value for one in find_phones(text, region)] == [e164], text


@given(st.from_regex(r"05[0345689][0-9]{7}", fullmatch=True), st.sampled_from(["", " ", "-", "."]))
def test_saudi_mobiles_with_any_separator(number: str, gap: str) -> None:
    text = f"كلموني{number[:3]}{gap}{number[3:6]}{gap}{number[6:]}الان"
    (found,) = find_phones(text)
    assert found.value == "+966" + number[1:]
    assert text[found.start : found.end] == found.text


def test_an_unknown_region_is_an_error() -> None:
    with pytest.raises(ValueError, match="'XX' is no region"):
        find_phones("0551234567", "XX")
