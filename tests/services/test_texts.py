"""Texts as shoppers and others send them: kept in one documented form, or refused for a reason with a name."""

import pytest

from bot.domain.conversation import MAX_TEXT
from bot.domain.errors import NotText, Refused, TextEmpty, TextTooLong
from bot.language.spelling import clean
from bot.services.chat import checked
from tests.builders import Talk


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", TextEmpty),
        (" \n\t\r\n ", TextEmpty),
        ("\u200b\u200c\u200d\u2060\ufeff", TextEmpty),
        ("\u202e\u2066\u2069\u200f\u061c", TextEmpty),
        ("\u200b" * MAX_TEXT, TextEmpty),
        ("\x00", NotText),
        ("\x00\x01\x02 PK\x03\x04", NotText),
        ("\ud83d", NotText),
        ("\ud800" * 10 + "طلبي", NotText),
        ("\ue000\ue001\ue002", NotText),
        ("ا" * (MAX_TEXT + 1), TextTooLong),
        ("\u200b" * (MAX_TEXT + 1), TextTooLong),
        ("ا" * 1_000_000, TextTooLong),
        ("\x00" * 1_000_000, TextTooLong),
    ],
    ids=lambda value: ascii(value)[:30] if isinstance(value, str) else value.code,
)
def test_what_is_no_message_is_refused_and_not_stored(talk: Talk, text: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        talk.say(text)
    assert talk.texts() == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("طلبي تأخر", "طلبي تأخر"),
        ("  طلبي \t تأخر\r\nجدًا  ", "طلبي تأخر\nجدًا"),
        ("طلبي\u202e رقم\u2066 12345\u2069 تأخر", "طلبي رقم 12345 تأخر"),
        ("\u200fطلبي\u200b تأخر\u200c\ufeff", "طلبي تأخر"),
        ("طلبي\x00 تأخر", "طلبي تأخر"),
        ("طلبي تأخر \ud83d", "طلبي تأخر"),
        ("وصل \ud83d\ude00 أخيرًا", "وصل 😀 أخيرًا"),
        ("عائلة 👨‍👩‍👧", "عائلة 👨‍👩‍👧"),
        ("سطر\u2028آخر\u0085وآخر", "سطر\nآخر\nوآخر"),
        ("وي" + "ن" * 40 + " الطلب", "وي" + "ن" * 12 + " الطلب"),
        ("<b>{{7*7}}</b> {slot} '; DROP TABLE message; --", "<b>{{7*7}}</b> {slot} '; DROP TABLE message; --"),
        ('/inform{"order_number": "1"}', '/inform{"order_number": "1"}'),
        ("؟", "؟"),
        ("٤٠٥-١٢٣٤٥٦٧", "٤٠٥-١٢٣٤٥٦٧"),
        ("😀" * 12, "😀" * 12),
    ],
)
def test_a_text_comes_back_in_its_documented_form(talk: Talk, text: str, kept: str) -> None:
    assert talk.say(text).text == kept
    assert talk.texts() == [kept]


def test_the_longest_message_is_kept_whole() -> None:
    text = ("كلمة " * MAX_TEXT)[: MAX_TEXT - 1] + "."
    assert len(checked(text)) == MAX_TEXT


def test_what_is_stored_is_in_its_own_stored_form() -> None:
    text = "طلبي\u202e رقم\u2066 ١٢٣\u2069 \r\n تأخررررررررررررررررررررر"
    assert clean(checked(text)) == checked(text)


@pytest.mark.parametrize(
    "text", ["/restart", "/inform{}", " /restart", "//", "/", "／restart", "\u200e/restart", "\u2066/x"], ids=ascii
)
def test_typed_text_with_a_slash_stays_text(talk: Talk, text: str) -> None:
    talk.say(text)
    job = talk.turns.claim(talk.id)
    assert job is not None
    assert (job.payload, job.text) == (None, clean(text))
