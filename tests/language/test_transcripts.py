"""Transcripts, tables and encodings of other people's files."""

import csv

import pytest

from bot.language.encodings import decode
from bot.language.sheets import read_sheet
from bot.language.transcripts import NobodyKnown, said_by_shoppers

TEXT = "النص;التصنيف\nطلبي تأخر؛ كثير;late_delivery\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_a_text_is_read_in_whatever_encoding_it_was_written(encoding: str) -> None:
    assert (decode(TEXT.encode(encoding)) or "").lstrip("\ufeff") == TEXT


@pytest.mark.parametrize("content", [b"\0\x01\x02", b"PK\x03\x04\0\0\xff" * 40, b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_has_no_encoding(content: bytes) -> None:
    assert decode(content) is None


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"") == ""
    assert read_sheet("") == []
    assert said_by_shoppers("\n \n") == []


@pytest.mark.parametrize(
    "content",
    [
        "text,label\nطلبي تأخر,late\n\nهلا,\n",
        "label;text\nlate;طلبي تأخر\n\n;هلا\n",
        "النص\tالتصنيف\nطلبي تأخر\tlate\n\nهلا\t\n",
        "النّصّ , القصد\nطلبي تأخر,late\n\nهلا\n",
        "ID,Text,Intent,note\n1,طلبي تأخر,late,x\n\n2,هلا\n",
        '"text";"label"\n"طلبي تأخر";late\n\n"هلا";""\n',
        "text,label\r\nطلبي تأخر,late\r\n\r\nهلا,\r\n",
    ],
)
def test_heads_and_separators_are_found_out(content: str) -> None:
    assert [(row.line, row.text, row.label) for row in read_sheet(content)] == [(2, "طلبي تأخر", "late"), (4, "هلا", "")]


def test_without_heads_the_first_column_is_the_text() -> None:
    assert [(row.line, row.text, row.label) for row in read_sheet("هلا,greet\nطلبي تأخر")] == [
        (1, "هلا", "greet"), (2, "طلبي تأخر", ""),
    ]  # fmt: skip


def test_columns_headed_by_entities_hold_their_words_and_a_line_in_quotes_counts() -> None:
    rows = read_sheet('text,label,product,رقم الطلب\n"سطر\nثان",x,سطر|ثان,\nآخر,x,,7\n')
    assert [(row.line, row.text, row.values) for row in rows] == [
        (2, "سطر\nثان", [("product", "سطر"), ("product", "ثان")]), (4, "آخر", [("order_number", "7")]),
    ]  # fmt: skip


def test_a_broken_table_is_an_error() -> None:
    with pytest.raises(csv.Error):
        read_sheet('text\n"open')


SPOKEN = [
    ("الشاكي: طلبي تأخر\nالموظف: أهلا\nالشاكي: وين طلبي", "", [(1, "طلبي تأخر"), (3, "وين طلبي")]),
    ("user: hi\nbot: hello\nUser : where\nis it", "", [(1, "hi"), (3, "where is it")]),
    ("shopper: السعر: كم؟\nagent: ٥", "", [(1, "السعر: كم؟")]),
    ("الشاكي: عندي مشكلة\nالمشكلة: الشاشة مكسورة\nالموظف: تم", "", [(1, "عندي مشكلة المشكلة: الشاشة مكسورة")]),
    ("طلبي تأخر\nالمشكلة: الشاشة مكسورة\n\nهلا", "", [(1, "طلبي تأخر"), (2, "المشكلة: الشاشة مكسورة"), (4, "هلا")]),
    ("منى: طلبي تأخر\nموظف: تم\nمنى: شكرا", "منى", [(1, "طلبي تأخر"), (3, "شكرا")]),
    (
        "[12/3/2026, 10:04] منى: طلبي تأخر\nكثير\n[12/3/2026, 10:05] سارة: أهلا\n[12/3/2026, 10:06] منى: <Media omitted>",
        "منى", [(1, "طلبي تأخر كثير")],
    ),
    (
        "\u200f١٢/٣/٢٠٢٦، ١٠:٠٤ ص - الرسائل مشفرة\n\u200f١٢/٣/٢٠٢٦، ١٠:٠٤ ص - منى: رقم الطلب: ٧\n"
        "\u200f١٢/٣/٢٠٢٦، ١٠:٠٥ م - سارة: أهلا",
        "منى", [(2, "رقم الطلب: ٧")],
    ),
    ("[12/03/26, 10:04:11 PM] العميل: هلا\n[12/03/26, 10:04:12 PM] سارة: هلا", "", [(1, "هلا")]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "shopper", "said"), SPOKEN)
def test_shoppers_lines_alone_are_taken(content: str, shopper: str, said: list[tuple[int, str]]) -> None:
    assert [(one.line, one.text) for one in said_by_shoppers(content, shopper)] == said


@pytest.mark.parametrize(("content", "shopper"), [("[1/2/2026, 10:04] منى: هلا", ""), ("الموظف: هلا\nالشاكي: هلا", "منى")])
def test_speakers_none_of_whom_is_known_for_a_shopper_are_named(content: str, shopper: str) -> None:
    with pytest.raises(NobodyKnown) as unclear:
        said_by_shoppers(content, shopper)
    assert unclear.value.speakers


def test_a_flood_is_read_in_time() -> None:
    assert len(said_by_shoppers("[1/2/2026, 10:04] user: هلا\n" * 20_000)) == 20_000
    assert len(said_by_shoppers(":" * 100_000 + "\n" + "1/" * 50_000)) == 2
