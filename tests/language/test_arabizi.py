"""Arabic in Latin letters, and what must not be taken for it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.arabizi import LONGEST, arabic
from bot.language.dialect import canonical
from bot.language.rows import rows
from bot.language.spelling import fold
from tests.language.cases import cases
from tests.language.texts import any_text
from tests.pace import seconds_here

FOREIGN = [
    "account",
    "address",
    "again",
    "agent",
    "amazing",
    "angry",
    "answer",
    "arrived",
    "bad",
    "bank",
    "because",
    "box",
    "branch",
    "broken",
    "bye",
    "call",
    "can",
    "cash",
    "chat",
    "cheap",
    "closed",
    "company",
    "complaint",
    "confirm",
    "contact",
    "copy",
    "customer",
    "damaged",
    "day",
    "delay",
    "delete",
    "delivery",
    "different",
    "discount",
    "driver",
    "email",
    "escalate",
    "exchange",
    "expired",
    "fake",
    "fee",
    "help",
    "how",
    "hour",
    "invoice",
    "issue",
    "item",
    "last",
    "late",
    "link",
    "location",
    "lost",
    "machine",
    "manager",
    "message",
    "missing",
    "mistake",
    "mobile",
    "money",
    "need",
    "never",
    "new",
    "not",
    "number",
    "offer",
    "old",
    "online",
    "open",
    "order",
    "original",
    "package",
    "page",
    "payment",
    "phone",
    "please",
    "policy",
    "price",
    "problem",
    "product",
    "profile",
    "promo",
    "quality",
    "receive",
    "refund",
    "replace",
    "reply",
    "response",
    "return",
    "review",
    "scam",
    "screenshot",
    "seller",
    "service",
    "shipping",
    "size",
    "slow",
    "sorry",
    "stock",
    "stop",
    "store",
    "supervisor",
    "support",
    "thanks",
    "ticket",
    "today",
    "tracking",
    "update",
    "used",
    "very",
    "video",
    "wait",
    "warranty",
    "website",
    "when",
    "where",
    "worst",
    "wrong",
    "your",
    "zero",
    "livraison",
    "commande",
    "merci",
    "bonjour",
    "pas",
    "paiement",
    "remboursement",
    "facture",
    "colis",
    "livreur",
    "vendeur",
    "amazon",
    "noon",
    "iphone",
    "samsung",
    "aramex",
    "whatsapp",
    "instagram",
    "netflix",
    "playstation",
]


@pytest.mark.parametrize(("variety", "latin", "word"), cases("arabizi"))
def test_a_word_in_latin_letters_is_the_arabic_one(variety: str, latin: str, word: str) -> None:
    read = arabic(latin)
    assert read is not None
    assert canonical(read) == canonical(word)


@pytest.mark.parametrize("word", FOREIGN)
def test_english_french_and_brands_are_no_arabic(word: str) -> None:
    assert arabic(word) is None
    assert arabic(word.upper()) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "12345",
        "sh70419",
        "64gb",
        "ABC123",
        "a1b2",
        "طلبي",
        "3",
        "xl",
        "http",
        "user@",
        "fahad88",
        "b2b4c",
        "a" * 40,
    ],
)
def test_codes_and_what_is_no_latin_word_are_none(text: str) -> None:
    assert arabic(text) is None


@pytest.mark.parametrize(
    ("latin", "skeleton"),
    [
        ("tabreer", "تبرير"),
        ("noor", "نور"),
        ("dabdoob", "دبدوب"),
        ("khashmi", "خشمي"),
        ("6aboor", "طبور"),
    ],
)
def test_an_unknown_word_is_written_letter_by_letter(latin: str, skeleton: str) -> None:
    assert arabic(latin) == skeleton


@pytest.mark.parametrize(
    ("one", "other"), [("3AYEZ", "3ayez"), ("Shakwa", "shakwa"), ("talabiii", "talabi"), ("ktiiiir", "ktir")]
)
def test_case_and_stretching_do_not_matter(one: str, other: str) -> None:
    assert arabic(one) == arabic(other)


def test_the_words_that_are_no_arabic_are_plain_latin_and_listed_once() -> None:
    words = [row["word"] for row in rows("english")]
    assert len(set(words)) == len(words)
    assert all(word.isascii() and word == fold(word) for word in words)
    assert {row["language"] for row in rows("english")} == {"english", "french", "brand"}
    assert not {"law", "men", "bas", "kan", "fi", "ana", "3ayez"} & set(words)


@given(any_text | st.text("abcdefghijklmnopqrstuvwxyz23456789' ", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    read = arabic(text)
    assert read is None or (read and fold(read) == read and arabic(read) is None)


@given(st.text("abdeghiklmnorstuwy2357", min_size=LONGEST, max_size=LONGEST))
def test_the_longest_words_are_read_at_once(word: str) -> None:
    started = time.thread_time()
    arabic(word)
    took = time.thread_time() - started
    assert took < 0.1 or took < seconds_here(0.1)  # the machine's pace is asked for only where it matters
