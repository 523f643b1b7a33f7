"""CAMeL's words as Rasa tokens: their offsets are true and the text stays as it was typed. Lemmas are folded."""

from types import ModuleType

import pytest

from bot.nlu.fingerprint import sources_fingerprint
from tests.rasa_fixtures import RASA

pytestmark = RASA


@pytest.mark.parametrize(
    ("text", "words", "offsets"),
    [
        ("طلبي ما وصل", ["طلبي", "ما", "وصل"], [(0, 4), (5, 7), (8, 11)]),
        ("طلبي، رقم 12!", ["طلبي", "،", "رقم", "12", "!"], [(0, 4), (4, 5), (6, 9), (10, 12), (12, 13)]),
        ("الطلب:12345", ["الطلب", ":", "12345"], [(0, 5), (5, 6), (6, 11)]),
        (
            "405-1234567-1234567",
            ["405", "-", "1234567", "-", "1234567"],
            [(0, 3), (3, 4), (4, 11), (11, 12), (12, 19)],
        ),
        ("٤٠٥-١٢", ["٤٠٥", "-", "١٢"], [(0, 3), (3, 4), (4, 6)]),
        ("me@shop.sa", ["me", "@", "shop", ".", "sa"], [(0, 2), (2, 3), (3, 7), (7, 8), (8, 10)]),
        ("تعبت 😡😡", ["تعبت", "😡", "😡"], [(0, 4), (5, 6), (6, 7)]),
        ("👨‍👩‍👧 هلا", ["👨‍👩‍👧", "هلا"], [(0, 5), (6, 9)]),
        ("مُتَأَخِّر جدًّا", ["مُتَأَخِّر", "جدًّا"], [(0, 10), (11, 16)]),
        ("وييين  طلبي", ["وييين", "طلبي"], [(0, 5), (7, 11)]),
        ("El ORDER bta3i", ["El", "ORDER", "bta3i"], [(0, 2), (3, 8), (9, 14)]),
        ("  \n", [], []),
    ],
)
def test_tokens_and_their_places(workbench: ModuleType, text: str, words: list[str], offsets: list[tuple[int, int]]) -> None:
    tokens = workbench.tokens(text)
    assert [token.text for token in tokens] == words
    assert [(token.start, token.end) for token in tokens] == offsets
    assert [text[token.start : token.end] for token in tokens] == words


@pytest.mark.parametrize("text", ["أُريدُ إرجاعَهُ، ٣٥٠ ريال!!", "ـــهلاـــ 👍🏽 ﷺ", "a\u200bb \u202eabc"])
def test_the_text_of_a_message_is_never_changed(workbench: ModuleType, text: str) -> None:
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message

    message = Message.build(text)
    workbench.CamelTokenizer(workbench.CamelTokenizer.get_default_config()).process([message])
    assert message.get(TEXT) == text


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("أُريد القهوة", ["اريد", "القهوه"]),
        ("على مستشفى", ["علي", "مستشفي"]),
        ("وييييين", ["اين"]),
        ("٤٠٥ ۱۲", ["405", "12"]),
        ("Talabi LATE", ["طلبي", "متاخر"]),
        ("مُتَأَخِّرـــ", ["متاخر"]),
        ("!", ["!"]),
    ],
)
def test_lemmas_are_folded_and_the_same_in_every_variety(workbench: ModuleType, text: str, lemmas: list[str]) -> None:
    assert workbench.lemmas(text) == lemmas


def test_two_spellings_of_a_sentence_have_the_same_lemmas(workbench: ModuleType) -> None:
    assert workbench.lemmas("أين الطلبيّة") == workbench.lemmas("اين الطلبيه")


def test_every_component_over_the_language_package_tells_rasa(workbench: ModuleType) -> None:
    ours = (workbench.CamelTokenizer, workbench.ArabicNormalizer, workbench.ArabicEntityExtractor)
    assert {component.fingerprint_addon({}) for component in ours} == {sources_fingerprint()}


@pytest.mark.parametrize(
    "link", ["http://evil.example/x", "https://track.example/?n=5", "WWW.shop.example", "https://م.example"]
)
def test_a_web_address_says_nothing_of_what_is_meant(workbench: ModuleType, link: str) -> None:
    assert [word for word in workbench.lemmas(f"وين طلبي {link} شفته") if word] == workbench.lemmas("وين طلبي شفته")
    assert [word for word in workbench.lemmas("awww. كذا") if word] == workbench.lemmas("awww. كذا")
