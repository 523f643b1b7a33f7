"""A linear model over sparse counts whose confidences can be believed.

Linear support vectors over character n-grams carry across the spellings and varieties of Arabic; their margins are
turned into probabilities by a softmax with one temperature, fitted on margins of examples the model had not seen
(Guo et al., "On Calibration of Modern Neural Networks", 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.features import Vocabulary

FOLDS = 3
SEED = 7
KEPT = np.float16
"""How weights are kept: half precision changes no guess and halves the archive, whose packing takes ten seconds."""


@dataclass(frozen=True)
class LinearModel:
    labels: list[str]
    vocabulary: Vocabulary
    idf: np.ndarray
    weights: np.ndarray
    """features × labels, single precision with the digits of KEPT."""
    bias: np.ndarray
    temperature: float

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"weights": self.weights.astype(KEPT)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, weights=state["weights"].astype(np.float32))

    def chances(self, words: Sequence[str]) -> np.ndarray:
        """Return the probability of each label for a message's words."""
        return softmax(self.margins(words) / self.temperature)

    def margins(self, words: Sequence[str]) -> np.ndarray:
        """Return how far a message's words lie on each label's side."""
        columns, weights = self.weighted(words)
        # Only the rows of the features at hand: a product with the whole matrix would convert all of it first.
        margins: np.ndarray = weights @ self.weights[columns] + self.bias
        return margins

    def weighted(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of the known features and their tf-idf weights, of length one together."""
        columns, counts = self.vocabulary.row(words)
        values = (1.0 + np.log(counts)) * self.idf[columns]
        return columns, (values / (np.linalg.norm(values) or 1.0)).astype(np.float32)

    def deciding(self, words: Sequence[str], label: int, limit: int) -> list[tuple[str, float]]:
        """Return the features that spoke most for a label, each with what it added to the margin."""
        columns, weights = self.weighted(words)
        added = weights * self.weights[columns, label]
        return [(self.vocabulary.names[columns[at]], float(added[at])) for at in np.argsort(-added)[:limit]]

    def by_word(self, words: Sequence[str], label: int) -> np.ndarray:
        """Return what each word added to a label's margin; a feature shared by words counts for each alike."""
        columns, weights = self.weighted(words)
        _, counts = self.vocabulary.row(words)
        added = dict(zip(columns.tolist(), (weights * self.weights[columns, label] / counts).tolist(), strict=True))
        single = [sum(added[column] for column in self.vocabulary.of_word(word)) for word in words]
        pairs = [added.get(self.vocabulary.of_pair(one, other), 0.0) / 2 for one, other in pairwise(words)]
        return np.array(single) + np.array([0.0, *pairs])[: len(words)] + np.array([*pairs, 0.0])[: len(words)]


def fit(messages: Sequence[Sequence[str]], labels: list[str], strength: float) -> tuple[LinearModel, np.ndarray]:
    """Train on messages, each a list of words; `strength` is the inverse of the regularisation (scikit-learn's C).

    Return the model, and the margins of each message by one that had not seen it: messages × labels, no rows where a
    label is too rare to be held out.
    """
    vocabulary = Vocabulary(messages)
    rows = vocabulary.rows(messages)
    tfidf = TfidfTransformer(sublinear_tf=True).fit(rows)
    weighted = tfidf.transform(rows)
    unseen = held_out(labels)
    truth = np.array(labels)
    # A process each: liblinear draws its random numbers from one generator that threads would share.
    parts = (delayed(_machine)(weighted[part], truth[part], strength) for part in seen(len(labels), unseen))
    machine, *others = Parallel(n_jobs=-1)(parts)
    names = [str(name) for name in machine.classes_]
    margins = in_place(unseen, [other.decision_function(weighted[fold]) for other, fold in zip(others, unseen, strict=True)])
    weights, bias = machine.coef_.T, machine.intercept_
    if len(names) == 2:  # scikit-learn keeps one column for two classes
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    kept = np.ascontiguousarray(weights, KEPT).astype(np.float32)
    temperature = _temperature(margins, numbered(labels, names))
    return LinearModel(names, vocabulary, tfidf.idf_, kept, bias, temperature), margins


def softmax(margins: np.ndarray) -> np.ndarray:
    raised = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _machine(rows: scipy.sparse.csr_matrix, labels: np.ndarray, strength: float) -> LinearSVC:
    return LinearSVC(C=strength, class_weight="balanced", random_state=SEED).fit(rows, labels)


def held_out(labels: list[str]) -> list[np.ndarray]:
    """Return the examples of each fold, none where a label is too rare to be held out."""
    if min(np.unique(labels, return_counts=True)[1]) < FOLDS or len(set(labels)) < 3:
        return []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return [unseen for _, unseen in folds.split(labels, labels)]


def seen(count: int, unseen: list[np.ndarray]) -> list[np.ndarray]:
    """Return what to train on: everything, and for each fold everything else."""
    everything = np.arange(count)
    return [everything, *(np.setdiff1d(everything, fold, assume_unique=True) for fold in unseen)]


def in_place(unseen: list[np.ndarray], found: list[np.ndarray]) -> np.ndarray:
    """Return what was found of each fold's examples in the order of all of them."""
    if not unseen:
        return np.zeros((0, 0), np.float32)
    return np.vstack(found)[np.argsort(np.concatenate(unseen))]


def numbered(labels: list[str], names: list[str]) -> np.ndarray:
    return np.searchsorted(names, labels)


def surprise(margins: np.ndarray, truth: np.ndarray) -> float:
    """Return how unlikely the true labels are held, on average, in nats."""
    return -float(np.log(softmax(margins)[np.arange(len(truth)), truth] + 1e-12).mean())


def _temperature(margins: np.ndarray, truth: np.ndarray) -> float:
    """Return the temperature under which examples that the model had not seen are the likeliest."""
    if not len(margins):
        return 1.0
    found = scipy.optimize.minimize_scalar(lambda one: surprise(margins / one, truth), bounds=(0.02, 3.0), method="bounded")
    return float(found.x)
