"""The stock side of the measurement: a project as `rasa init` would begin it, with our intents, sentences and script."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.engine.bench_nlu import Told
from bot.engine.bench_servers import environment
from bot.engine.running import run
from bot.engine.tensorflow import STOCK as STOCK_PYTHON
from bot.engine.tensorflow import require_tensorflow
from bot.engine.trainer import TrainingFailed, fingerprint, live_path, train

STOCK = Path(__file__).parent / "stock"
RASA = (*STOCK_PYTHON, "-m", "rasa")
COPIED = ("actions.py", "credentials.yml", "conversation.yml")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the stock model is trained: the share of the sentences, and the epochs where not those of `rasa init`."""

    examples: float = 1.0
    epochs: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A model in the cache, and how long its training took, whenever that was."""

    model: Path
    seconds: float


def write_project(root: Path, folder: Path, recipe: Recipe) -> None:
    """Write the stock project out: its own files, and from ours the intents, entities, sentences and help answers."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copy(STOCK / name, folder / name)
    shutil.copy(STOCK / "stories.yml", folder / "data" / "stories.yml")
    _write(folder / "config.yml", _config(recipe))
    _write(folder / "domain.yml", _domain(root))
    for file in sorted((root / "data" / "nlu").rglob("*.yml")):
        _write(folder / "data" / f"nlu_{file.name}", sampled(_read(file), recipe.examples))


def point_at_actions(folder: Path, port: int) -> None:
    endpoints = _read(STOCK / "endpoints.yml")
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{port}/webhook"
    _write(folder / "endpoints.yml", endpoints)


def sampled(content: dict[str, Any], share: float) -> dict[str, Any]:
    """Return NLU data with this share of the examples of each intent's block, spread evenly, at least two of each."""
    blocks = [_thinned(block, share) if "intent" in block else block for block in content["nlu"]]
    return content | {"nlu": blocks}


def _thinned(block: dict[str, Any], share: float) -> dict[str, Any]:
    lines = [line for line in block["examples"].splitlines() if line.strip()]
    count = min(len(lines), max(2, round(len(lines) * share)))
    kept = [lines[at * len(lines) // count] for at in range(count)]
    return block | {"examples": "\n".join(kept) + "\n"}


def stock_model(root: Path, folder: Path, recipe: Recipe, told: Told) -> Kept:
    """Return the stock model of these sources, training it in `folder` where it is not there: many minutes."""
    write_project(root, folder, recipe)
    name = f"stock-{_digest(folder)}"
    return _kept(folder / "models" / f"{name}.tar.gz", lambda archive: _train_stock(folder, archive, told))


def our_model(root: Path, folder: Path, told: Told) -> Kept:
    """Return our model of these sources, training it where it is not there; `folder` has it as the live one."""

    def work(archive: Path) -> None:
        told("training ours…")
        train(root, folder, folder / "train.log")
        shutil.copy(live_path(folder), archive)

    return _kept(folder / f"ours-{fingerprint(root)[:12]}.tar.gz", work)


def _train_stock(folder: Path, archive: Path, told: Told) -> None:
    require_tensorflow()
    told("training stock Rasa, many minutes the first time…")
    command = [*RASA, "train", "--out", str(archive.parent), "--fixed-model-name", archive.name.removesuffix(".tar.gz")]
    with (folder / "train.log").open("w") as log:
        done = run(command, environment(RASA_CACHE_DIRECTORY=str(folder / "cache")), cwd=folder, log=log)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    if done.returncode != 0 or not archive.is_file():
        raise TrainingFailed(f"`{' '.join(command)}` ended with {done.returncode}; its output is in {folder / 'train.log'}")


def _kept(archive: Path, work: Callable[[Path], None]) -> Kept:
    """Return what is kept under this name, doing the work and noting its seconds where nothing is."""
    note = archive.with_suffix(".json")
    if not (archive.is_file() and note.is_file()):
        archive.parent.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        work(archive)
        note.write_text(json.dumps({"seconds": time.monotonic() - begun}))
    return Kept(archive, json.loads(note.read_text())["seconds"])


def _config(recipe: Recipe) -> dict[str, Any]:
    config: dict[str, Any] = _read(STOCK / "config.yml")
    for component in config["pipeline"] + config["policies"]:
        if recipe.epochs and "epochs" in component:
            component["epochs"] = recipe.epochs
    return config


def _domain(root: Path) -> dict[str, Any]:
    ours, stock = _read(root / "domain.yml"), _read(STOCK / "domain.yml")
    stock |= {"intents": ours["intents"], "entities": ours["entities"]}
    stock["responses"] |= _help_answers(root)
    return dict(stock)


def _help_answers(root: Path) -> dict[str, Any]:
    """Return the help centre's answers as responses of Rasa's retrieval, with the shop's values filled in."""
    shop = {name: value for name, value in _read(root / "shop.yml").items() if isinstance(value, str | int)}
    filled = _Filled(shop | {"shop_name": shop.get("name", "")})
    topics = _read(root / "bot" / "help" / "topics.ar.yml")
    return {
        f"utter_faq/{name}": [{"text": "\n\n".join(topic["answer"]).format_map(filled)}] for name, topic in topics.items()
    }


class _Filled(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return name


def _digest(folder: Path) -> str:
    """Return a short hash over everything a training reads."""
    files = [folder / "config.yml", folder / "domain.yml", *sorted((folder / "data").glob("*.yml"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000), "utf-8")
