"""Whole conversations with a model: Rasa's own `test core` over the stories of the tests, in a process of its own."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from bot.engine.judge import ReaderFailed
from bot.engine.report import Conversations
from bot.engine.running import Cancelled, never, run
from bot.engine.trainer import QUIET, RASA

STORIES = Path("tests") / "conversations"


def hold(root: Path, model: Path, cancelled: Cancelled = never) -> Conversations:
    """Return which conversations of the project go as written; raise ReaderFailed where Rasa says nothing of them."""
    with TemporaryDirectory() as scratch:
        command = [*RASA, "test", "core", "--model", str(model.resolve()), "--stories", str(STORIES), "--out", scratch]
        ran = run([*command, "--no-plot"], os.environ | QUIET, cwd=root, cancelled=cancelled)
        failed = Path(scratch) / "failed_test_stories.yml"
        if ran.returncode != 0 or not failed.is_file():
            raise ReaderFailed(f"the conversations with {model.name} were not held: {(ran.stderr or ran.stdout)[-500:]}")
        return outcome(named(*sorted((root / STORIES).glob("*.yml"))), named(failed))


def outcome(every: list[str], failed: list[str]) -> Conversations:
    """Return passed and failed ones; Rasa writes a failed conversation under its name with its file's in brackets."""
    bad = [name for name in every if any(one == name or one.startswith(f"{name} (") for one in failed)]
    return Conversations([name for name in every if name not in bad], bad)


def named(*files: Path) -> list[str]:
    """Return the names of the stories in files of Rasa's format; where none failed it writes a comment alone."""
    contents: list[dict[str, Any]] = [yaml.safe_load(file.read_text("utf-8")) or {} for file in files]
    return [story["story"] for content in contents for story in content.get("stories", [])]
