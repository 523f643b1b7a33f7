"""How far a model's confidence can be believed, and how much of a change chance alone could make."""

from collections import Counter
from random import Random

from bot.engine.judge import Reading, confidence_of, guess_of
from bot.engine.report import Bin, Calibration

BINS = 10
SAMPLES = 1000
SEED = 7

Answer = tuple[str, str, str]
"""(truth, what the live model says, what the candidate says)"""


def calibration(truths: list[str], readings: list[Reading]) -> Calibration:
    """Return the reliability of the likeliest guesses, tenth by tenth (Guo et al. 2017)."""
    filled: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for truth, reading in zip(truths, readings, strict=True):
        sure = confidence_of(reading)
        filled[min(BINS - 1, int(sure * BINS))].append((sure, guess_of(reading) == truth))
    bins = [_bin(at / BINS, guesses) for at, guesses in enumerate(filled)]
    return Calibration(bins, sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / max(1, len(truths)))


def _bin(low: float, guesses: list[tuple[float, bool]]) -> Bin:
    count = len(guesses)
    sure, right = sum(sure for sure, _ in guesses), sum(right for _, right in guesses)
    return Bin(low, count, sure / max(1, count), right / max(1, count))


def intervals(answers: list[Answer], samples: int = SAMPLES) -> dict[str, tuple[float, float]]:
    """Return, for each intent, between what the change of its F1 lies in 95 of 100 samples of the questions (bootstrap)."""
    random = Random(SEED)
    kinds = Counter(answers)
    gains: dict[str, list[float]] = {truth: [] for truth, _, _ in answers}
    for _ in range(samples):
        drawn = Counter(random.choices(list(kinds), list(kinds.values()), k=len(answers)))
        before, after = _f1(drawn, 1), _f1(drawn, 2)
        for intent, found in gains.items():
            found.append(after.get(intent, 0.0) - before.get(intent, 0.0))
    return {intent: _middle(sorted(found)) for intent, found in gains.items()}


def _f1(drawn: Counter[Answer], model: int) -> dict[str, float]:
    right: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for answer, count in drawn.items():
        named[answer[0]] += count
        named[answer[model]] += count
        right[answer[0]] += count * (answer[0] == answer[model])
    return {intent: 2 * right[intent] / count for intent, count in named.items()}


def _middle(found: list[float]) -> tuple[float, float]:
    cut = int(len(found) * 0.025)
    return found[cut], found[-1 - cut]
