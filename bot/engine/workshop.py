"""The project's models as the console needs them: made, compared, shown, and put in each other's place."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from bot.domain.errors import BadSettings, RunFailed
from bot.domain.model import ModelFile, ModelRole, Objection, Promotion
from bot.engine import trainer, validation
from bot.engine.compare import Task, compare, judged
from bot.engine.judge import ReaderFailed
from bot.engine.questions import QUESTIONS, BadQuestions
from bot.engine.replay import Said
from bot.engine.report import keep, kept
from bot.engine.running import Cancelled, Progress

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MOST_LOG = 200_000
"""Bytes of a log that are read from its end."""


@dataclass(frozen=True)
class Workshop:
    root: Path
    folder: Path
    """Of the models."""
    log_file: Path
    fold: Callable[[str], str]
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def validate(self) -> None:
        """Raise RunFailed where the project cannot be trained from as it is."""
        validation.validate(self.root, self.fold)

    def train(self, cancelled: Cancelled) -> str:
        """Train a candidate and return its name; raise RunFailed, or GivenUp once `cancelled` holds."""
        try:
            return trainer.train(self.root, self.folder, self.log_file, as_candidate=True, cancelled=cancelled).file
        except trainer.TrainingFailed as error:
            raise RunFailed("training_failed") from error

    def compare(self, said: list[Said], margin: float, progress: Progress, cancelled: Cancelled) -> None:
        """Put the candidate beside the live model and keep the report; raise RunFailed, or GivenUp."""
        try:
            task = self._task(said, margin)
            keep(self.folder, compare(task, self.fold, progress, cancelled))
        except FileNotFoundError as error:
            raise RunFailed("no_questions", file=QUESTIONS.as_posix()) from error
        except (BadSettings, BadQuestions, ReaderFailed) as error:
            raise RunFailed("comparison_failed", why=str(error)[-300:]) from error

    def models(self) -> list[ModelFile]:
        """Return the candidate, the live model and the earlier ones, the newest first."""
        candidate, live = trainer.candidate_model(self.folder), trainer.live_model(self.folder)
        found = [(ModelRole.CANDIDATE, candidate), (ModelRole.LIVE, live)]
        found += [(ModelRole.PAST, one) for one in reversed(trainer.past_models(self.folder))]
        return [self._shown(one.file, role) for role, one in found if one is not None]

    def report(self, file: str) -> dict[str, Any] | None:
        """Return the report on one of the models as it is kept, None where there is none."""
        known = {one.file for one in self.models()}
        report = kept(self.folder / file) if file in known else None
        return None if report is None else asdict(report)

    def objections(self) -> list[Objection] | None:
        """Return what speaks against the candidate; None where no report compares it with the live model of now."""
        try:
            report = kept(trainer.candidate_path(self.folder))
            report = judged(self._task([], report.margin)) if report else None
        except (BadSettings, FileNotFoundError):
            return None
        return None if report is None else report.objections

    def promote(self, model: str, by: str, because: str) -> bool:
        """Let the candidate serve; False where it is no longer this one."""
        with self._one_at_a_time:
            candidate = trainer.candidate_model(self.folder)
            if candidate is None or candidate.file != model:
                return False
            trainer.promote(self.folder, by, because)
            return True

    def roll_back(self, model: str, by: str, because: str) -> bool:
        """Let the last model serve that did so before; False where it is no longer this one."""
        with self._one_at_a_time:
            past = trainer.past_models(self.folder)
            if not past or past[-1].file != model:
                return False
            trainer.roll_back(self.folder, by, because)
            return True

    def promotions(self) -> list[Promotion]:
        """Return who let which model serve, the newest first."""
        return trainer.promotions(self.folder)

    def log(self, lines: int) -> list[str]:
        """Return the end of what the newest training of a candidate printed, bars as they stand last, without colours."""
        try:
            printed = self.log_file.read_bytes()[-MOST_LOG:].decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        found = [_COLOURS.sub("", line).rstrip().split("\r")[-1] for line in printed.split("\n")]
        return [line for line in found if line][-lines:]

    def _task(self, said: list[Said], margin: float) -> Task:
        live, candidate = trainer.live_path(self.folder), trainer.candidate_path(self.folder)
        return Task(self.root, live, candidate, self.root / QUESTIONS, said, margin)

    def _shown(self, file: str, role: ModelRole) -> ModelFile:
        made = datetime.fromtimestamp((self.folder / file).stat().st_mtime, UTC)
        report = kept(self.folder / file)
        if report is None:
            return ModelFile(file, role, made)
        return ModelFile(file, role, made, report.candidate.verdict.accuracy, report.candidate.verdict.macro_f1)
