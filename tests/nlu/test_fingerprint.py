"""Rasa's training cache must notice an edit in the language package: it hashes a component's own class alone."""

import shutil
from pathlib import Path

import pytest

from bot.nlu import fingerprint


@pytest.fixture
def components(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the components that may be edited."""
    copy = tmp_path / "nlu"
    shutil.copytree(fingerprint.COMPONENTS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "COMPONENTS", copy)
    return copy


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the language package that may be edited."""
    copy = tmp_path / "language"
    shutil.copytree(fingerprint.SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "SOURCES", copy)
    return copy


def taken() -> str:
    return fingerprint.sources_fingerprint.__wrapped__()


def test_the_same_sources_have_the_same_fingerprint_wherever_they_lie(sources: Path) -> None:
    assert taken() == fingerprint.sources_fingerprint()


@pytest.mark.parametrize("file", ["tables/letters.tsv", "tables/prefixes.tsv", "words.py"])
def test_an_edit_changes_it(sources: Path, file: str) -> None:
    before = taken()
    (sources / file).write_text((sources / file).read_text("utf-8") + "\n", "utf-8")
    assert taken() != before


def test_an_edit_behind_a_component_changes_it(components: Path) -> None:
    before = taken()
    (components / "linear.py").write_text((components / "linear.py").read_text("utf-8") + "\n", "utf-8")
    assert taken() != before


def test_a_new_table_and_a_renamed_one_change_it(sources: Path) -> None:
    seen = {taken()}
    (sources / "tables" / "new.tsv").write_text("a\tb\n", "utf-8")
    seen.add(taken())
    (sources / "tables" / "new.tsv").rename(sources / "tables" / "newer.tsv")
    seen.add(taken())
    assert len(seen) == 3


def test_what_python_leaves_behind_does_not(sources: Path) -> None:
    before = taken()
    (sources / "__pycache__").mkdir(exist_ok=True)
    (sources / "__pycache__" / "words.pyc").write_bytes(b"compiled")
    assert taken() == before
