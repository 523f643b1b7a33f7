"""What the classifier counts: one form for a word however it is said and typed, quickly."""

import time

import pytest
from hypothesis import given

from bot.language.lemmas import lemma
from bot.language.rows import rows
from bot.language.spelling import fold
from bot.language.words import words
from tests.language.cases import cases
from tests.language.texts import any_text, shoppers_text
from tests.pace import seconds_here

MESSAGE = "السلام عليكم طلبت اوردر من اسبوع وللحين ماوصلنيش والمندوب ما يردش 3ayez a3raf fein el order bta3y please"
FLOODS = ("ب", "بيو", "ماش", "wal3", "shsh", "aeiou", "2a", "ا", "كتير ", "order ", "7")


@pytest.mark.parametrize(
    "tokens",
    [
        ("order", "orders", "اوردر", "أوردر", "طلبية", "commande", "كوموند", "طلب", "talab"),
        ("delivery", "ديليفري", "دليفري", "livraison", "توصيل", "tawseel", "taw9eel"),
        ("refund", "remboursement", "ريفند", "استرجاع", "استرداد"),
        ("cancel", "annulation", "كانسل", "إلغاء"),
        ("app", "application", "ابلكيشن", "تطبيق"),
        ("seller", "vendeur", "سيلر", "بياع", "بائع"),
        ("complaint", "كومبلين", "شكاية", "shakwa", "شكوى"),
        ("3ayez", "3ayz", "عايز", "abgha", "beddi", "bghit", "أريد"),
        ("wain", "fein", "وين", "فين", "أين"),
        ("kteer", "wayed", "bezzaf", "كتير", "جدا"),
        ("byrod", "بيرد", "كيرد", "هيرد"),
    ],
)
def test_one_word_in_every_variety_and_script_has_one_lemma(tokens: tuple[str, ...]) -> None:
    assert len(set(map(lemma, tokens))) == 1


@pytest.mark.parametrize("token", ["12345", "!", "؟", "👍🏽", "iphone", "sh70419", "quickly", "بنك", ""])
def test_what_has_no_shared_form_is_only_folded(token: str) -> None:
    assert lemma(token) == fold(token)


def test_a_shop_word_means_one_thing_in_whatever_script() -> None:
    surfaces = [fold(row["surface"]) for row in rows("codemixed")]
    assert len(set(surfaces)) == len(surfaces)
    for row in rows("codemixed"):
        assert lemma(row["surface"]) == lemma(row["canonical"]), row
        assert lemma(lemma(row["surface"])) == lemma(row["surface"]), row


@pytest.mark.parametrize("table", ["dialect", "arabizi"])
def test_lemmas_are_final(table: str) -> None:
    for row in cases(table):
        assert lemma(lemma(row[1])) == lemma(row[1])


@given(shoppers_text | any_text)
def test_any_token_has_a_final_lemma(text: str) -> None:
    for word in (text, *(word.text for word in words(text))):
        assert lemma(lemma(word)) == lemma(word)


def _seconds(token: str) -> float:
    started = time.thread_time()
    lemma(token)
    return time.thread_time() - started


@pytest.mark.parametrize("piece", FLOODS)
def test_a_flood_is_one_long_token_and_quick(piece: str) -> None:
    lemma(piece)
    flood = piece * (100_000 // len(piece.encode()))
    assert min(_seconds(flood) for _ in range(4)) < seconds_here(0.25)


def test_a_message_of_remembered_words_takes_a_moment() -> None:
    tokens = [word.text for word in words(MESSAGE)]
    for token in tokens:
        lemma(token)
    took = []
    for _ in range(20):
        started = time.thread_time()
        for token in tokens:
            lemma(token)
        took.append(time.thread_time() - started)
    assert min(took) < seconds_here(0.0003)
