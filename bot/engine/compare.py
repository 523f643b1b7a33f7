"""A candidate beside the live model on the same questions, and whether it may take its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import comb

from bot.engine.judge import Reading, Verdict, guess_of, intent_scores, judge
from bot.engine.questions import Question

MARGIN = 0.05
"""F1 an intent may lose: less is within what a handful of questions says by chance."""
GUARDED_FROM = 5
"""Questions an intent needs to be guarded one by one."""
SIGNIFICANT = 0.05

Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """An intent's F1 in both models, over `asked` questions."""

    intent: str
    asked: int
    live: float
    candidate: float

    @property
    def gain(self) -> float:
        return self.candidate - self.live


@dataclass(frozen=True, slots=True)
class Comparison:
    live: Verdict
    candidate: Verdict
    changes: list[Change]
    """The greatest loss first."""
    only_live: int
    """Questions that only the live model read right."""
    only_candidate: int
    p: float
    """McNemar's exact test: how likely so uneven a split is if both are equally good."""
    leaked: list[str]
    """Questions that stand in the training data: they prove nothing."""

    def objections(self) -> list[str]:
        """Return why the candidate should not go live, as sentences; nothing where it may."""
        worse = [one for one in self.changes if one.asked >= GUARDED_FROM and one.gain < -MARGIN]
        found = [f"{one.intent} falls from {one.live:.2f} to {one.candidate:.2f} ({one.asked} questions)" for one in worse]
        if self.only_live > self.only_candidate and self.p < SIGNIFICANT:
            found.append(f"it reads {self.only_live - self.only_candidate} questions fewer right (p = {self.p:.3f})")
        if self.leaked:
            found.append(f"{len(self.leaked)} of the questions stand in the training data, e.g. {self.leaked[0]!r}")
        return found


def compare(
    questions: list[Question], live: list[Reading], candidate: list[Reading], trained: Iterable[str], fold: Fold
) -> Comparison:
    """Compare what two models read in the same questions; `trained` are the sentences of the training data."""
    truths = [question.intent for question in questions]
    old, new = [guess_of(one) for one in live], [guess_of(one) for one in candidate]
    before, after = intent_scores(truths, old), intent_scores(truths, new)
    changes = [Change(name, truths.count(name), before[name].f1, after[name].f1) for name in sorted(set(truths))]
    lost = sum(truth == one != other for truth, one, other in zip(truths, old, new, strict=True))
    won = sum(truth == other != one for truth, one, other in zip(truths, old, new, strict=True))
    known = {fold(sentence) for sentence in trained}
    leaked = [question.text for question in questions if fold(question.text) in known]
    verdicts = judge(questions, live), judge(questions, candidate)
    return Comparison(*verdicts, sorted(changes, key=lambda one: one.gain), lost, won, mcnemar(lost, won), leaked)


def mcnemar(one: int, other: int) -> float:
    """Return the two-sided exact p-value of McNemar's test on the two counts of disagreement."""
    total = one + other
    tail = sum(comb(total, count) for count in range(min(one, other) + 1))
    return min(1.0, 2.0 * tail / 2.0**total) if total else 1.0
