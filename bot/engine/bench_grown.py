"""What more training data costs: ours several times over, with made-up utterances beside the real ones."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.engine.bench_nlu import Told, as_nlu, train
from bot.engine.judge import read
from bot.engine.made_up import utterances
from bot.engine.questions import QUESTIONS, read_questions, training_data

PARSED = 200


@dataclass(frozen=True, slots=True)
class GrownTraining:
    times: int
    sentences: int
    seconds: float
    parse: float
    """Milliseconds a text, the median."""


def grown(root: Path, scratch: Path, times: int, told: Told) -> GrownTraining:
    """Train our NLU on so many times the sentences and time the parsing of held-out questions with it."""
    real = training_data(root)
    told(f"training ours on ×{times} the sentences")
    folder = scratch / f"times-{times}"
    shutil.copytree(root / "data" / "nlu", folder / "nlu")
    if times > 1:
        as_nlu(utterances(real, len(real) * (times - 1)), folder / "nlu" / "made_up.yml")
    trained = train(root, root / "config.yml", folder / "nlu", folder)
    texts = [question.text for question in read_questions(root / QUESTIONS)[:PARSED]]
    parse = median(reading["ms"] for reading in read(trained.model, texts))
    return GrownTraining(times, len(real) * times, trained.seconds, parse)
