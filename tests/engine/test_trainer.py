"""The model is as old as the content of what it was trained from; what cannot be used is no live model."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from bot.domain.errors import BadSettings, GivenUp
from bot.engine import trainer
from bot.engine.trainer import (
    SOURCES,
    LiveModel,
    TrainingFailed,
    candidate_path,
    fingerprint,
    is_current,
    live_model,
    promote,
    promotions,
    roll_back,
    train,
)
from bot.settings import ROOT

FILES = (
    "config.yml",
    "domain.yml",
    "shop.yml",
    "uv.lock",
    "data/nlu/item.yml",
    "data/stories/deep/er/one.yml",
    "bot/help/topics.ar.yml",
    "bot/nlu/tokenizer.py",
    "bot/language/words.py",
    "bot/language/deep/er.py",
    "bot/language/tables/dates.tsv",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a file of each kind that a model is made from."""
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"what {name} says")
    return tmp_path


@pytest.mark.parametrize("pattern", SOURCES)
def test_every_kind_of_source_exists_in_this_project(pattern: str) -> None:
    assert list(ROOT.glob(pattern)) != []


@pytest.mark.parametrize("name", FILES)
def test_an_edit_of_any_source_is_seen(project: Path, name: str) -> None:
    before = fingerprint(project)
    (project / name).write_text(f"what {name} says now")
    assert fingerprint(project) != before


@pytest.mark.parametrize("name", FILES)
def test_a_source_that_is_gone_or_renamed_is_seen(project: Path, name: str) -> None:
    before, file = fingerprint(project), project / name
    moved = file.rename(file.with_name(f"renamed{file.suffix}"))
    assert fingerprint(project) != before
    moved.unlink()
    assert fingerprint(project) != before


def test_a_new_source_is_seen(project: Path) -> None:
    before = fingerprint(project)
    (project / "data/nlu/new.yml").write_text("")
    assert fingerprint(project) != before


def test_touching_copying_and_what_is_no_source_change_nothing(project: Path) -> None:
    before = fingerprint(project)
    for name in FILES:
        os.utime(project / name, (1, 1))
    (project / "README.md").write_text("a readme")
    (project / "bot/web").mkdir()
    (project / "bot/web/app.py").write_text("no part of a model")
    assert fingerprint(project) == before


def test_moving_text_from_one_file_to_the_next_is_seen(project: Path) -> None:
    one, next_one = project / "data/nlu/a.yml", project / "data/nlu/b.yml"
    one.write_text("ab")
    next_one.write_text("c")
    before = fingerprint(project)
    one.write_text("a")
    next_one.write_text("bc")
    assert fingerprint(project) != before


def live(models: Path, content: str, file: str = "m.tar.gz") -> LiveModel | None:
    (models / file).write_bytes(b"a model")
    (models / "live.json").write_text(content)
    return live_model(models)


def test_the_live_model_is_the_one_that_is_named(tmp_path: Path) -> None:
    assert live(tmp_path, '{"file": "m.tar.gz", "sources": "abc"}') == LiveModel("m.tar.gz", "abc")


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "null", "[]", "7", '"m.tar.gz"', "{}", '{"file": "m.tar.gz"}', '{"file": "gone.tar.gz", "sources": "abc"}',
        '{"file": "m.tar.gz", "sources": "abc", "more": 1}', '{"file": 7, "sources": "abc"}',
        '{"file": null, "sources": "abc"}',
        '{"file": "", "sources": "abc"}', '{"file": "m.tar.gz\\u0000", "sources": "abc"}',
    ],
)  # fmt: skip
def test_a_broken_note_names_no_live_model(tmp_path: Path, content: str) -> None:
    assert live(tmp_path, content) is None


def test_where_nothing_was_trained_there_is_no_live_model(tmp_path: Path) -> None:
    assert live_model(tmp_path) is None
    assert live_model(tmp_path / "nowhere") is None
    (tmp_path / "live.json").write_bytes(b"\xff\xfe")
    assert live_model(tmp_path) is None


def trains(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a shell script in the place of Rasa: $2 is the folder of models, $4 the model's name."""
    monkeypatch.setattr(trainer, "RASA", ("/bin/sh", "-c", script))


def test_a_trained_model_becomes_live_and_is_current_until_a_source_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = project / "models"
    models.mkdir()
    trains(monkeypatch, 'echo "Training $4"; touch "$2/$4.tar.gz"')
    assert not is_current(project, models)
    trained = train(project, models, project / "log" / "train.log", by="noor")
    assert [(one.action, one.model, one.instead_of, one.by) for one in promotions(models)] == [
        ("trained", trained.file, "", "noor")
    ]
    assert trained == live_model(models) == LiveModel(trained.file, fingerprint(project))
    assert is_current(project, models)
    assert "Training shakwa-" in (project / "log" / "train.log").read_text()
    (project / "domain.yml").write_text("changed")
    assert not is_current(project, models)


@pytest.mark.parametrize("script", ["exit 1", 'touch "$2/$4.tar.gz"; exit 1', "exit 0", "kill -9 $$"])
def test_a_training_that_fails_leaves_the_live_model_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    models, log = project / "models", project / "train.log"
    models.mkdir()
    before = live(models, json.dumps({"file": "m.tar.gz", "sources": fingerprint(project)}))
    trains(monkeypatch, script)
    with pytest.raises(TrainingFailed, match="its output is in") as failed:
        train(project, models, log)
    assert str(log) in str(failed.value)
    assert live_model(models) == before


def kept(models: Path, name: str) -> LiveModel:
    models.mkdir(parents=True, exist_ok=True)
    (models / name).write_bytes(b"model")
    return LiveModel(name, "sources")


def become_live(models: Path, name: str) -> None:
    """Have a model be the candidate and promote it."""
    (models / "candidate.json").write_text(json.dumps(asdict(kept(models, name))))
    promote(models)


def test_a_candidate_serves_nobody_until_it_is_promoted_and_is_one_no_longer_then(tmp_path: Path) -> None:
    become_live(tmp_path, "a.tar.gz")
    (tmp_path / "candidate.json").write_text(json.dumps(asdict(kept(tmp_path, "b.tar.gz"))))
    assert live_model(tmp_path) == LiveModel("a.tar.gz", "sources")
    assert candidate_path(tmp_path).name == "b.tar.gz"
    assert promote(tmp_path).file == "b.tar.gz"
    assert live_model(tmp_path) == LiveModel("b.tar.gz", "sources")
    with pytest.raises(BadSettings):
        candidate_path(tmp_path)


def test_one_can_go_back_model_by_model_as_far_as_they_are_kept(tmp_path: Path) -> None:
    for at in range(8):
        become_live(tmp_path, f"{at}.tar.gz")
    assert not (tmp_path / "1.tar.gz").exists()
    back = [roll_back(tmp_path).file for _ in range(5)]
    assert back == [f"{at}.tar.gz" for at in (6, 5, 4, 3, 2)]
    with pytest.raises(BadSettings):
        roll_back(tmp_path)
    live = live_model(tmp_path)
    assert live is not None
    assert live.file == "2.tar.gz"


def test_a_training_that_is_given_up_leaves_no_candidate(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = project / "models"
    models.mkdir()
    trains(monkeypatch, 'echo half > "$2/$4.tar.gz"; sleep 300')
    with pytest.raises(GivenUp):
        train(
            project, models, project / "log", as_candidate=True, cancelled=lambda: any(models.glob("*.tar.gz"))
        )  # fmt: skip
    assert list(models.iterdir()) == []


def test_a_new_candidate_takes_the_old_ones_place_with_its_report(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = project / "models"
    (models / "candidate.json").parent.mkdir()
    (models / "candidate.json").write_text(json.dumps(asdict(kept(models, "old.tar.gz"))))
    (models / "old.report.json").write_text("{}")
    trains(monkeypatch, 'touch "$2/$4.tar.gz"')
    made = train(project, models, project / "log", as_candidate=True)
    assert {file.name for file in models.iterdir()} == {made.file, "candidate.json"}


def test_a_model_that_is_no_longer_kept_goes_with_its_report(tmp_path: Path) -> None:
    for at in range(8):
        become_live(tmp_path, f"{at}.tar.gz")
        (tmp_path / f"{at}.report.json").write_text("{}")
    assert sorted(file.name for file in tmp_path.glob("*.report.json")) == [f"{at}.report.json" for at in range(2, 8)]


def test_who_let_which_model_serve_and_why_is_kept(tmp_path: Path) -> None:
    become_live(tmp_path, "a.tar.gz")
    (tmp_path / "candidate.json").write_text(json.dumps(asdict(kept(tmp_path, "b.tar.gz"))))
    promote(tmp_path, "sara", "العطلة قريبة")
    roll_back(tmp_path, "omar", "it was worse")
    assert [(one.action, one.model, one.instead_of, one.by, one.because) for one in promotions(tmp_path)] == [
        ("rolled_back", "a.tar.gz", "b.tar.gz", "omar", "it was worse"),
        ("promoted", "b.tar.gz", "a.tar.gz", "sara", "العطلة قريبة"),
        ("promoted", "a.tar.gz", "", "", ""),
    ]
    assert candidate_path(tmp_path).name == "b.tar.gz"
