"""Trains with Rasa's own command, and knows whether the live model is older than what it was trained from."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import BadSettings, ShakwaError
from bot.domain.model import Promotion
from bot.engine.running import Cancelled, never, run

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
    "OPENBLAS_NUM_THREADS": "1",
}
"""Environment in which Rasa neither reports home nor warns of other people's code, and multiplies small matrices with one
thread: a second one waits for work by spinning, which cost more of a core than the work."""

CANDIDATE, PAST, PROMOTIONS = "candidate.json", "past.json", "promotions.jsonl"
CANDIDATE_LOG = Path("log") / "candidate.log"
"""In the data directory: what the newest training of a candidate printed."""
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


def report_file(archive: Path) -> Path:
    """Return where the report on a model lies."""
    return archive.with_name(archive.name.removesuffix(".tar.gz") + ".report.json")


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


def train(
    root: Path, models: Path, log: Path, *, as_candidate: bool = False, by: str = "", cancelled: Cancelled = never
) -> LiveModel:
    """Train from the project at `root` and make the result live, or the candidate; Rasa's output goes to `log`.

    A training that fails or is given up leaves no archive behind. Who made a model live is kept.
    """
    name = f"shakwa-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    live = LiveModel(f"{name}.tar.gz", fingerprint(root))
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [*RASA, "train", "--out", str(models), "--fixed-model-name", name, "--skip-validation"]
    with log.open("w") as out, _whole_or_none(models / live.file):
        code = run(command, os.environ | QUIET, cwd=root, log=out, cancelled=cancelled).returncode
        if code != 0 or not (models / live.file).is_file():
            raise TrainingFailed(f"`{' '.join(command)}` ended with {code}; its output is in {log}")
    if as_candidate:
        _become_candidate(models, live)
    else:
        before = live_model(models)
        _make_live(models, live)
        _tell(models, "trained", live, before, by, "")
    return live


@contextmanager
def _whole_or_none(archive: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:  # Ctrl-C too
        archive.unlink(missing_ok=True)
        raise


def candidate_path(models: Path) -> Path:
    """Return the archive of the candidate; raise BadSettings where there is none."""
    return models / _candidate(models).file


def promote(models: Path, by: str = "", because: str = "") -> LiveModel:
    """Make the candidate live; the model it replaces can be gone back to. Who did it and why is kept."""
    before, candidate = live_model(models), _candidate(models)
    _make_live(models, candidate)
    (models / CANDIDATE).unlink()
    _tell(models, "promoted", candidate, before, by, because)
    return candidate


def roll_back(models: Path, by: str = "", because: str = "") -> LiveModel:
    """Make the model live that was so before this one; raise BadSettings where there is none.

    The one it replaces becomes the candidate, if none waits.
    """
    before, past = live_model(models), past_models(models)
    if not past:
        raise BadSettings(f"no earlier model is kept in {models}")
    _note(models / "live.json", past[-1])
    _keep_past(models, past[:-1])
    if before is not None and candidate_model(models) is None:
        _note(models / CANDIDATE, before)
    _tell(models, "rolled_back", past[-1], before, by, because)
    return past[-1]


def candidate_model(models: Path) -> LiveModel | None:
    return _noted(models / CANDIDATE)


def past_models(models: Path) -> list[LiveModel]:
    """Return the models that were live before, the newest last, as far as their archives are there."""
    try:
        past = [LiveModel(**one) for one in json.loads((models / PAST).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
    return [one for one in past if (models / one.file).is_file()]


def promotions(models: Path) -> list[Promotion]:
    """Return who let which model serve, the newest first."""
    try:
        lines = (models / PROMOTIONS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Promotion(**json.loads(line)) for line in reversed(lines)]


def _tell(models: Path, action: str, model: LiveModel, before: LiveModel | None, by: str, because: str) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    done = Promotion(at, action, model.file, before.file if before else "", by, because)
    with (models / PROMOTIONS).open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(done), ensure_ascii=False) + "\n")


def _become_candidate(models: Path, model: LiveModel) -> None:
    """Note the candidate; one that waited until now goes, with its report."""
    waiting = candidate_model(models)
    _note(models / CANDIDATE, model)
    used = {one.file for one in (live_model(models), *past_models(models), model) if one}
    if waiting is not None and waiting.file not in used:
        _delete(models, waiting)


def _delete(models: Path, model: LiveModel) -> None:
    """Delete an archive and the report on it."""
    (models / model.file).unlink(missing_ok=True)
    report_file(models / model.file).unlink(missing_ok=True)


def _candidate(models: Path) -> LiveModel:
    candidate = candidate_model(models)
    if candidate is None:
        raise BadSettings(f"there is no candidate in {models}: run `shakwa nlu candidate`")
    return candidate


def _make_live(models: Path, live: LiveModel) -> None:
    """Let a model serve; the KEPT models that did so before stay, older ones are deleted."""
    before = live_model(models)
    if before is not None and before.file != live.file:
        past = [*(one for one in past_models(models) if one.file != live.file), before]
        for old in past[:-KEPT]:
            _delete(models, old)
        _keep_past(models, past[-KEPT:])
    _note(models / "live.json", live)


def _keep_past(models: Path, past: list[LiveModel]) -> None:
    write_whole(models / PAST, json.dumps([asdict(one) for one in past], indent=2) + "\n")


def _note(file: Path, model: LiveModel) -> None:
    write_whole(file, json.dumps(asdict(model), indent=2) + "\n")


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all: the parent of the serving process, for one, reads at any moment."""
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text, "utf-8")
    draft.replace(file)


def _noted(file: Path) -> LiveModel | None:
    try:
        model = LiveModel(**json.loads(file.read_text("utf-8")))
        return model if (file.parent / model.file).is_file() else None
    except (OSError, ValueError, TypeError):
        return None
