import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.spelling import clean, fold
from tests.language.cases import cases
from tests.language.texts import any_text, arabic_text
from tests.pace import seconds_here

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(("text", "cleaned"), cases("cleaned"))
def test_clean_gives_the_documented_normal_form(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(("one", "other"), cases("folded"))
def test_two_spellings_of_a_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), cases("apart"))
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(any_text | arabic_text)
def test_both_forms_are_reached_in_one_step(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


@given(any_text | arabic_text)
def test_folding_does_not_depend_on_cleaning_first(text: str) -> None:
    assert fold(clean(text)) == fold(text)
    assert clean(fold(text)) == fold(text)


@given(any_text)
def test_a_cleaned_text_holds_nothing_that_breaks_a_file_or_a_line(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set(BIDI + "\u200b\u200c\u2028\u2029\u0085\ufeff\ufffe\uffff\r\t\0")
    assert not any(unicodedata.category(char) == "Cc" for char in cleaned if char != "\n")
    assert cleaned == cleaned.strip()


@given(st.text(st.sampled_from("بم\u064e\u0651\u0301\u0316 a\n!😀"), max_size=60))
def test_floods_of_marks_spaces_and_one_character_are_cut(text: str) -> None:
    cleaned = clean(text)
    run = mark_run = 0
    last = ""
    for char in cleaned:
        run = run + 1 if char == last else 1
        mark_run = mark_run + 1 if unicodedata.category(char).startswith("M") else 0
        last = char
        assert run <= 12
        assert mark_run <= 2
    assert "  " not in cleaned
    assert "\n\n\n" not in cleaned


@given(arabic_text)
def test_folding_keeps_the_number_of_digits(text: str) -> None:
    short = text[:12]
    assert sum(map(str.isdecimal, fold(short))) == sum(map(str.isdecimal, short))


def test_alternating_marks_do_not_take_quadratic_time() -> None:
    """NFC sorts marks by insertion: 100 kB of two alternating ones took it seconds."""
    started = time.process_time()
    assert len(clean("ب" + "\u0301\u0316" * 25_000)) <= 3
    assert time.process_time() - started < seconds_here(0.25)
