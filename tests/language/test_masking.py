"""What tells who wrote a text is replaced by something of its kind; look-alikes stay. Numbers here are made up or public."""

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.language import contacts, masking, orders
from bot.language.digits import arabic_indic
from bot.language.masking import mask
from bot.language.plain import plain
from tests.language.texts import any_text, arabic_text, shoppers_text

PATTERN, EXAMPLE = r"\d{3}-\d{7}-\d{7}|[A-Z]{0,3}\d{5,10}", "405-1234567-1234567"


def kinds(text: str) -> list[str]:
    return [one.kind for one in mask(text, PATTERN, EXAMPLE)[1]]


PRIVATE = [
    ("phone", ["0501234567", "050 123 4567", "050-123-4567", "+966501234567", "+966 50 123 4567", "00966501234567"]),
    ("email", ["mona@example.org", "Mona.A+1@shop.co.uk", "m_a@x.sa"]),
    ("iban", ["SA4420000001234567891234", "SA44 2000 0001 2345 6789 1234", "GB82WEST12345698765432"]),
    ("card", ["4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005"]),
    ("identity", ["1098765432", "2345678901"]),
    ("complaint_number", ["SH-48210-77301-9154"]),
    ("order_number", ["771-7654321-7654321"]),
]


@pytest.mark.parametrize("carrier", ["{}", "رقمي {} وشكرًا", "اتصلوا على {}", "({})", "«{}»، لو سمحتم", "هذا:{}"])
@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in PRIVATE for value in values])
def test_private_values_go_and_something_of_their_kind_stays(kind: str, value: str, carrier: str) -> None:
    text = carrier.format(value)
    masked, replaced = mask(text, PATTERN, EXAMPLE)
    assert value not in masked
    assert [one.kind for one in replaced] == [kind]
    assert kinds(masked) == [kind]


@pytest.mark.parametrize("value", ["0501234567", "1098765432", "771-7654321-7654321", "4242424242424242"])
def test_in_arabic_digits_the_stand_in_is_in_arabic_digits(value: str) -> None:
    masked, [replaced] = mask(f"رقمي {arabic_indic(value)} وشكرًا", PATTERN, EXAMPLE)
    assert replaced.stand_in == arabic_indic(replaced.stand_in)
    assert arabic_indic(value) not in masked


@pytest.mark.parametrize(
    "text",
    [
        "اشتريت آيفون 15 برو ماكس بسعر 3500 ريال", "وصلني بعد 14 يوم", "المقاس 42 واللون أسود", "خصم 25% وطلع 99.95",
        "من 12/11/2026 إلى 20/11/2026", "الساعة 10:30", "الحجم 500 مل", "كلمتهم 3 مرات", "شاشة 4K 55 بوصة",
        "ضمان 24 شهر", "باقي 2 من 10", "العنوان غير واضح عندكم", "1445/05/12", "٤ حبات بـ ١٢٠ ريال", "رقم المقاس ٣٨",
        "4242 ريال", "@shop رد علي", "السعر 1,299.00", "موديل WH-1000XM5", "20 kg",
    ],
)  # fmt: skip
def test_look_alikes_stay(text: str) -> None:
    assert mask(text, PATTERN, EXAMPLE) == (text, [])


def test_several_values_are_each_replaced_where_they_stand() -> None:
    masked, replaced = mask("جوالي 0501234567 وبريدي a@b.sa وطلبي 771-7654321-7654321", PATTERN, EXAMPLE)
    assert masked == "جوالي 0500000000 وبريدي name@example.com وطلبي 405-1234567-1234567"
    assert [one.kind for one in replaced] == ["phone", "email", "order_number"]


def test_a_name_in_an_introduction_is_replaced() -> None:
    masked, _ = mask("معك نورة العتيبي، طلبي تأخر", PATTERN, EXAMPLE)
    assert "نورة" not in masked
    assert "طلبي تأخر" in masked


def test_masking_again_changes_nothing() -> None:
    text = "جوالي 0501234567، ايبان SA4420000001234567891234، بطاقة 4242 4242 4242 4242"
    once, _ = mask(text, PATTERN, EXAMPLE)
    assert mask(once, PATTERN, EXAMPLE)[0] == once


ALWAYS = re.compile("")
CHECKED_FIRST = (
    (masking, "_FIGURE", ALWAYS), (orders, "_FIGURE", ALWAYS), (orders, "_FOUR_FIGURES", ALWAYS),
    (orders, "_FIVE_FIGURES", ALWAYS), (orders, "_SMALL", ALWAYS), (contacts, "_AT_SIGNS", frozenset(map(chr, range(0x110000)))),
)  # fmt: skip
"""What is asked of a text before the patterns that take long are tried, and what would always say yes."""
dense = st.text(
    "0123456789\u0660\u0661\u0662\u06f3\u0967\u00b2\u2460\u3362\u33fe\u33a1\uff11\uff20@#+-\u2013\u0640/.: ()SHshab\u0634\u064b\u200f",
    max_size=30,
)
"""Figures of all sets, what folds to figures, and what stands between them."""
beside_words = st.lists(
    st.sampled_from(["رقم الطلب", "طلب", "شكوى رقم", "رقم الشكوى", "order", "جوال", " ", ": "]) | dense, max_size=6
)


@given(any_text | arabic_text | shoppers_text | dense | beside_words.map("".join))
@example("#12㍢").via("two figures and a squared one make four in a row")
@example("رقم الطلب ㎡㍢4")
@example("شكوى رقم 1٢३4")
@example("mona＠example.org")
@example("sh 48210 77301 9154")
def test_what_is_checked_first_changes_nothing(text: str) -> None:
    quickly = mask(text + " ", PATTERN, EXAMPLE)
    with pytest.MonkeyPatch.context() as patch:
        for module, name, always in CHECKED_FIRST:
            patch.setattr(module, name, always)
        for remembered in (orders._typed, orders._tight):
            remembered.cache_clear()
        assert mask(text + " ", PATTERN, EXAMPLE) == quickly


def test_no_two_characters_fold_to_four_figures_in_a_row() -> None:
    """On which the check for three of them in orders rests: nothing else folds to a figure, and what does not to three."""
    every = {char: plain(char).text for char in map(chr, range(sys.maxunicode + 1))}
    folding = {char: folded for char, folded in every.items() if re.search("[0-9]", folded)}
    assert [char for char in folding if not orders._FIGURE.fullmatch(char)] == []
    begins = max(len(re.match("[0-9]*", folded)[0]) for folded in folding.values())  # type: ignore[index]
    ends = max(len(re.search("[0-9]*$", folded)[0]) for folded in folding.values())  # type: ignore[index]
    assert begins + ends < 4
    assert all(len(re.findall("[0-9]", folded)) < 4 for folded in folding.values())
