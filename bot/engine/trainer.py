"""Trains with Rasa's own command, and knows whether the live model is older than what it was trained from."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import BadSettings, ShakwaError

SOURCES = (
    "config.yml",
    "domain.yml",
    "shop.yml",
    "uv.lock",
    "data/**/*.yml",
    "bot/help/*.yml",
    "bot/nlu/*.py",
    "bot/language/**/*.py",
    "bot/language/tables/*.tsv",
)
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
"""Environment in which Rasa neither reports home nor warns of other people's code."""

CANDIDATE, PAST = "candidate.json", "past.json"
KEPT = 5
"""Models that were live and can be gone back to."""

RASA = (sys.executable, "-m", "bot.channel.rasa_quietly")
"""Rasa's command line; this package never imports it."""


class TrainingFailed(ShakwaError):
    """`rasa train` did not end with a model; the message says where its output is."""


@dataclass(frozen=True, slots=True)
class LiveModel:
    """What `models/live.json` says: the model that serves, and the hash of what it was trained from."""

    file: str
    sources: str


def fingerprint(root: Path) -> str:
    """Return one hash over everything a model depends on, by content: copying or cloning changes nothing."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for file in sorted(root.glob(pattern)):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def live_model(models: Path) -> LiveModel | None:
    """Return the live model, None if there is none or its file is gone."""
    return _noted(models / "live.json")


def live_path(models: Path) -> Path:
    """Return the archive of the live model; raise BadSettings where there is none."""
    live = live_model(models)
    if live is None:
        raise BadSettings(f"there is no trained model in {models}: run `shakwa train`")
    return models / live.file


def is_current(root: Path, models: Path) -> bool:
    live = live_model(models)
    return live is not None and live.sources == fingerprint(root)


def train(root: Path, models: Path, log: Path, *, as_candidate: bool = False) -> LiveModel:
    """Train from the project at `root` and make the result live, or the candidate; Rasa's output goes to `log`."""
    name = f"shakwa-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    live = LiveModel(f"{name}.tar.gz", fingerprint(root))
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [*RASA, "train", "--out", str(models), "--fixed-model-name", name, "--skip-validation"]
    with log.open("w") as out:
        code = subprocess.run(command, cwd=root, env=os.environ | QUIET, stdout=out, stderr=out, check=False).returncode
    if code != 0 or not (models / live.file).is_file():
        raise TrainingFailed(f"`{' '.join(command)}` ended with {code}; its output is in {log}")
    if as_candidate:
        _note(models / CANDIDATE, live)
    else:
        _make_live(models, live)
    return live


def candidate_path(models: Path) -> Path:
    """Return the archive of the candidate; raise BadSettings where there is none."""
    return models / _candidate(models).file


def promote(models: Path) -> LiveModel:
    """Make the candidate live; the model it replaces can be gone back to."""
    candidate = _candidate(models)
    _make_live(models, candidate)
    (models / CANDIDATE).unlink()
    return candidate


def roll_back(models: Path) -> LiveModel:
    """Make the model live that was so before this one; raise BadSettings where there is none."""
    past = _past(models)
    if not past:
        raise BadSettings(f"no earlier model is kept in {models}")
    _note(models / "live.json", past[-1])
    _keep_past(models, past[:-1])
    return past[-1]


def _candidate(models: Path) -> LiveModel:
    candidate = _noted(models / CANDIDATE)
    if candidate is None:
        raise BadSettings(f"there is no candidate in {models}: run `shakwa nlu candidate`")
    return candidate


def _make_live(models: Path, live: LiveModel) -> None:
    """Let a model serve; the KEPT models that did so before stay, older ones are deleted."""
    before = live_model(models)
    if before is not None and before.file != live.file:
        past = [*(one for one in _past(models) if one.file != live.file), before]
        for old in past[:-KEPT]:
            (models / old.file).unlink(missing_ok=True)
        _keep_past(models, past[-KEPT:])
    _note(models / "live.json", live)


def _past(models: Path) -> list[LiveModel]:
    """Return the models that were live before, the newest last, as far as their archives are there."""
    try:
        past = [LiveModel(**one) for one in json.loads((models / PAST).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
    return [one for one in past if (models / one.file).is_file()]


def _keep_past(models: Path, past: list[LiveModel]) -> None:
    (models / PAST).write_text(json.dumps([asdict(one) for one in past], indent=2) + "\n")


def _note(file: Path, model: LiveModel) -> None:
    """Write the note whole or not at all: the parent of the serving process reads it at any moment."""
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(json.dumps(asdict(model), indent=2) + "\n")
    draft.replace(file)


def _noted(file: Path) -> LiveModel | None:
    try:
        model = LiveModel(**json.loads(file.read_text("utf-8")))
        return model if (file.parent / model.file).is_file() else None
    except (OSError, ValueError, TypeError):
        return None
