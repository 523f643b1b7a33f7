"""What all finders owe: true offsets, no overlaps, and time that grows with the text only."""

import datetime
from collections.abc import Callable

import pytest
from hypothesis import given

from bot.language import amounts, bare, contacts, dates, numbers, orders, plain, remedies
from bot.language.found import Found, longest_first, outside
from tests.language.texts import any_text, shoppers_text

TODAY = datetime.date(2026, 11, 22)
PATTERN = r"\d{3}-\d{7}-\d{7}|[A-Z]{0,3}\d{5,12}"
FINDERS: dict[str, Callable[[str], list[Found]]] = {
    "amounts": amounts.find_amounts,
    "complaint_numbers": orders.find_complaint_numbers,
    "dates": lambda text: dates.find_dates(text, TODAY),
    "emails": contacts.find_emails,
    "numbers": numbers.find_numbers,
    "order_numbers": lambda text: orders.find_order_numbers(text, PATTERN),
    "phones": contacts.find_phones,
    "remedies": remedies.find_remedies,
}


@pytest.mark.parametrize("name", FINDERS)
@given(text=shoppers_text | any_text)
def test_offsets_are_true_and_nothing_overlaps(name: str, text: str) -> None:
    place = 0
    for found in FINDERS[name](text):
        assert text[found.start : found.end] == found.text
        assert place <= found.start < found.end
        assert found.value
        place = found.end


@given(shoppers_text | any_text)
def test_readers_take_any_text(text: str) -> None:
    answer = dates.read_past_date(text, TODAY)
    assert isinstance(answer, dates.DateProblem) or answer <= TODAY
    number = orders.read_order_number(text, PATTERN)
    assert number is None or len(number) >= 4
    contacts.read_contact(text)


@given(any_text | shoppers_text)
def test_folded_text_knows_where_it_came_from(text: str) -> None:
    for form in (plain.plain(text), bare.bare(text)):
        assert len(form.text) == len(form.starts) == len(form.ends)
        assert list(form.starts) == sorted(form.starts)
        assert all(0 <= start < end <= len(text) for start, end in zip(form.starts, form.ends, strict=True))


def test_the_longest_of_overlapping_claims_is_kept_and_the_order_restored() -> None:
    short, long, behind = Found(0, 3, "abc", "1"), Found(2, 8, "cdefgh", "2"), Found(8, 9, "i", "3")
    assert longest_first([behind, short, long]) == [long, behind]
    assert longest_first([Found(0, 9, "", "a"), Found(3, 4, "", "b")]) == [Found(0, 9, "", "a")]
    assert outside([short, behind], [long]) == [behind]
