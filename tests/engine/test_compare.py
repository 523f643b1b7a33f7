"""A candidate beside the live model: what changed is found, and chance is not taken for a difference."""

from pathlib import Path

import pytest

from bot.engine import compare as module
from bot.engine.compare import Task, changes_of, confusion, cross_validated, disagreement, judged, mcnemar
from bot.engine.judge import Reading
from bot.engine.report import Conversations, Report, keep
from bot.engine.running import Cancelled, never
from bot.language.spelling import fold
from tests.engine.reports import a_report, asked, reading, right

QUESTIONS = """version: "3.1"
nlu:
- intent: late_delivery
  examples: |
    - طلبي تأخّر
    - متى يوصل
- intent: greet
  examples: |
    - هلا
"""


def test_two_equal_models_have_nothing_between_them() -> None:
    questions = asked(greet=10, deny=10)
    found = disagreement(questions, right(questions), right(questions))
    assert (found.only_live, found.only_candidate, found.p) == (0, 0, 1.0)
    changes = changes_of(questions, right(questions), right(questions))
    assert [(one.gain, one.low, one.high) for one in changes] == [(0.0, 0.0, 0.0)] * 2


def test_what_falls_comes_first_and_an_intent_with_few_questions_is_not_guarded() -> None:
    questions = asked(greet=10, deny=10, rare=2)
    worse = [
        reading("deny") if q.intent == "rare" or q.text in ("greet 0", "greet 1", "greet 2") else reading(q.intent)
        for q in questions
    ]
    changes = changes_of(questions, right(questions), worse)
    assert [(one.intent, one.guarded) for one in changes] == [("rare", False), ("deny", True), ("greet", True)]
    greet = changes[2]
    assert (greet.candidate.precision, greet.candidate.recall) == (1.0, 0.7)
    assert greet.low <= greet.gain <= greet.high
    assert (disagreement(questions, right(questions), worse).only_live) == 5


def test_the_cells_of_a_confusion_hold_the_questions() -> None:
    questions = asked(greet=2, deny=1)
    found = confusion(questions, [reading("greet"), reading("deny"), reading("deny")])
    assert found == {"greet": {"greet": ["greet 0"], "deny": ["greet 1"]}, "deny": {"deny": ["deny 0"]}}


def test_labels_with_fewer_sentences_than_folds_are_named_and_not_counted() -> None:
    examples = asked(greet=5, deny=5, rare=2)
    guesses = [(one.label, 0.9) for one in examples[:9]] + [("greet", 0.5), ("", 0.0), ("", 0.0)]
    found = cross_validated(examples, guesses)
    assert (found.sentences, found.accuracy, found.dropped) == (10, 0.9, ["rare"])
    assert found.macro_f1 == pytest.approx((10 / 11 + 8 / 9) / 2)


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484375), (10, 2, 0.03857421875)],
)
def test_mcnemars_exact_test(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == pytest.approx(p)
    assert mcnemar(other, one) == pytest.approx(p)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """A project whose training data holds one of the questions, spelled otherwise."""
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "one.yml").write_text(
        "nlu:\n- intent: late_delivery\n  examples: |\n    - طلبي تاخر\n", "utf-8"
    )
    (tmp_path / "questions.yml").write_text(QUESTIONS, "utf-8")
    live, new = tmp_path / "live.tar.gz", tmp_path / "new.tar.gz"
    return Task(tmp_path, live, new, tmp_path / "questions.yml", [(7, "شكرا"), (8, "لا")], folds=False)


@pytest.fixture
def report(task: Task, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A comparison in which the candidate takes every message for a greeting."""

    def read(model: Path, texts: list[str], cancelled: Cancelled = never) -> list[Reading]:
        truths = dict(zip(texts, ("late_delivery", "late_delivery", "greet", "thank", "greet"), strict=True))
        return [reading(truths[text] if model == task.live else "greet", 0.8) for text in texts]

    monkeypatch.setattr(module, "read", read)
    monkeypatch.setattr(module.conversations, "hold", lambda *_: Conversations(["one"], ["other"]))
    return module.compare(task, fold)


def test_a_comparison_brings_everything_together(report: Report) -> None:
    assert (report.live.verdict.accuracy, report.candidate.verdict.accuracy) == (1.0, pytest.approx(1 / 3))
    assert report.leaked == ["طلبي تأخّر"]
    assert [one.code for one in report.objections] == ["leaked", "conversations_fail"]
    assert report.candidate.confusion["late_delivery"] == {"greet": ["طلبي تأخّر", "متى يوصل"]}
    assert report.replay is not None
    assert [(one.utterance, one.live, one.candidate) for one in report.replay.differences] == [(7, "thank", "greet")]
    assert "شكرا" not in report.to_json()


def test_a_kept_report_is_used_for_the_same_models_and_questions_alone(task: Task, report: Report) -> None:
    assert judged(task) is None
    keep(task.root, report)
    assert judged(task) == report
    task.questions.write_text(QUESTIONS + "    - مرحبا\n", "utf-8")
    assert judged(task) is None


@pytest.mark.parametrize("other", ["live", "candidate"])
def test_a_report_about_another_model_is_not_used(task: Task, report: Report, other: str) -> None:
    keep(task.root, report)
    (task.root / "other.report.json").write_text(report.to_json(), "utf-8")
    assert judged(Task(task.root, **{"live": task.live, "candidate": task.candidate, other: task.root / "other.tar.gz"},
                       questions=task.questions)) is None  # fmt: skip


def test_another_margin_is_put_to_a_kept_report(task: Task) -> None:
    report = a_report(asked=task.asked)
    keep(task.root, report)
    found = judged(task)
    assert found is not None
    assert found.objections == []
