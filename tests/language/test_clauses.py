"""A message is cut where something further begins, and nowhere inside a number, a date or an address."""

import pytest

from bot.language.clauses import clause_spans


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("الطلب تأخر أسبوع كامل وفوق هذا وصل الجهاز مكسور", ["الطلب تأخر أسبوع كامل", "وفوق هذا وصل الجهاز مكسور"]),
        ("الشاشة وصلت مكسورة، والمندوب كان وقح معي", ["الشاشة وصلت مكسورة،", "والمندوب كان وقح معي"]),
        ("طلبي رقم 405-1234567-1234567 ما وصل", ["طلبي رقم 405-1234567-1234567 ما وصل"]),
        ("دفعت 1,250.50 ريال يوم 3.10.2026 والطلب ملغي", ["دفعت 1,250.50 ريال يوم 3.10.2026 والطلب ملغي"]),
        ("راسلتكم على help@shop.example وما رديتوا", ["راسلتكم على help@shop.example وما رديتوا"]),
        ("لو سمحت، طلبي تأخر كثير", ["لو سمحت، طلبي تأخر كثير"]),
        ("", []),
        ("؟!", []),
    ],
)
def test_the_clauses_of_a_message(text: str, cut: list[str]) -> None:
    assert [text[start:end] for start, end in clause_spans(text)] == cut
