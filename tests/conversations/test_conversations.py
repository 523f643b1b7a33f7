"""Rasa's own `test core` over the stories beside this file, and its own validation of domain, data and stories."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from bot.engine.trainer import QUIET, RASA
from bot.settings import ROOT

pytestmark = pytest.mark.rasa


def rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Rasa's command line as `shakwa` does, its own warnings not silenced."""
    environment = os.environ | QUIET | {"PYTHONWARNINGS": "default"}
    return subprocess.run([*RASA, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_conversations_go_as_written(model: Path, tmp_path: Path) -> None:
    ran = rasa(
        "test", "core", "--model", str(model), "--stories", "tests/conversations", "--out", str(tmp_path),
        "--fail-on-prediction-errors", "--no-plot",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "None of the test stories failed" in (tmp_path / "failed_test_stories.yml").read_text("utf-8")


def test_rasa_finds_nothing_to_warn_of_in_the_project() -> None:
    ran = rasa("data", "validate", "--fail-on-warnings")
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert not re.search(r"warning", said, re.IGNORECASE), said
