"""What the classifier says of training sentences it was not trained on: `python -m bot.nlu.folds < in.json > out.json`.

A process of its own, so that whoever asks loads neither scikit-learn nor Rasa. In: a JSON list of `[text, label]`. Out: for
each the likeliest label and its probability, from a model that was trained on the other folds.
"""

import json
import sys

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import StratifiedKFold

from bot.language.lemmas import lemma
from bot.language.words import words
from bot.nlu.cascade import fit
from bot.nlu.encoder import Wording, encoded_by_all_cores
from bot.nlu.linear import SEED

FOLDS = 5
STRENGTH = 1.0


def out_of_fold(examples: list[tuple[str, str]]) -> list[tuple[str, float]]:
    """Return (label, probability) for each example; those of a label with fewer than FOLDS examples get ("", 0)."""
    labels = [label for _, label in examples]
    names, counts = np.unique(labels, return_counts=True)
    frequent = set(names[counts >= FOLDS])
    kept = [at for at, label in enumerate(labels) if label in frequent]
    guesses: list[tuple[str, float]] = [("", 0.0)] * len(examples)
    if len(frequent) < 2:
        return guesses
    messages = [(_lemmas(examples[at][0]), examples[at][0]) for at in kept]
    truth = [labels[at] for at in kept]
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(truth, truth))
    vectors = encoded_by_all_cores(messages)
    answers = Parallel(n_jobs=-1)(delayed(_read)(messages, truth, vectors, seen, unseen) for seen, unseen in folds)
    for (_, unseen), answer in zip(folds, answers, strict=True):
        for at, guess in zip(unseen, answer, strict=True):
            guesses[kept[at]] = guess
    return guesses


def _read(
    messages: list[Wording], truth: list[str], vectors: np.ndarray, seen: np.ndarray, unseen: np.ndarray
) -> list[tuple[str, float]]:
    model = fit([messages[at] for at in seen], [truth[at] for at in seen], STRENGTH, vectors[seen])
    chances = [model.chances(*messages[at]) for at in unseen]
    return [(model.labels[int(np.argmax(one))], float(np.max(one))) for one in chances]


def _lemmas(text: str) -> list[str]:
    return [part for word in words(text) for part in lemma(word.text).split()]


if __name__ == "__main__":
    json.dump(out_of_fold([tuple(one) for one in json.load(sys.stdin)]), sys.stdout, ensure_ascii=False)
