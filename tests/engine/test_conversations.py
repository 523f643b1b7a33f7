"""Which conversations failed is read from what Rasa writes."""

from pathlib import Path

import pytest

from bot.engine import conversations
from bot.engine.conversations import hold
from bot.engine.judge import ReaderFailed

STORIES = "stories:\n- story: A late order\n  steps: []\n- story: A late order, again\n  steps: []\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "tests" / "conversations"
    folder.mkdir(parents=True)
    (folder / "test_late.yml").write_text(STORIES)
    return tmp_path


def rasa_writes(monkeypatch: pytest.MonkeyPatch, content: str, code: int = 0) -> None:
    """Put a shell script in the place of Rasa: $7 is the folder it writes to."""
    script = f"printf '{content}' > \"$7/failed_test_stories.yml\"; exit {code}"
    monkeypatch.setattr(conversations, "RASA", ("/bin/sh", "-c", script))


def test_none_failed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa_writes(monkeypatch, "# None of the test stories failed - all good!")
    held = hold(project, project / "m.tar.gz")
    assert (held.passed, held.failed) == (["A late order", "A late order, again"], [])


def test_those_that_failed_are_named_with_or_without_their_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa_writes(monkeypatch, "stories:\\n- story: A late order (tests/conversations/test_late.yml)\\n  steps: []\\n")
    held = hold(project, project / "m.tar.gz")
    assert (held.passed, held.failed) == (["A late order, again"], ["A late order"])


def test_conversations_that_were_not_held_are_no_success(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa_writes(monkeypatch, "#", code=1)
    with pytest.raises(ReaderFailed, match=r"m\.tar\.gz were not held"):
        hold(project, project / "m.tar.gz")
