"""A small network over the encoder's vectors: one hidden layer, learnt by scikit-learn, kept as its bare weights."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

HIDDEN = 256
ROUNDS = 6
"""Times that training goes through all messages: stopped early, for with more it only grows surer of what it has seen."""
BATCH, PACE = 128, 2e-3
STRETCH = 8.0
"""Vectors of length one have entries of a twentieth: too small for the rate the network learns at."""
SEED = 7


@dataclass(frozen=True)
class Network:
    centre: np.ndarray
    hidden: tuple[np.ndarray, np.ndarray]
    """Weights, width of the vectors × HIDDEN, and bias."""
    outer: tuple[np.ndarray, np.ndarray]
    """Weights, HIDDEN × labels, and bias."""

    def log_chances(self, vectors: np.ndarray) -> np.ndarray:
        """Return the logarithm of each label's probability, messages × labels; labels in the order of their names."""
        weights, bias = self.hidden
        raised = np.maximum((vectors - self.centre) * STRETCH @ weights + bias, 0.0)
        weights, bias = self.outer
        return log_softmax(raised @ weights + bias)


@dataclass(frozen=True)
class Committee:
    """The network that saw everything, and, with as much to say together, those that each saw all but a fold."""

    whole: Network
    others: tuple[Network, ...]

    def log_chances(self, vectors: np.ndarray) -> np.ndarray:
        """Return what `Network.log_chances` does, by their mean: it changes less with what is added to the training data."""
        others = np.mean([one.log_chances(vectors) for one in self.others], axis=0)
        return log_softmax((self.whole.log_chances(vectors) + others) / 2)


def learn(vectors: np.ndarray, labels: np.ndarray) -> Network:
    """Train on vectors, messages × width, and the label of each; the same in, the same out."""
    centre = vectors.mean(axis=0)
    batch = min(BATCH, len(labels))
    learner = MLPClassifier(HIDDEN, learning_rate_init=PACE, batch_size=batch, max_iter=ROUNDS, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose
        learner.fit((vectors - centre) * STRETCH, labels)
    (first, second), (bias, last) = learner.coefs_, learner.intercepts_
    if second.shape[1] == 1:  # scikit-learn keeps one column for two classes
        second, last = np.hstack([np.zeros_like(second), second]), np.hstack([np.zeros_like(last), last])
    return Network(centre, (_kept(first), _kept(bias)), (_kept(second), _kept(last)))


def log_softmax(margins: np.ndarray) -> np.ndarray:
    below = margins - margins.max(axis=-1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=-1, keepdims=True))


def _kept(weights: np.ndarray) -> np.ndarray:
    return weights.astype(np.float32)
