"""The encoder: what means the same lies close together, and no text makes it fail or take its time."""

import time

import numpy as np
import pytest

from bot.language.lemmas import lemma
from bot.language.words import words
from bot.nlu.encoder import BATCH, LONGEST, WIDTH, Wording, encoded, encoded_by_all_cores
from tests.pace import seconds_here


def wording(text: str) -> Wording:
    return [part for word in words(text) for part in lemma(word.text).split()], text


def test_each_message_has_a_vector_of_two_halves_of_length_one() -> None:
    vectors = encoded([wording("طلبي تأخر"), wording("كم مدة الضمان؟")])
    assert vectors.shape == (2, WIDTH)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(np.split(vectors, 2, axis=1), axis=2) == pytest.approx(1.0, abs=1e-4)


def test_no_messages_have_no_vectors() -> None:
    assert encoded([]).shape == (0, WIDTH)


def test_a_message_is_read_alone_as_it_is_among_others() -> None:
    messages = [wording(text) for text in ("طلبي تأخر كثير وما وصل", "شكرا", "المندوب كان وقح معي ورمى الكرتون")]
    together = encoded(messages)
    for message, vector in zip(messages, together, strict=True):
        assert encoded([message])[0] == pytest.approx(vector, abs=1e-4)


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 3])
def test_all_cores_say_in_the_same_order_what_one_says(count: int) -> None:
    messages: list[Wording] = [(["طلب", str(at)], f"طلب {at}") for at in range(count)]
    assert encoded_by_all_cores(messages) == pytest.approx(encoded(messages), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "alike", "other"),
    [
        ("الشحنة لم تصل بعد", "طردي للحين ما جاني", "أريد تغيير كلمة المرور"),
        ("السائق أهانني", "المندوب قل أدبه علي", "كم مدة الضمان"),
        ("خصمتم المبلغ مرتين", "سحبتوا مني الفلوس دبل", "الجهاز وصل مكسور"),
    ],
)
def test_what_means_the_same_in_other_words_lies_closer(text: str, alike: str, other: str) -> None:
    here, near, far = encoded([wording(one) for one in (text, alike, other)])
    assert here @ near > here @ far


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00\u200f", "😀" * 50, "ـ" * 50, "٣٣٣", "\u0651" * 50, "a\nb"])
def test_no_text_is_too_odd(text: str) -> None:
    assert np.isfinite(encoded([wording(text)])).all()


@pytest.mark.parametrize("piece", ["ا", "ab ", "😀", "ه ل ", "\u0651"])
def test_a_megabyte_takes_no_longer_than_the_longest_message(piece: str) -> None:
    encoded([wording("طلبي")])  # loaded
    words_of_it = [piece.strip()] * 1000
    begun = time.process_time()
    vectors = encoded([(words_of_it, piece * (1_000_000 // len(piece)))])
    assert time.process_time() - begun < seconds_here(2.0)
    assert vectors == pytest.approx(encoded([(words_of_it, (piece * LONGEST)[:LONGEST])]), abs=1e-4)
