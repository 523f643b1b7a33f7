"""Judges a model by questions it was not trained on."""

import json
import os
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.complaint import Kind
from bot.domain.errors import ShakwaError
from bot.engine.questions import Question, Span
from bot.engine.running import Cancelled, never, run
from bot.engine.tensorflow import OURS
from bot.engine.trainer import QUIET

Reading = dict[str, Any]
"""What `bot.nlu.reader` says of one text."""


class ReaderFailed(ShakwaError):
    """The reader did not answer; the message holds the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model made of the questions; milliseconds a message, on one core."""

    accuracy: float
    macro_f1: float
    kinds_f1: float
    topics: float
    """Share of the help-centre questions whose topic is right."""
    varieties: dict[str, float]
    """Macro-F1 of the questions of one variety."""
    entities: dict[str, float]
    ms_p50: float
    ms_p95: float


def read(model: Path, texts: list[str], cancelled: Cancelled = never, python: Sequence[str] = OURS) -> list[Reading]:
    """Read texts with a model, in a process of its own; raise ReaderFailed with what it said."""
    failure = f"{model} cannot be read"
    readings: list[Reading] = ask("bot.nlu.reader", texts, failure, str(model), cancelled=cancelled, python=python)
    return readings


def ask(
    module: str, given: object, failure: str, *arguments: str, cancelled: Cancelled = never, python: Sequence[str] = OURS
) -> Any:
    """Give a module JSON to read, in a process of its own, and return what it prints; raise ReaderFailed with its words."""
    done = run([*python, "-m", module, *arguments], os.environ | QUIET, asked=json.dumps(given), cancelled=cancelled)
    if done.returncode != 0:
        raise ReaderFailed(f"{failure}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def judge(questions: list[Question], readings: list[Reading]) -> Verdict:
    """Score the intents, the topics of the help centre, and the entities (found where marked, at least in part: where
    a date or a product's name ends is taste)."""
    guesses = [guess_of(reading) for reading in readings]
    scores = intent_scores([question.intent for question in questions], guesses)
    asked = [(question, reading) for question, reading in zip(questions, readings, strict=True) if "/" in question.label]
    times = [reading["ms"] for reading in readings]
    return Verdict(
        accuracy=_share(q.intent == guess for q, guess in zip(questions, guesses, strict=True)),
        macro_f1=macro(scores.values()),
        kinds_f1=macro(scores[kind] for kind in Kind if kind in scores),
        topics=_share(reading["topic"] == question.label for question, reading in asked),
        varieties=_by_variety(questions, guesses),
        entities={name: score.f1 for name, score in entity_scores(questions, readings).items()},
        ms_p50=statistics.median(times),
        ms_p95=statistics.quantiles(times, n=20)[-1],
    )


def intent_scores(truths: list[str], guesses: list[str]) -> dict[str, Score]:
    """Return the score of each intent that is asked for or guessed."""
    pairs = Counter(zip(truths, guesses, strict=True))
    names = set(truths)
    right = {name: pairs[name, name] for name in names}
    guessed, true = Counter(guesses), Counter(truths)
    return {name: Score(right[name], guessed[name] - right[name], true[name] - right[name]) for name in names}


def entity_scores(questions: list[Question], readings: list[Reading]) -> dict[str, Score]:
    """Return the score of each entity; a mark and a find of the same entity that overlap are one."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for question, reading in zip(questions, readings, strict=True):
        found = [Span(entity["entity"], entity["start"], entity["end"]) for entity in reading["entities"]]
        for mark in question.spans:
            tally[mark.entity]["right" if any(_meet(mark, other) for other in found) else "missed"] += 1
        for span in found:
            tally[span.entity]["wrong"] += not any(_meet(span, mark) for mark in question.spans)
    return {name: Score(count["right"], count["wrong"], count["missed"]) for name, count in sorted(tally.items())}


def _meet(one: Span, other: Span) -> bool:
    return one.entity == other.entity and one.start < other.end and other.start < one.end


def guess_of(reading: Reading) -> str:
    """Return the likeliest intent; that a fallback would have asked first is another question."""
    return _likeliest(reading)[0]


def confidence_of(reading: Reading) -> float:
    """Return how sure the guess of `guess_of` is, 0 where there is none."""
    return _likeliest(reading)[1]


def _likeliest(reading: Reading) -> tuple[str, float]:
    guesses = (guess for guess in reading["ranking"] if guess["name"] != "nlu_fallback")
    return next(((guess["name"], float(guess["confidence"])) for guess in guesses), ("", 0.0))


def _by_variety(questions: list[Question], guesses: list[str]) -> dict[str, float]:
    varieties = sorted({question.variety for question in questions})
    asked = {name: [at for at, q in enumerate(questions) if q.variety == name] for name in varieties}
    return {
        name: macro(intent_scores([questions[at].intent for at in places], [guesses[at] for at in places]).values())
        for name, places in asked.items()
    }


def macro(scores: Iterable[Score]) -> float:
    """Return the mean F1, each intent weighing the same."""
    values = [score.f1 for score in scores]
    return sum(values) / max(1, len(values))


def _share(holds: Iterable[bool]) -> float:
    values = list(holds)
    return sum(values) / max(1, len(values))
