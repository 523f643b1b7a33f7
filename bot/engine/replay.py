"""What shoppers really typed, read by both models: where a candidate would understand them otherwise."""

from bot.engine.judge import Reading, confidence_of, guess_of
from bot.engine.report import Difference, Replay

Said = tuple[int, str]
"""An utterance's number and text."""


def replayed(said: list[Said], live: list[Reading], candidate: list[Reading]) -> Replay:
    """Return where two models' guesses differ, what the live model is surest of first."""
    differences = [
        Difference(number, guess_of(one), confidence_of(one), guess_of(other), confidence_of(other))
        for (number, _), one, other in zip(said, live, candidate, strict=True)
        if guess_of(one) != guess_of(other)
    ]
    return Replay(len(said), sorted(differences, key=lambda one: -one.live_confidence))
