"""Accepted sentences are written the same every time, and Rasa reads back what was written and nothing else."""

from pathlib import Path

import pytest

from bot.domain.label import Example, Mark
from bot.engine.dataset import changes, fingerprint, forget, known_labels, line_of, write, written
from bot.engine.questions import annotated, read_questions
from bot.settings import ROOT
from tests.language.test_floods import MOST_GROWTH, growth

NASTY = [
    "[x](y)", "[طلبي](order_number) تأخر", '[a]{"entity": "b"}', '[a][{"entity": "b"}]', "[[x]](y)", "](", "[", "]", "[]()",
    "- intent: greet", "intent: greet", "# تعليق", 'version: "3.1"', "nlu:", "| نص", "> نص", "'", '"', "\\", "\\n", "%",
    "&x", "*x", "!!python/object", "{{7*7}}", "{slot}", "${HOME}", "<b>", "--- ", "...", "- - -", "key: value", "yes",
    "null", "~", "1e3",
    "سطر\nثانٍ", "سطر\r\n  - intent: deny", "  بداية", "نهاية  ", "tab\there", "/restart", '/greet{"a": 1}',
    "؟!", "😂", "a]b(c", "x](product)",
]  # fmt: skip


FLOODS = ("[", "](", "[x](", "[x]{", "{", "[[x]", "]")


def blank(text: str) -> str:
    return " ".join(text.split()).replace("](", "] (").replace("]{", "] {").replace("][", "] [")


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_text_is_read_back_as_a_text_of_the_right_intent(tmp_path: Path, text: str) -> None:
    examples = [Example("late_delivery", text), Example("late_delivery", "طلبي تأخر"), Example("greet", "هلا")]
    write(tmp_path, changes(tmp_path, examples))
    read = read_questions(*sorted((tmp_path / "data" / "nlu" / "accepted").glob("*.yml")))
    assert {question.label for question in read} == {"late_delivery", "greet"}
    assert all(question.spans == () for question in read)
    assert {question.text for question in read} == {blank(text), "طلبي تأخر", "هلا"}


def test_the_same_labels_give_the_same_bytes_in_whatever_order(tmp_path: Path) -> None:
    examples = [Example("greet", text) for text in ("هلا", "سلام", "هلا  ", "أهلين")]
    assert written(examples) == written(reversed(examples))
    assert written(examples)["greet"].count("- ") == 1 + 3


def test_marks_become_annotations_and_arabic_stays_arabic() -> None:
    example = Example("damaged_item", "وصلت الغسالة [مكسورة] أمس", (Mark(5, 12, "product"), Mark(22, 25, "date")))
    assert line_of(example) == "وصلت [الغسالة](product) [مكسورة] [أمس](date)"


def test_a_bracket_before_a_mark_does_not_annotate() -> None:
    assert line_of(Example("greet", "[x]غسالة", (Mark(3, 8, "product"),))) == "[x] [غسالة](product)"


def test_a_bracket_that_was_left_open_does_not_begin_the_mark_behind_it() -> None:
    example = Example("greet", "[a] [b غسالة [c", (Mark(7, 12, "product"),))
    assert line_of(example) == "[a] (b [غسالة](product) [c"


@pytest.mark.parametrize("piece", FLOODS)
def test_a_flood_of_brackets_is_read_in_a_moment_and_as_a_text(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    read = annotated(text, "greet", "")
    assert (read.text, read.spans) == (text, ())
    assert growth(lambda flood: annotated(flood, "greet", ""), piece) < MOST_GROWTH


def test_what_would_change_is_shown_before_it_is_written_and_a_file_without_sentences_goes(tmp_path: Path) -> None:
    write(tmp_path, changes(tmp_path, [Example("greet", "هلا"), Example("faq/warranty", "كم الضمان")]))
    assert changes(tmp_path, [Example("greet", "هلا"), Example("faq/warranty", "كم الضمان")]) == []
    found = changes(tmp_path, [Example("greet", "سلام")])
    assert [(change.name, change.after is None) for change in found] == [("faq.yml", True), ("greet.yml", False)]
    assert "-    - هلا" in found[1].diff
    assert "+    - سلام" in found[1].diff
    write(tmp_path, found)
    assert [file.name for file in (tmp_path / "data" / "nlu" / "accepted").iterdir()] == ["greet.yml"]


def test_the_labels_are_the_domains_intents_and_the_help_centres_topics() -> None:
    labels = known_labels(ROOT)
    assert {"late_delivery", "out_of_scope"} <= labels
    assert not {"faq", "nlu_fallback"} & labels
    assert any(label.startswith("faq/") for label in labels)


@pytest.mark.parametrize("text", NASTY)
def test_one_sentence_is_forgotten_by_its_fingerprint_and_every_other_keeps_its_bytes(tmp_path: Path, text: str) -> None:
    others = [Example("late_delivery", "طلبي تأخر"), Example("greet", "هلا"), Example("faq/warranty", "كم الضمان")]
    write(tmp_path, changes(tmp_path, others))
    folder = tmp_path / "data" / "nlu" / "accepted"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    gone = Example("late_delivery", text)
    write(tmp_path, changes(tmp_path, [*others, gone]))
    forget(tmp_path, {fingerprint(Example("greet", text)), "unknown"})  # under another label it is another sentence
    assert {file.name: file.read_bytes() for file in folder.iterdir()} != before
    forget(tmp_path, {fingerprint(gone)})
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_file_without_a_sentence_goes(tmp_path: Path) -> None:
    only = Example("greet", "هلا [والله](order_number)")
    write(tmp_path, changes(tmp_path, [only]))
    forget(tmp_path, {fingerprint(only)})
    assert list((tmp_path / "data" / "nlu" / "accepted").iterdir()) == []
