"""The folder of models as the console sees it: roles, reports, the gate's answer, the end of the log."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import GivenUp, RunFailed
from bot.domain.model import ModelRole
from bot.engine import trainer, workshop
from bot.engine.compare import Task
from bot.engine.judge import ReaderFailed
from bot.engine.questions import QUESTIONS
from bot.engine.report import keep
from bot.engine.running import never, untold
from bot.engine.trainer import LiveModel, TrainingFailed
from bot.engine.workshop import Workshop
from bot.language.spelling import fold
from tests.engine.reports import a_change, a_report, a_side


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """A folder with an earlier model, a live one and a candidate."""
    models, questions = tmp_path / "models", tmp_path / QUESTIONS
    models.mkdir()
    questions.parent.mkdir(parents=True)
    questions.write_text("nlu:\n- intent: greet\n  examples: |\n    - هلا\n", "utf-8")
    for name in ("old", "live", "new"):
        (models / f"{name}.tar.gz").write_bytes(b"model")
        trainer._become_candidate(models, LiveModel(f"{name}.tar.gz", name))
        if name != "new":
            trainer.promote(models, "noor")
    return Workshop(tmp_path, models, tmp_path / "log" / "candidate.log", fold)


def compared(shop: Workshop, **changed: Any) -> None:
    task = Task(shop.root, shop.folder / "live.tar.gz", shop.folder / "new.tar.gz", shop.root / QUESTIONS)
    keep(shop.folder, a_report(asked=task.asked, **changed))


def test_models_have_their_role_and_the_measures_of_their_report(shop: Workshop) -> None:
    compared(shop)
    assert [(one.file, one.role, one.macro_f1) for one in shop.models()] == [
        ("new.tar.gz", ModelRole.CANDIDATE, 0.88),
        ("live.tar.gz", ModelRole.LIVE, None),
        ("old.tar.gz", ModelRole.PAST, None),
    ]


def test_a_report_is_read_for_models_that_are_there_and_for_no_other_file(shop: Workshop) -> None:
    compared(shop)
    report = shop.report("new.tar.gz")
    assert report is not None
    assert report["changes"][0]["intent"] == "greet"
    assert shop.report("live.tar.gz") is None
    (shop.root / "elsewhere.report.json").write_text(a_report().to_json(), "utf-8")
    assert shop.report("../elsewhere.tar.gz") is None


def test_the_gate_speaks_of_these_two_models_and_questions_alone(shop: Workshop) -> None:
    assert shop.objections() is None
    compared(shop, changes=[a_change(before=0.9, after=0.7)])
    assert [one.code for one in shop.objections() or []] == ["intent_falls"]
    compared(shop, changes=[a_change()])
    assert shop.objections() == []
    compared(shop, live=a_side("another.tar.gz"))
    assert shop.objections() is None
    compared(shop)
    (shop.root / QUESTIONS).write_text("nlu:\n- intent: greet\n  examples: |\n    - أهلين\n", "utf-8")
    assert shop.objections() is None
    (shop.root / QUESTIONS).unlink()
    assert shop.objections() is None


def test_the_margin_of_the_report_counts(shop: Workshop) -> None:
    compared(shop, margin=0.3, changes=[a_change(before=0.9, after=0.7)])
    assert shop.objections() == []


def test_models_take_each_others_place_once(shop: Workshop) -> None:
    assert not shop.promote("live.tar.gz", "noor", "")
    assert shop.promote("new.tar.gz", "noor", "because")
    assert not shop.promote("new.tar.gz", "noor", "again")
    assert not shop.roll_back("old.tar.gz", "noor", "")
    assert shop.roll_back("live.tar.gz", "huda", "worse")
    assert [(one.action, one.model, one.by, one.because) for one in shop.promotions()[:2]] == [
        ("rolled_back", "live.tar.gz", "huda", "worse"),
        ("promoted", "new.tar.gz", "noor", "because"),
    ]


def test_the_end_of_the_log_is_plain(shop: Workshop) -> None:
    assert shop.log(10) == []
    shop.log_file.parent.mkdir()
    shop.log_file.write_text("one\nbar: 0%\rbar: 50%\rbar: 100%\n\n\x1b[92mtrained\x1b[0m\n", "utf-8")
    assert shop.log(10) == ["one", "bar: 100%", "trained"]
    assert shop.log(1) == ["trained"]


def breaking(error: Exception) -> Callable[..., None]:
    def breaks(*_: object, **__: object) -> None:
        raise error

    return breaks


def test_what_went_wrong_has_a_code(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "train", breaking(TrainingFailed("ended with 1")))
    with pytest.raises(RunFailed) as failed:
        shop.train(never)
    assert failed.value.code == "training_failed"
    monkeypatch.setattr(workshop, "compare", breaking(ReaderFailed("new.tar.gz cannot be read")))
    with pytest.raises(RunFailed) as failed:
        shop.compare([], 0.05, untold, never)
    assert (failed.value.code, failed.value.about) == ("comparison_failed", {"why": "new.tar.gz cannot be read"})
    monkeypatch.setattr(workshop, "compare", breaking(GivenUp("cancelled")))
    with pytest.raises(GivenUp):
        shop.compare([], 0.05, untold, never)


def test_without_questions_nothing_is_compared(shop: Workshop) -> None:
    (shop.root / QUESTIONS).unlink()
    with pytest.raises(RunFailed) as failed:
        shop.compare([], 0.05, untold, never)
    assert failed.value.about == {"file": "tests/heldout/questions.yml"}
