"""The variety a sentence is guessed to be in, and how often the guess is right where that is known."""

import pytest

from bot.engine.questions import read_questions
from bot.language.rows import rows
from bot.language.spelling import fold
from bot.language.variety import ARABIZI, DIALECTS, FOREIGN, MSA, UNMARKED, VARIETIES, variety_of
from bot.language.vocabulary import MOST, new_words, vocabulary_of
from bot.settings import ROOT
from tests.language.cases import cases


@pytest.mark.parametrize(("variety", "text"), cases("varieties"))
def test_a_sentence_is_in_its_variety(variety: str, text: str) -> None:
    assert variety in VARIETIES
    assert variety_of(text) == variety


def test_every_variety_has_sentences() -> None:
    assert {variety for variety, _ in cases("varieties")} == set(VARIETIES)


@pytest.mark.parametrize("text", ["", "   ", "؟؟!!", "👍", "405-1234567", "١٢٣", "ً"])
def test_what_has_no_words_is_unmarked(text: str) -> None:
    assert variety_of(text) == UNMARKED


def test_spelling_and_a_flood_change_nothing() -> None:
    assert variety_of("وين طلبي الحيـــن") == variety_of("وين طلبي الحينننن") == "gulf"
    assert variety_of("الحين " * 300) == "gulf"


def test_of_unseen_questions_two_thirds_are_guessed_and_one_in_twenty_wrongly() -> None:
    asked = [(one.variety, variety_of(one.text)) for one in read_questions(ROOT / "tests/heldout/questions.yml")]
    written = [(true, guess) for true, guess in asked if guess not in (ARABIZI, FOREIGN)]
    right = sum(true == guess for true, guess in written) / len(written)
    wrong = sum(guess not in (true, UNMARKED) for true, guess in written) / len(written)
    assert right >= 0.66
    assert wrong <= 0.06


def test_the_table_of_words_is_folded_and_names_varieties() -> None:
    listed = rows("varieties")
    assert all(one["word"] == fold(one["word"]) for one in listed)
    assert {one["variety"] for one in listed} <= {*DIALECTS, MSA, "several"}
    assert len({one["word"] for one in listed}) == len(listed)


KNOWN = vocabulary_of(["وين الطلب", "أبغى أرجع الكنبة", "delivery late"])


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("وين طلب", []),
        ("الطلبـ والكنبة", []),
        ("أبغى ارجع كنبه", []),
        ("عايز ارجع الكنبة", []),  # another dialect's word for one that is known
        ("وين الطرابيزة", ["الطرابيزه"]),
        ("الطرابيزة الطرابيزه", ["الطرابيزه"]),
        ("وين 405-1234567 و x 😀 !!", []),
        ("وين mona.mansouri@example.org https://shop.example/path", []),
    ],
)
def test_a_word_is_new_if_none_of_its_forms_is_known(text: str, new: list[str]) -> None:
    assert new_words(text, KNOWN) == new


def test_of_one_text_so_many_are_named() -> None:
    text = " ".join(f"طر{one}{other}ابيزه" for one in "بتثجحخ" for other in "دذرزسش")
    assert len(new_words(text, KNOWN)) == MOST
