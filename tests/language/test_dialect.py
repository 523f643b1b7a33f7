"""Dialect words against the form that stands for them, and the laws of the table."""

import pytest
from hypothesis import given

from bot.language.dialect import LONGEST, canonical
from bot.language.rows import rows
from bot.language.spelling import fold
from tests.language.cases import cases
from tests.language.texts import any_text, arabic_text

VARIETIES = {"gulf", "egyptian", "levantine", "iraqi", "maghrebi", "msa"}
PARTS_OF_SPEECH = {
    "question", "negation", "pronoun", "demonstrative", "particle", "possession", "verb", "adverb", "adjective", "noun",
}  # fmt: skip


@pytest.mark.parametrize(("variety", "word", "form"), cases("dialect"))
def test_a_dialect_word_has_the_form_that_all_share(variety: str, word: str, form: str) -> None:
    assert variety in VARIETIES
    assert canonical(word) == form


@pytest.mark.parametrize(
    "words",
    [
        ("وش", "ايه", "شو", "شنو", "اشنو", "ماذا"),
        ("الحين", "دلوقتي", "هلق", "هسه", "دابا", "الآن"),
        ("وايد", "اوي", "كتير", "هواية", "بزاف", "جدا"),
        ("حقكم", "بتاعكم", "تبعكم", "مالتكم", "ديالكم"),
        ("أبغى", "عايز", "بدي", "اريد", "بغيت", "أرغب"),
        ("طرشت", "دزيت", "صيفطت", "ارسلت"),
        ("ماحد", "محدش", "محد"),
        ("مندوب", "طيار", "شوفير", "سايق", "ليفرور", "سائق"),
        ("بيوصل", "هيوصل", "حيوصل", "كيوصل", "غيوصل", "ديوصل", "يوصل"),
    ],
)
def test_one_meaning_in_all_varieties_is_one_word(words: tuple[str, ...]) -> None:
    assert len(set(map(canonical, words))) == 1


@pytest.mark.parametrize(
    "word",
    [
        "بيت", "بنك", "بيانات", "كتاب", "كيلو", "حياة", "هيئة", "معاش", "مدهش", "عطش", "فاتورة", "محفظة", "بطارية", "دينار",
        "كهرباء", "حليب", "ورقة", "مدرسة", "بلاستيك", "دقيقة", "12345", "!", "iPhone",
    ],
)  # fmt: skip
def test_a_word_that_only_looks_like_one_with_something_on_its_front_stays(word: str) -> None:
    assert canonical(word) == fold(word)


def test_the_shared_form_of_every_listed_word_is_final() -> None:
    for row in rows("dialect"):
        form = canonical(row["surface"])
        assert form == fold(row["canonical"]), row
        assert canonical(form) == form, row


def test_a_surface_is_listed_once_and_says_where_it_is_from() -> None:
    surfaces = [fold(row["surface"]) for row in rows("dialect")]
    assert len(set(surfaces)) == len(surfaces) > 1300
    assert all(" " not in surface for surface in surfaces)
    assert {row["variety"] for row in rows("dialect")} == VARIETIES | {"several"}
    assert {row["pos"] for row in rows("dialect")} == PARTS_OF_SPEECH


@pytest.mark.parametrize("front", ["", "و", "ال", "بال", "ب", "ما", "م", "هي", "كي"])
@pytest.mark.parametrize("end", ["", "ي", "ها", "كم", "وا", "ش", "لي"])
def test_the_form_of_a_listed_word_with_anything_on_it_is_final(front: str, end: str) -> None:
    for row in rows("dialect")[::7]:
        form = canonical(front + row["surface"] + end)
        assert canonical(form) == form, row


@given(any_text | arabic_text)
def test_any_text_has_a_final_form(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(arabic_text)
def test_folding_first_changes_nothing(text: str) -> None:
    assert canonical(fold(text)) == canonical(text)


def test_a_word_too_long_to_be_one_is_left_alone() -> None:
    assert canonical("ب" + "طلب" * LONGEST) == "ب" + "طلب" * LONGEST
