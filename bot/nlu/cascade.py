"""Two readings of a message: by its letters and words, and, where those leave it unclear, by what it means as a whole.

The first is quick and most messages need no other; the second asks the encoder. What the two say is weighed by two
numbers, fitted on unclear messages that neither had seen, so that the confidences can be believed. See bot/decisions/0023.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
from joblib import Parallel, delayed

from bot.nlu import linear, network
from bot.nlu.encoder import Wording, encoded, encoded_by_all_cores
from bot.nlu.linear import LinearModel, softmax
from bot.nlu.network import Committee

UNCLEAR = 0.8
"""Confidence of the first reading under which the second is asked: asking more often mends nothing more."""

MEANING = "(meaning)"
"""What stands for the second reading among the features that decided."""


@dataclass(frozen=True)
class Cascade:
    first: LinearModel
    second: Committee | None
    """None where a label is too rare for messages to be held out: nothing tells then how the two are to be weighed."""
    scale: float
    """What a margin of the first weighs, and"""
    share: float
    """what a logarithm of the second's chances weighs."""

    @property
    def labels(self) -> list[str]:
        return self.first.labels

    def chances(self, words: Sequence[str], typed: str) -> np.ndarray:
        """Return the probability of each label for a message's lemmas and the message as it was typed."""
        margins = self.first.margins(words)
        alone = softmax(margins / self.first.temperature)
        if self.second is None or alone.max() >= UNCLEAR:
            return alone
        return softmax(self.scale * margins + self.share * self.second.log_chances(encoded([(words, typed)]))[0])

    def deciding(self, words: Sequence[str], typed: str, label: int, limit: int) -> list[tuple[str, float]]:
        """Return the features that spoke most for a label, each with what it added; behind them what the meaning did.

        That is how much likelier than any other label the second reading held it, negative where it held another so.
        """
        features = self.first.deciding(words, label, limit)
        if self.second is None or not self.asks_twice(words):
            return features
        spoken = self.second.log_chances(encoded([(words, typed)]))[0]
        ahead = self.share * float(spoken[label] - np.delete(spoken, label).max())
        return [*((name, self.scale * added) for name, added in features), (MEANING, ahead)]

    def asks_twice(self, words: Sequence[str]) -> bool:
        return self.second is not None and self.first.chances(words).max() < UNCLEAR

    def missed(self, message: Wording, without: Sequence[Wording], label: int) -> np.ndarray:
        """Return what the second reading loses for a label with each of the wordings in the message's place."""
        assert self.second is not None
        spoken = self.second.log_chances(encoded([message, *without]))[:, label]
        return self.share * (spoken[0] - spoken[1:])


def fit(messages: Sequence[Wording], labels: list[str], strength: float, vectors: np.ndarray | None = None) -> Cascade:
    """Train on messages; `vectors` are what the encoder makes of them, if that is known already."""
    first, margins = linear.fit([words for words, _ in messages], labels, strength)
    unclear = softmax(margins / first.temperature).max(axis=-1) < UNCLEAR if len(margins) else np.zeros(0, bool)
    if not unclear.any():
        return Cascade(first, None, 1.0, 0.0)
    vectors = encoded_by_all_cores(messages) if vectors is None else vectors
    truth = linear.numbered(labels, first.labels)
    unseen = linear.held_out(labels)
    parts = linear.seen(len(labels), unseen)
    whole, *others = Parallel(n_jobs=-1)(delayed(network.learn)(vectors[part], truth[part]) for part in parts)
    spoken = linear.in_place(unseen, [other.log_chances(vectors[fold]) for other, fold in zip(others, unseen, strict=True)])
    scale, share = _weighed(margins[unclear], spoken[unclear], truth[unclear], 1 / first.temperature)
    return Cascade(first, Committee(whole, tuple(others)), scale, share)


def _weighed(margins: np.ndarray, spoken: np.ndarray, truth: np.ndarray, scale: float) -> tuple[float, float]:
    """Return what the two readings weigh where messages that neither had seen are the likeliest."""

    def surprise(weights: np.ndarray) -> float:
        return linear.surprise(weights[0] * margins + weights[1] * spoken, truth)

    bounds = [(0.3, 50.0), (0.0, 3.0)]
    found = scipy.optimize.minimize(surprise, (scale, 0.3), method="Nelder-Mead", bounds=bounds).x
    return float(found[0]), float(found[1])
