"""The problems that the clauses of a message name one by one: see bot/decisions/0011.

One that is plainly about another kind than the message as a whole is the other problem.
"""

from bot.language.clauses import clause_spans
from bot.language.kinds import KINDS

TOLD_APART = KINDS - {"other_complaint"}
"""Kinds that can be told from a clause."""

SURE = 0.7
"""A wrong offer annoys more than a missed one: see bot/decisions/0011."""

SURER = 0.85
"""Asked of kinds that are easily taken for each other, and of "no reply", which every story of waiting sounds like."""

NEIGHBOURS = (
    {"late_delivery", "not_received"}, {"damaged_item", "poor_quality"}, {"misleading_promotion", "overcharged_fees"},
    {"payment_problem", "refund_problem"}, {"wrong_item", "missing_item"}, {"cancelled_order", "refund_problem"},
)  # fmt: skip

Guess = tuple[str, float]


def parts(text: str) -> list[tuple[int, int]]:
    """Return where the clauses of a text begin and end; none for a text of a single one."""
    spans = clause_spans(text)
    return spans if len(spans) > 1 else []


def second_of(main: str, guesses: list[Guess]) -> Guess | None:
    """Return the surest guess at a clause that is another problem than `main`, None if none is sure enough."""
    others = [(kind, chance) for kind, chance in guesses if kind in TOLD_APART - {main} and chance >= _bar(main, kind)]
    return max(others, key=lambda guess: guess[1], default=None)


def _bar(main: str, kind: str) -> float:
    close = kind == "no_reply" or {main, kind} in NEIGHBOURS
    return SURER if close else SURE
