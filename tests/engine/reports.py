"""Reports and readings as tests of the gate need them."""

from dataclasses import replace
from typing import Any

from bot.engine.judge import Reading, Verdict
from bot.engine.questions import Question
from bot.engine.report import (
    Bin,
    Calibration,
    Change,
    Conversations,
    CrossValidation,
    Difference,
    Disagreement,
    Measures,
    Objection,
    Replay,
    Report,
    Side,
)

VERDICT = Verdict(0.9, 0.88, 0.91, 0.8, {"gulf": 0.9}, {"product": 0.7}, 2.5, 4.0)


def reading(intent: str, confidence: float = 0.9) -> Reading:
    ranking = [{"name": intent, "confidence": confidence}]
    return {"ranking": ranking, "topic": None, "entities": [], "ms": 3.0, "tokens": []}


def asked(**counts: int) -> list[Question]:
    return [Question(f"{name} {at}", name, "gulf") for name, count in counts.items() for at in range(count)]


def right(questions: list[Question]) -> list[Reading]:
    return [reading(question.intent) for question in questions]


def a_side(model: str) -> Side:
    return Side(model, VERDICT, Calibration([Bin(0.9, 10, 0.95, 0.9)], 0.05), {"greet": {"greet": ["هلا"], "deny": ["لا"]}})


def a_change(intent: str = "greet", *, before: float = 0.9, after: float = 0.9, questions: int = 10) -> Change:
    old, new = Measures(before, before, before), Measures(after, after, after)
    return Change(intent, questions, old, new, after - before, after - before, after - before, questions >= 5)


def a_report(**changed: Any) -> Report:
    """A report with nothing against the candidate."""
    report = Report(
        made_at="2026-11-27T10:00:00+00:00", asked="abc", questions=20, margin=0.05,
        live=a_side("live.tar.gz"), candidate=a_side("new.tar.gz"), changes=[a_change()],
        disagreement=Disagreement(1, 2, 1.0), leaked=[], conversations=Conversations(["A late order"], []),
        objections=[Objection("leaked", {"count": 1, "example": "هلا"}, "one of the questions is known")],
        cross_validation=CrossValidation(100, 0.9, 0.88, ["rare"]),
        replay=Replay(500, [Difference(7, "greet", 0.9, "deny", 0.6)]), seconds=30.5,
    )  # fmt: skip
    return replace(report, **changed)
