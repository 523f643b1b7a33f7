"""The vocabulary is that of the training data as it is now, and is made anew only where its files changed."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.engine.questions import BadQuestions
from bot.engine.vocabulary import Vocabulary

DATA = 'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n    - {text}\n'


def put(root: Path, name: str, text: str) -> None:
    file = root / "data" / "nlu" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(DATA.format(intent="greet", text=text), "utf-8")


def test_it_follows_the_files(tmp_path: Path) -> None:
    made = []

    def words(texts: Iterable[str]) -> frozenset[str]:
        made.append(frozenset(word for text in texts for word in text.split()))
        return made[-1]

    known = Vocabulary(tmp_path, words)
    put(tmp_path, "a.yml", "هلا والله")
    assert [known(), known()] == [{"هلا", "والله"}] * 2
    assert len(made) == 1
    put(tmp_path, "accepted/greet.yml", "أهلين [سارة](name)")
    assert known() == {"هلا", "والله", "أهلين", "سارة"}
    (tmp_path / "data" / "nlu" / "a.yml").unlink()
    assert known() == {"أهلين", "سارة"}


def test_a_file_that_cannot_be_read_is_named_and_another_try_may_do(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", "هلا")
    known = Vocabulary(tmp_path, lambda texts: frozenset(texts))
    (tmp_path / "data" / "nlu" / "b.yml").write_text("nlu: [", "utf-8")
    with pytest.raises(BadQuestions, match=r"b\.yml"):
        known()
    (tmp_path / "data" / "nlu" / "b.yml").unlink()
    assert known() == {"هلا"}
