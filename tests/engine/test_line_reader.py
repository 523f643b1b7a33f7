"""A model that stays loaded in a process of its own: it answers line by line, and whatever becomes of it is one error."""

import sys
from pathlib import Path

import pytest

from bot.engine.judge import ReaderFailed
from bot.engine.line_reader import LineReader, candidate_name
from bot.engine.trainer import promote
from tests.engine.test_running import is_running

ECHO = """
import json, sys
for line in sys.stdin:
    text = json.loads(line)
    exec(text) if text.startswith("import ") else None
    print(json.dumps({"ranking": [{"name": text, "confidence": 0.5}], "ms": len(text)}), flush=True)
"""


def echoing(loading: float = 10.0, reading: float = 10.0) -> LineReader:
    return LineReader([sys.executable, "-c", ECHO], loading, reading)


def test_each_text_has_its_own_answer() -> None:
    reader = echoing()
    for text in ("وين طلبي", "سطر\nثانٍ", "", "😀" * 2_000, "\u2028 x"):
        guess = reader.read(text)
        assert (guess.intent, guess.confidence, guess.ms) == (text, 0.5, len(text))
    reader.close()
    assert not is_running(reader.pid)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("import sys; sys.exit('no model here')", "no model here"),
        ("import os; os.kill(os.getpid(), 9)", "has ended"),
        ("import time; time.sleep(300)", "too long"),
        ("import sys; print('what is this', flush=True)", "JSONDecodeError"),
        ("import time; print('[]', flush=True); time.sleep(9)", "TypeError"),
    ],
)
def test_one_that_ends_hangs_or_talks_nonsense_has_failed_and_is_gone(asked: str, words: str) -> None:
    reader = echoing(reading=0.5)
    reader.read("وين طلبي")
    with pytest.raises(ReaderFailed, match=words):
        reader.read(asked)
    assert not is_running(reader.pid)
    assert not Path(reader._scratch.name).exists()
    with pytest.raises(ReaderFailed):
        reader.read("وين طلبي")


def test_the_first_text_has_as_long_as_loading_takes() -> None:
    reader = LineReader([sys.executable, "-c", "import time; time.sleep(1)\n" + ECHO], loading=10.0, reading=0.5)
    assert reader.read("x").intent == "x"
    reader.close()


def test_closed_from_outside_it_ends_at_once() -> None:
    reader = echoing()
    reader.read("x")
    reader.close()
    reader.close()
    with pytest.raises(ReaderFailed):
        reader.read("x")


def test_the_candidate_is_the_one_that_waits(tmp_path: Path) -> None:
    assert candidate_name(tmp_path) is None
    (tmp_path / "new.tar.gz").touch()
    (tmp_path / "candidate.json").write_text('{"file": "new.tar.gz", "sources": ""}')
    assert candidate_name(tmp_path) == "new.tar.gz"
    promote(tmp_path)
    assert candidate_name(tmp_path) is None
