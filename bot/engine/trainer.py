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
    try:
        live = LiveModel(**json.loads((models / "live.json").read_text("utf-8")))
        return live if (models / live.file).is_file() else None
    except (OSError, ValueError, TypeError):
        return None


def live_path(models: Path) -> Path:
    """Return the archive of the live model; raise BadSettings where there is none."""
    live = live_model(models)
    if live is None:
        raise BadSettings(f"there is no trained model in {models}: run `shakwa train`")
    return models / live.file


def is_current(root: Path, models: Path) -> bool:
    live = live_model(models)
    return live is not None and live.sources == fingerprint(root)


def train(root: Path, models: Path, log: Path) -> LiveModel:
    """Train from the project at `root` and make the result live; Rasa's output goes to `log`."""
    name = f"shakwa-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    live = LiveModel(f"{name}.tar.gz", fingerprint(root))
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [*RASA, "train", "--out", str(models), "--fixed-model-name", name, "--skip-validation"]
    with log.open("w") as out:
        code = subprocess.run(command, cwd=root, env=os.environ | QUIET, stdout=out, stderr=out, check=False).returncode
    if code != 0 or not (models / live.file).is_file():
        raise TrainingFailed(f"`{' '.join(command)}` ended with {code}; its output is in {log}")
    _make_live(models, live)
    return live


def _make_live(models: Path, live: LiveModel) -> None:
    draft = models / "live.json.new"
    draft.write_text(json.dumps(asdict(live), indent=2) + "\n")
    draft.replace(models / "live.json")
