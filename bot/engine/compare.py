"""A candidate beside the live model on the same questions, as a report."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import comb
from pathlib import Path

from bot.engine import conversations, health
from bot.engine.calibration import Answer, calibration, intervals
from bot.engine.gate import GUARDED_FROM, MARGIN, objections
from bot.engine.judge import Reading, Score, guess_of, intent_scores, judge, macro, read
from bot.engine.questions import Question, read_questions, training_data
from bot.engine.replay import Said, replayed
from bot.engine.report import (
    Change,
    Confusion,
    Conversations,
    CrossValidation,
    Disagreement,
    Measures,
    Replay,
    Report,
    Side,
    kept,
)
from bot.engine.running import Cancelled, Progress, never, untold

Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Task:
    """What is compared: two archives in the project at `root`, by the questions of a file."""

    root: Path
    live: Path
    candidate: Path
    questions: Path
    said: list[Said] = field(default_factory=list)
    """What shoppers typed, to be replayed."""
    margin: float = MARGIN
    folds: bool = True
    """Whether the training data is cross-validated too, which takes longest."""

    @property
    def asked(self) -> str:
        """Hash of the questions and conversations."""
        digest = hashlib.sha256(self.questions.read_bytes())
        for file in sorted((self.root / conversations.STORIES).glob("*.yml")):
            digest.update(b"\0" + file.read_bytes())
        return digest.hexdigest()

    def is_answered_by(self, report: Report) -> bool:
        """Whether a report is about these very models and questions."""
        names = self.live.name, self.candidate.name, self.asked
        return (report.live.model, report.candidate.model, report.asked) == names


def judged(task: Task) -> Report | None:
    """Return the kept report on the candidate, its objections by the margin of the task, None where it is about others."""
    report = kept(task.candidate)
    if report is None or not task.is_answered_by(report):
        return None
    found = objections(report.changes, report.disagreement, report.leaked, report.conversations, task.margin)
    return replace(report, margin=task.margin, objections=found)


def compare(task: Task, fold: Fold, progress: Progress = untold, cancelled: Cancelled = never) -> Report:
    """Compare two models in all respects; raise GivenUp once `cancelled` holds, ReaderFailed where one cannot be read."""
    begun, asked = time.monotonic(), task.asked
    questions = read_questions(task.questions)
    trained = training_data(task.root)
    texts = [question.text for question in questions] + [text for _, text in task.said]
    progress("live", 0.0)
    live = read(task.live, texts, cancelled)
    progress("candidate", 0.15)
    candidate = read(task.candidate, texts, cancelled)
    progress("conversations", 0.3)
    held = conversations.hold(task.root, task.candidate, cancelled)
    progress("folds", 0.5)
    validated = cross_validated(trained, health.out_of_fold(trained, cancelled)) if task.folds else None
    count = len(questions)
    replay = replayed(task.said, live[count:], candidate[count:]) if task.said else None
    known = {fold(one.text) for one in trained}
    leaked = [question.text for question in questions if fold(question.text) in known]
    report = _report(task, asked, questions, live[:count], candidate[:count], leaked, held, validated, replay, begun)
    progress("done", 1.0)
    return report


def _report(
    task: Task, asked: str, questions: list[Question], live: list[Reading], candidate: list[Reading], leaked: list[str],
    held: Conversations, validated: CrossValidation | None, replay: Replay | None, begun: float,
) -> Report:  # fmt: skip
    changes, split = changes_of(questions, live, candidate), disagreement(questions, live, candidate)
    return Report(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        asked=asked,
        questions=len(questions),
        margin=task.margin,
        live=side(task.live.name, questions, live),
        candidate=side(task.candidate.name, questions, candidate),
        changes=changes,
        disagreement=split,
        leaked=leaked,
        conversations=held,
        objections=objections(changes, split, leaked, held, task.margin),
        cross_validation=validated,
        replay=replay,
        seconds=round(time.monotonic() - begun, 1),
    )


def side(model: str, questions: list[Question], readings: list[Reading]) -> Side:
    truths = [question.intent for question in questions]
    return Side(model, judge(questions, readings), calibration(truths, readings), confusion(questions, readings))


def confusion(questions: list[Question], readings: list[Reading]) -> Confusion:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for question, reading in zip(questions, readings, strict=True):
        found[question.intent][guess_of(reading)].append(question.text)
    return {truth: dict(sorted(guesses.items())) for truth, guesses in sorted(found.items())}


def changes_of(questions: list[Question], live: list[Reading], candidate: list[Reading]) -> list[Change]:
    """Return every intent that is asked for, the greatest loss first."""
    answers = _answers(questions, live, candidate)
    truths, old, new = map(list, zip(*answers, strict=True)) if answers else ([], [], [])
    before, after, counted = intent_scores(truths, old), intent_scores(truths, new), Counter(truths)
    chance = intervals(answers)
    changes = [
        Change(
            name, counted[name], _measures(before[name]), _measures(after[name]), after[name].f1 - before[name].f1,
            *chance[name], counted[name] >= GUARDED_FROM,
        )
        for name in sorted(counted)
    ]  # fmt: skip
    return sorted(changes, key=lambda one: one.gain)


def _measures(score: Score) -> Measures:
    return Measures(score.precision, score.recall, score.f1)


def _answers(questions: list[Question], live: list[Reading], candidate: list[Reading]) -> list[Answer]:
    return [(q.intent, guess_of(one), guess_of(other)) for q, one, other in zip(questions, live, candidate, strict=True)]


def disagreement(questions: list[Question], live: list[Reading], candidate: list[Reading]) -> Disagreement:
    answers = _answers(questions, live, candidate)
    lost = sum(truth == one != other for truth, one, other in answers)
    won = sum(truth == other != one for truth, one, other in answers)
    return Disagreement(lost, won, mcnemar(lost, won))


def cross_validated(examples: list[Question], guesses: list[health.Guess]) -> CrossValidation:
    """Return what out-of-fold guesses are worth; "" is the guess for a label with fewer sentences than folds."""
    pairs = [(one.label, guess) for one, (guess, _) in zip(examples, guesses, strict=True) if guess]
    scores = intent_scores([truth for truth, _ in pairs], [guess for _, guess in pairs])
    dropped = sorted({one.label for one in examples} - set(scores))
    right = sum(truth == guess for truth, guess in pairs)
    return CrossValidation(len(pairs), right / max(1, len(pairs)), macro(scores.values()), dropped)


def mcnemar(one: int, other: int) -> float:
    """Return the two-sided exact p-value of McNemar's test on the two counts of disagreement."""
    total = one + other
    tail = sum(comb(total, count) for count in range(min(one, other) + 1))
    return min(1.0, 2.0 * tail / 2.0**total) if total else 1.0
