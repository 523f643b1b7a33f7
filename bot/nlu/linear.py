"""A linear model over sparse counts whose confidences can be believed.

Linear support vectors over character n-grams carry across the spellings and varieties of Arabic; their margins are
turned into probabilities by a softmax with one temperature, fitted on margins of examples the model had not seen
(Guo et al., "On Calibration of Modern Neural Networks", 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import LinearSVC

from bot.nlu.features import Vocabulary

FOLDS = 3
SEED = 7


@dataclass(frozen=True)
class LinearModel:
    labels: list[str]
    vocabulary: Vocabulary
    idf: np.ndarray
    weights: np.ndarray
    """features × labels, single precision."""
    bias: np.ndarray
    temperature: float

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
    machine = LinearSVC(C=strength, class_weight="balanced", random_state=SEED).fit(weighted, labels)
    names = [str(name) for name in machine.classes_]
    weights, bias = machine.coef_.T, machine.intercept_
    if len(names) == 2:  # scikit-learn keeps one column for two classes
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    temperature = _temperature(_unseen_margins(weighted, labels, strength), labels, names)
    return LinearModel(names, vocabulary, tfidf.idf_, np.ascontiguousarray(weights, np.float32), bias, temperature)


def softmax(margins: np.ndarray) -> np.ndarray:
    raised = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _unseen_margins(rows: scipy.sparse.csr_matrix, labels: list[str], strength: float) -> np.ndarray | None:
    """Return each example's margins by a model that was not trained on it; None where a label is too rare to hold out."""
    rarest = min(np.unique(labels, return_counts=True)[1])
    if rarest < FOLDS or len(set(labels)) < 3:
        return None
    machine = LinearSVC(C=strength, class_weight="balanced", random_state=SEED)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    return cross_val_predict(machine, rows, labels, cv=folds, method="decision_function")


def _temperature(margins: np.ndarray | None, labels: list[str], names: list[str]) -> float:
    """Return the temperature under which the unseen examples are the likeliest."""
    if margins is None:
        return 1.0
    at = np.array([names.index(label) for label in labels])

    def surprise(temperature: float) -> float:
        return -float(np.log(softmax(margins / temperature)[np.arange(len(at)), at] + 1e-12).mean())

    return float(scipy.optimize.minimize_scalar(surprise, bounds=(0.02, 3.0), method="bounded").x)
