"""Examines training data: its own words, and what models say of sentences they have not seen."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from bot.domain.health import Health, LookAlike, Misread, Sentence
from bot.engine import dataset, mending
from bot.engine.judge import ask
from bot.engine.questions import Question, training_data
from bot.engine.records import made
from bot.engine.running import Cancelled, never
from bot.engine.trainer import fingerprint, write_whole

TOO_FEW = 20
ALIKE = 0.85

Fold = Callable[[str], str]
Guess = tuple[str, float]


def of_project(root: Path, fold: Fold, *, guesses: bool = True) -> Health:
    """Return the health of a project's training data; with guesses it takes about a minute."""
    examples = training_data(root)
    read = out_of_fold(examples) if guesses else [("", 0.0)] * len(examples)
    return examine(examples, read, fold, fingerprint(root), dataset.known_entities(root), mending.approved(root))


def keep(file: Path, health: Health) -> None:
    write_whole(file, json.dumps(asdict(health), ensure_ascii=False, indent=1))


def kept(file: Path) -> Health | None:
    """Return what was kept in a file, None where nothing is, or nothing that can be read."""
    try:
        return made(Health, json.loads(file.read_text("utf-8")))  # type: ignore[no-any-return]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def examine(
    examples: list[Question], guesses: list[Guess], fold: Fold, sources: str = "", entities: Collection[str] = (),
    approved: Collection[Sentence] = (),
) -> Health:  # fmt: skip
    """Return the health of the examples; `guesses` are what `out_of_fold` says of them, `approved` what a person did."""
    return Health(
        datetime.now(UTC).isoformat(timespec="seconds"),
        sources,
        len(examples),
        _too_few(examples),
        _contradictions(examples, fold),
        [one for one in _misread(examples, guesses) if one.sentence not in approved],
        _look_alikes(examples, fold),
        _missing_varieties(examples),
        _entities(examples, entities),
    )


def out_of_fold(examples: list[Question], cancelled: Cancelled = never) -> list[Guess]:
    """Return what the classifier says of each example when trained on others, in a process of its own."""
    asked = [[example.text, example.label] for example in examples]
    guesses = ask("bot.nlu.folds", asked, "the folds cannot be read", cancelled=cancelled)
    return [(label, chance) for label, chance in guesses]


def _too_few(examples: list[Question]) -> list[tuple[str, int]]:
    counted = Counter(example.label for example in examples)
    return sorted(((label, count) for label, count in counted.items() if count < TOO_FEW), key=lambda one: one[1])


def _contradictions(examples: list[Question], fold: Fold) -> list[list[Sentence]]:
    same: dict[str, set[Sentence]] = defaultdict(set)
    for example in examples:
        same[fold(example.text)].add(_sentence(example))
    return sorted(sorted(found) for found in same.values() if len({one.label for one in found}) > 1)


def _misread(examples: list[Question], guesses: list[Guess]) -> list[Misread]:
    found = [
        Misread(_sentence(example), guess, round(chance, 3))
        for example, (guess, chance) in zip(examples, guesses, strict=True)
        if guess not in ("", example.label)
    ]
    return sorted(found, key=lambda one: -one.sure)


def _look_alikes(examples: list[Question], fold: Fold) -> list[LookAlike]:
    by_label: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append((example.text, frozenset(fold(example.text).split())))
    return [
        LookAlike(Sentence(one, label), Sentence(other, label))
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


def _entities(examples: list[Question], known: Collection[str]) -> dict[str, int]:
    marked = Counter(span.entity for example in examples for span in example.spans)
    return dict(Counter(dict.fromkeys(known, 0) | marked).most_common())


def _sentence(example: Question) -> Sentence:
    return Sentence(example.text, example.label)
