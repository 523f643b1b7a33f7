"""The state of the training data: what is missing, what contradicts itself, and what is likely labelled wrongly."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

from bot.engine.judge import ReaderFailed
from bot.engine.questions import Question
from bot.engine.trainer import QUIET

TOO_FEW = 20
SURE = 0.8
"""From this probability on, another label than the one a sentence has is worth a look."""
CONFUSED = 3
"""Sentences that have to be taken for the other label before a pair is named."""
ALIKE = 0.85

Fold = Callable[[str], str]
Guess = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Health:
    """Each list is sorted by what should be mended first."""

    sentences: int
    too_few: list[tuple[str, int]]
    contradictions: list[tuple[str, list[str]]]
    """The same sentence, after folding, under several labels."""
    confused: list[tuple[str, str, int]]
    """(label, taken for, how often), from predictions of sentences the model had not seen."""
    mislabelled: list[tuple[str, str, str, float]]
    """(sentence, its label, what the model is sure of, how sure)."""
    look_alikes: list[tuple[str, str, str]]
    """(label, one sentence, another almost like it)."""
    missing_varieties: list[tuple[str, list[str]]]
    entities: dict[str, int] = field(default_factory=dict)
    """How often each entity is marked."""


def examine(examples: list[Question], guesses: list[Guess], fold: Fold) -> Health:
    """Return the health of the examples; `guesses` are what `out_of_fold` says of them."""
    return Health(
        len(examples),
        _too_few(examples),
        _contradictions(examples, fold),
        _confused(examples, guesses),
        _mislabelled(examples, guesses),
        _look_alikes(examples, fold),
        _missing_varieties(examples),
        dict(Counter(span.entity for example in examples for span in example.spans).most_common()),
    )


def out_of_fold(examples: list[Question]) -> list[Guess]:
    """Return what the classifier says of each example when trained on others, in a process of its own."""
    asked = json.dumps([[example.text, example.label] for example in examples])
    command = [sys.executable, "-m", "bot.nlu.folds"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=os.environ | QUIET, check=False)
    if done.returncode != 0:
        raise ReaderFailed(f"the folds cannot be read: {done.stderr[-500:]}")
    return [(label, chance) for label, chance in json.loads(done.stdout)]


def _too_few(examples: list[Question]) -> list[tuple[str, int]]:
    counted = Counter(example.label for example in examples)
    return sorted(((label, count) for label, count in counted.items() if count < TOO_FEW), key=lambda one: one[1])


def _contradictions(examples: list[Question], fold: Fold) -> list[tuple[str, list[str]]]:
    labels: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        labels[fold(example.text)].add(example.label)
    return sorted((text, sorted(found)) for text, found in labels.items() if len(found) > 1)


def _confused(examples: list[Question], guesses: list[Guess]) -> list[tuple[str, str, int]]:
    pairs = Counter(
        (example.label, guess)
        for example, (guess, _) in zip(examples, guesses, strict=True)
        if guess not in ("", example.label)
    )
    return [(label, guess, count) for (label, guess), count in pairs.most_common() if count >= CONFUSED]


def _mislabelled(examples: list[Question], guesses: list[Guess]) -> list[tuple[str, str, str, float]]:
    doubtful = [
        (example.text, example.label, guess, chance)
        for example, (guess, chance) in zip(examples, guesses, strict=True)
        if guess not in ("", example.label) and chance >= SURE
    ]
    return sorted(doubtful, key=lambda one: -one[3])


def _look_alikes(examples: list[Question], fold: Fold) -> list[tuple[str, str, str]]:
    """Sentences of one label that have nearly all words in common: the second teaches nothing."""
    by_label: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append((example.text, frozenset(fold(example.text).split())))
    return [
        (label, one, other)
        for label, texts in sorted(by_label.items())
        for (one, words), (other, more) in combinations(texts, 2)
        if len(words) > 3 and len(words & more) >= ALIKE * len(words | more)
    ]


def _missing_varieties(examples: list[Question]) -> list[tuple[str, list[str]]]:
    every = {example.variety for example in examples if example.variety}
    present: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        present[example.label].add(example.variety)
    lacking = [(label, sorted(every - found)) for label, found in present.items()]
    return sorted(((label, lacks) for label, lacks in lacking if lacks), key=lambda one: (-len(one[1]), one[0]))
