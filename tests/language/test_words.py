"""Our tokens against those of CAMeL, which takes seconds to import: only here."""

import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from bot.language.charsets import of_categories
from bot.language.words import Word, emoji, words
from tests.language.cases import cases
from tests.language.emoji_table import TABLE, table
from tests.language.texts import PICTURES, any_text, arabic_text

Tokenize = Callable[[str], list[str]]
SENTENCE = "السلام عليكم طلبي رقم 12345 ما وصل الى الان وش السالفه !!"


@pytest.fixture(scope="module")
def camel() -> Tokenize:
    from camel_tools.tokenizers.word import simple_word_tokenize

    return simple_word_tokenize


def sentences() -> list[str]:
    return [row[0] for table in ("dates", "orders", "contacts", "remedies", "cleaned") for row in cases(table)]


def test_production_code_never_loads_camel() -> None:
    """In a process of its own, for others' tests may have loaded it here."""
    check = "import sys, bot.language.words as w; w.words('a'); sys.exit('camel_tools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_offsets_are_true() -> None:
    assert words("طلبي، رقم 12!") == [
        Word("طلبي", 0, 4), Word("،", 4, 5), Word("رقم", 6, 9), Word("12", 10, 12), Word("!", 12, 13),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t", []),
        ("👨‍👩‍👧", ["👨‍👩‍👧"]),
        ("🇸🇦🇪🇬", ["🇸🇦", "🇪🇬"]),
        ("5️⃣", ["5️⃣"]),
        ("a5️⃣", ["a5️⃣"]),
        ("مُتَأَخِّر!!", ["مُتَأَخِّر", "!", "!"]),
        ("405-123", ["405", "-", "123"]),
        ("a\u200bb", ["a", "b"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert [word.text for word in words(text)] == tokens


@given(any_text | arabic_text)
def test_each_word_is_where_it_says(text: str) -> None:
    place = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert place <= word.start < word.end
        place = word.end


@settings(max_examples=400, deadline=None)
@given(text=any_text | arabic_text)
def test_tokens_equal_camels(camel: Tokenize, text: str) -> None:
    assert [word.text for word in words(text)] == camel(text)


def test_tokens_equal_camels_on_what_shoppers_write(camel: Tokenize) -> None:
    for text in sentences():
        assert [word.text for word in words(text)] == camel(text)


def test_tokens_equal_camels_on_all_pairs_of_pictures(camel: Tokenize) -> None:
    text = " ".join(one + other for one in PICTURES for other in (*PICTURES, "a", "5", "م"))
    assert [word.text for word in words(text)] == camel(text)


def test_the_emoji_table_is_camels(camel: Tokenize) -> None:
    from camel_tools.utils.charsets import EMOJI_MULTICHAR_CHARSET

    assert {first + then for first, tails in emoji().items() for then in tails} == EMOJI_MULTICHAR_CHARSET
    assert table(EMOJI_MULTICHAR_CHARSET) == TABLE.read_text("utf-8")


def test_no_character_is_missed_by_the_planes_that_are_searched() -> None:
    """The classes are collected from six planes of seventeen: nothing of theirs may stand outside."""
    outside = [*range(0x40000, 0xE0000), *range(0xE1000, 0x110000)]
    assert {unicodedata.category(chr(code))[0] for code in outside} <= {"C"}
    assert of_categories("L", plane=0) in of_categories("L")


def test_it_is_a_hundred_times_as_fast_as_camel(camel: Tokenize) -> None:
    ours = min(_seconds(lambda: words(SENTENCE), 300) for _ in range(5)) / 300
    theirs = min(_seconds(lambda: camel(SENTENCE), 2) for _ in range(5)) / 2
    assert theirs / ours > 60  # measured 120-160; half of that leaves room for a busy machine


def _seconds(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - started
