"""Our pipeline beside the one `rasa init` suggests: the same training data, the same questions, one run."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.engine.judge import Verdict, judge, read
from bot.engine.questions import Question, read_questions
from bot.engine.tensorflow import OURS, require_tensorflow
from bot.engine.tensorflow import STOCK as WITH_TENSORFLOW
from bot.engine.trainer import QUIET, RASA, TrainingFailed

STOCK = Path(__file__).parent / "stock" / "config.yml"
OWN = "held-out"
"""The task that is judged by our own questions."""

ARBANKING = ("arbanking77_train.tsv", "arbanking77_train40.tsv")
PUBLISHED = {"test_msa": "AraBERT 0.921", "test_pal": "AraBERT 0.900"}
"""F1 of a fine-tuned AraBERT, as published with ArBanking77 (SinaLab, Birzeit University)."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model archive, which its scratch folder may take along; how long it took and how large it is."""

    model: Path
    seconds: float
    megabytes: float
    python: tuple[str, ...]
    """What reads it."""


@dataclass(frozen=True, slots=True)
class Result:
    """One pipeline's row of a table."""

    pipeline: str
    task: str
    trained: Trained
    verdict: Verdict


def own_questions(root: Path, heldout: Path, told: Told, *, stock: bool) -> Iterator[Result]:
    """Train both pipelines on `data/nlu` and judge them by the held-out questions."""
    questions = read_questions(heldout)
    for name, config in [("ours", root / "config.yml")] + [("rasa init", STOCK)] * stock:
        told(f"training {name} on data/nlu…")
        with tempfile.TemporaryDirectory() as scratch:
            yield _result(name, OWN, train(root, config, root / "data" / "nlu", Path(scratch)), questions)


def arbanking(root: Path, folder: Path, told: Told, *, stock: bool) -> Iterator[Result]:
    """Train on ArBanking77, whole and with 40 examples an intent; the stock pipeline only on the latter."""
    for file in ARBANKING:
        pipelines = [("ours", root / "config.yml")] + [("rasa init", STOCK)] * (stock and "40" in file)
        for name, config in pipelines:
            told(f"training {name} on {file}…")
            with tempfile.TemporaryDirectory() as scratch:
                data = as_nlu(rows(folder / file), Path(scratch) / "nlu.yml")
                trained = train(root, config, data, Path(scratch))
                for test in PUBLISHED:
                    questions = rows(folder / f"arbanking77_{test}.tsv")
                    yield _result(name, f"{file.removesuffix('.tsv')} → {test}", trained, questions)


def rows(file: Path) -> list[Question]:
    """Read `intent<TAB>text` lines after a header."""
    lines = file.read_text("utf-8").splitlines()[1:]
    pairs = [line.split("\t", 1) for line in lines if "\t" in line]
    return [Question(text.strip(), intent, "") for intent, text in pairs if text.strip()]


def as_nlu(questions: list[Question], file: Path) -> Path:
    """Write questions as Rasa training data; brackets, which Rasa would read as annotations, become blanks."""
    blank = str.maketrans("[](){}", "      ")
    texts: dict[str, list[str]] = {}
    for question in questions:
        texts.setdefault(question.label, []).append(f"    - {question.text.translate(blank)}\n")
    blocks = (f"- intent: {json.dumps(intent)}\n  examples: |\n{''.join(lines)}" for intent, lines in texts.items())
    # Rasa tells its own files by the unquoted key at the beginning of a line, which PyYAML would quote.
    file.write_text('version: "3.1"\nnlu:\n' + "".join(blocks), "utf-8")
    return file


def train(root: Path, config: Path, data: Path, out: Path) -> Trained:
    """Train the NLU part alone, without Rasa's cache, so that the time is the whole work's."""
    if config == STOCK:
        require_tensorflow()
    command = [
        *_python(config),
        *RASA[1:],
        "train",
        "nlu",
        "--config",
        str(config),
        "--nlu",
        str(data),
        "--out",
        str(out),
        "--fixed-model-name",
        "m",
    ]
    environment = os.environ | QUIET | {"RASA_CACHE_DIRECTORY": str(out / "cache")}
    begun = time.monotonic()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    model = out / "m.tar.gz"
    if done.returncode != 0 or not model.is_file():
        raise TrainingFailed(f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr[-500:]}")
    return Trained(model, time.monotonic() - begun, model.stat().st_size / 1e6, _python(config))


def _python(config: Path) -> tuple[str, ...]:
    return WITH_TENSORFLOW if config == STOCK else OURS


def _result(name: str, task: str, trained: Trained, questions: list[Question]) -> Result:
    readings = read(trained.model, [question.text for question in questions], python=trained.python)
    return Result(name, task, trained, judge(questions, readings))
