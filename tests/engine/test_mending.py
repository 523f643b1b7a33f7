"""A sentence is moved, removed or approved, and nothing else in the files changes by a byte."""

from pathlib import Path

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.health import Sentence
from bot.engine.mending import approve, approved, from_inbox, places, relabel, remove
from bot.engine.questions import read_questions, training_data
from bot.settings import ROOT

DELIVERY = """version: "3.1"

nlu:
# Words of ours.
- intent: late_delivery
  metadata: {variety: gulf}
  examples: |
    - طلبي متأخر وايد
    - وين [الثلاجة](product) يا جماعة
- intent: late_delivery
  metadata: {variety: egyptian}
  examples: |
    - الاوردر اتأخر
"""
SERVICE = """version: "3.1"

nlu:
- intent: no_reply
  metadata: {variety: gulf}
  examples: |
    - محد يرد
- synonym: gulf
  examples: |
    - الخليج"""
ACCEPTED = """version: "3.1"

nlu:
- intent: greet
  examples: |
    - هلا والله
"""
FRIDGE = Sentence("وين الثلاجة يا جماعة", "late_delivery")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "nlu"
    (folder / "accepted").mkdir(parents=True)
    (folder / "delivery.yml").write_text(DELIVERY, "utf-8")
    (folder / "service.yml").write_text(SERVICE, "utf-8")
    (folder / "accepted" / "greet.yml").write_text(ACCEPTED, "utf-8")
    return tmp_path


def text(root: Path, name: str) -> str:
    return (root / "data" / "nlu" / name).read_text("utf-8")


def all_of(root: Path) -> set[tuple[str, str, str]]:
    return {(one.text, one.label, one.variety) for one in training_data(root)}


def test_a_moved_sentence_stands_behind_its_likes_of_the_same_variety_with_its_marks(root: Path) -> None:
    relabel(root, FRIDGE, "no_reply")
    line = "    - وين [الثلاجة](product) يا جماعة\n"
    assert text(root, "delivery.yml") == DELIVERY.replace(line, "")
    assert text(root, "service.yml") == SERVICE.replace("    - محد يرد\n", f"    - محد يرد\n{line}")


def test_a_move_within_a_file_and_to_a_label_without_sentences(root: Path) -> None:
    relabel(root, Sentence("محد يرد", "no_reply"), "late_delivery")
    assert ("محد يرد", "late_delivery", "gulf") in all_of(root)
    assert "no_reply" not in text(root, "service.yml")  # an empty block would be an intent without examples
    relabel(root, Sentence("الاوردر اتأخر", "late_delivery"), "faq/warranty")
    assert text(root, "delivery.yml").endswith(
        "- intent: faq/warranty\n  metadata: {variety: egyptian}\n  examples: |\n    - الاوردر اتأخر\n"
    )
    assert len(all_of(root)) == 5


def test_what_stands_under_both_labels_is_left_under_the_right_one(root: Path) -> None:
    file = root / "data" / "nlu" / "service.yml"
    file.write_text(SERVICE.replace("    - محد يرد", "    - محد يرد\n    - طلبي متأخر وايد"), "utf-8")
    relabel(root, Sentence("طلبي متأخر وايد", "no_reply"), "late_delivery")
    assert (text(root, "delivery.yml"), text(root, "service.yml")) == (DELIVERY, SERVICE)


def test_a_removed_sentence_is_gone_and_its_neighbours_are_not(root: Path) -> None:
    before = all_of(root)
    remove(root, FRIDGE)
    assert all_of(root) == before - {(FRIDGE.text, FRIDGE.label, "gulf")}


def test_an_approved_sentence_is_kept_once(root: Path) -> None:
    for _ in range(2):
        approve(root, FRIDGE)
    approve(root, Sentence("محد يرد", "no_reply"))
    assert approved(root) == {FRIDGE, Sentence("محد يرد", "no_reply")}
    assert (text(root, "delivery.yml"), text(root, "service.yml")) == (DELIVERY, SERVICE)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        (Sentence("هلا والله", "greet"), "mended_in_inbox"),
        (Sentence(FRIDGE.text, "no_reply"), "sentence_gone"),
        (Sentence("الخليج", "no_reply"), "sentence_gone"),
        (Sentence("", "no_reply"), "sentence_gone"),
    ],
)
def test_what_is_not_there_or_comes_from_the_inbox_is_not_touched(root: Path, sentence: Sentence, code: str) -> None:
    before = {file: file.read_bytes() for file in root.rglob("*.yml")}
    for mend in (
        lambda: relabel(root, sentence, "late_delivery"),
        lambda: remove(root, sentence),
        lambda: approve(root, sentence),
    ):
        with pytest.raises(NotAllowed) as refused:
            mend()
        assert refused.value.code == code
    assert {file: file.read_bytes() for file in root.rglob("*.yml")} == before
    assert from_inbox(root) == {Sentence("هلا والله", "greet")}


@pytest.mark.parametrize("file", sorted((ROOT / "data" / "nlu").rglob("*.yml")), ids=lambda file: file.name)
def test_line_by_line_reads_our_files_as_yaml_does(file: Path) -> None:
    read = [(one.label, one.variety) for one in read_questions(file)]
    assert [(one.label, one.variety) for one in places(file)] == read
