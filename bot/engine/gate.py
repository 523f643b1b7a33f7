"""Whether a candidate may take the live model's place: what speaks against it, as sentences."""

from collections.abc import Iterator

from bot.domain.model import Objection
from bot.engine.report import Change, Conversations, Disagreement

MARGIN = 0.05
"""F1 an intent may lose, or, where that is more, what one of its questions makes: of twelve, one read otherwise is 0.06."""
GUARDED_FROM = 5
"""Questions an intent needs to be guarded one by one."""
SIGNIFICANT = 0.05


def objections(
    changes: list[Change], disagreement: Disagreement, leaked: list[str], conversations: Conversations, margin: float
) -> list[Objection]:
    """Return why the candidate should not go live; nothing where it may."""
    fallen = [_falls(one) for one in changes if one.guarded and one.gain < -max(margin, 1 / one.asked)]
    return [*fallen, *_fewer_right(disagreement), *_leaked(leaked), *_conversations(conversations)]


def _falls(one: Change) -> Objection:
    before, after = round(one.live.f1, 4), round(one.candidate.f1, 4)
    sentence = f"{one.intent} falls from {before:.2f} to {after:.2f} ({one.asked} questions)"
    values: dict[str, str | int | float] = {"intent": one.intent, "live": before, "candidate": after, "asked": one.asked}
    return Objection("intent_falls", values, sentence)


def _fewer_right(found: Disagreement) -> Iterator[Objection]:
    fewer = found.only_live - found.only_candidate
    if fewer > 0 and found.p < SIGNIFICANT:
        sentence = f"it reads {fewer} questions fewer right (p = {found.p:.3f})"
        yield Objection("fewer_right", {"fewer": fewer, "p": round(found.p, 4)}, sentence)


def _leaked(leaked: list[str]) -> Iterator[Objection]:
    if leaked:
        sentence = f"{len(leaked)} of the questions stand in the training data, e.g. {leaked[0]!r}"
        yield Objection("leaked", {"count": len(leaked), "example": leaked[0]}, sentence)


def _conversations(found: Conversations) -> Iterator[Objection]:
    failed, total = len(found.failed), len(found.failed) + len(found.passed)
    if failed:
        sentence = f"{failed} of {total} conversations do not go as written, e.g. {found.failed[0]!r}"
        yield Objection("conversations_fail", {"count": failed, "total": total, "example": found.failed[0]}, sentence)
