"""A linear model over sparse counts whose confidences can be believed.

Linear support vectors over character n-grams carry across the spellings and varieties of Arabic; their margins are
turned into probabilities by a softmax with one temperature, fitted on margins of examples the model had not seen
(Guo et al., "On Calibration of Modern Neural Networks", 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
        columns, weights = self.weighted(words)
        # Only the rows of the features at hand: a product with the whole matrix would convert all of it first.
        return softmax((weights @ self.weights[columns] + self.bias) / self.temperature)

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


def fit(messages: Sequence[Sequence[str]], labels: list[str], strength: float) -> LinearModel:
    """Train on messages, each a list of words; `strength` is the inverse of the regularisation (scikit-learn's C)."""
    vocabulary = Vocabulary(messages)
    rows = vocabulary.rows(messages)
    tfidf = TfidfTransformer(sublinear_tf=True).fit(rows)
    weighted = tfidf.transform(rows)
    everything = np.arange(len(labels))
    unseen = _folds(labels)
    seen = [everything, *(np.setdiff1d(everything, fold, assume_unique=True) for fold in unseen)]
    truth = np.array(labels)
    # A process each: liblinear draws its random numbers from one generator that threads would share.
    machine, *others = Parallel(n_jobs=-1)(delayed(_machine)(weighted[part], truth[part], strength) for part in seen)
    names = [str(name) for name in machine.classes_]
    margins = [other.decision_function(weighted[fold]) for other, fold in zip(others, unseen, strict=True)]
    temperature = _temperature(margins, [truth[fold] for fold in unseen], names)
    weights, bias = machine.coef_.T, machine.intercept_
    if len(names) == 2:  # scikit-learn keeps one column for two classes
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    kept = np.ascontiguousarray(weights, KEPT).astype(np.float32)
    return LinearModel(names, vocabulary, tfidf.idf_, kept, bias, temperature)


def softmax(margins: np.ndarray) -> np.ndarray:
    raised = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _machine(rows: scipy.sparse.csr_matrix, labels: np.ndarray, strength: float) -> LinearSVC:
    return LinearSVC(C=strength, class_weight="balanced", random_state=SEED).fit(rows, labels)


def _folds(labels: list[str]) -> list[np.ndarray]:
    """Return the examples of each fold, none where a label is too rare to be held out."""
    if min(np.unique(labels, return_counts=True)[1]) < FOLDS or len(set(labels)) < 3:
        return []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return [unseen for _, unseen in folds.split(labels, labels)]


def _temperature(margins: list[np.ndarray], labels: list[np.ndarray], names: list[str]) -> float:
    """Return the temperature under which examples that the model had not seen, fold by fold, are the likeliest."""
    if not margins:
        return 1.0
    stacked = np.vstack(margins)
    at = np.array([names.index(label) for label in np.concatenate(labels)])

    def surprise(temperature: float) -> float:
        return -float(np.log(softmax(stacked / temperature)[np.arange(len(at)), at] + 1e-12).mean())

    return float(scipy.optimize.minimize_scalar(surprise, bounds=(0.02, 3.0), method="bounded").x)
