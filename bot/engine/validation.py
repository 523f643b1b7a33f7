"""What would make a training fail or prove nothing is found in seconds, before it begins."""

from collections.abc import Callable
from pathlib import Path

import yaml

from bot.domain.errors import RunFailed
from bot.engine.dataset import labels_of
from bot.engine.questions import LOADER, BadQuestions, Question, held_out_now, read_questions

Fold = Callable[[str], str]
READ = ("config.yml", "domain.yml", "shop.yml", "data/**/*.yml", "bot/help/*.yml")


def validate(root: Path, fold: Fold) -> None:
    """Raise RunFailed where a file cannot be read, a label is not the domain's, or a held-out question is trained."""
    for pattern in READ:
        for file in sorted(root.glob(pattern)):
            _load(root, file)
    files = sorted((root / "data" / "nlu").rglob("*.yml"))
    trained = [(file.relative_to(root).as_posix(), one) for file in files for one in _examples(root, file)]
    _require_known(trained, labels_of(root))
    _require_unasked(trained, {fold(text) for text in held_out_now(root)}, fold)


def _load(root: Path, file: Path) -> None:
    try:
        yaml.load(file.read_text("utf-8"), LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RunFailed("file_broken", file=file.relative_to(root).as_posix(), line=line) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RunFailed("file_broken", file=file.relative_to(root).as_posix(), line=1) from error


def _examples(root: Path, file: Path) -> list[Question]:
    try:
        return read_questions(file)
    except (BadQuestions, KeyError, TypeError, AttributeError) as error:
        raise RunFailed("no_examples", file=file.relative_to(root).as_posix()) from error


def _require_known(trained: list[tuple[str, Question]], known: frozenset[str]) -> None:
    for file, one in trained:
        if one.label not in known:
            raise RunFailed("label_unknown", file=file, label=one.label)


def _require_unasked(trained: list[tuple[str, Question]], asked: set[str], fold: Fold) -> None:
    for file, one in trained:
        if fold(one.text) in asked:
            raise RunFailed("question_trained", file=file, text=one.text)
