"""What the live model makes of sentences that were said elsewhere, as the readings of messages."""

from pathlib import Path

from bot.domain.conversation import Reading
from bot.engine import judge
from bot.engine.trainer import live_model


def guess(models: Path, texts: list[str]) -> list[Reading]:
    """Read texts with the live model, five guesses each; without a model the readings are empty."""
    live = live_model(models)
    if live is None or not texts:
        return [Reading("", 0.0, [], [], "") for _ in texts]
    return [_reading(read, live.file) for read in judge.read(models / live.file, texts)]


def _reading(read: judge.Reading, model: str) -> Reading:
    ranking = [{"name": one["name"], "confidence": one["confidence"]} for one in read["ranking"][:5]]
    name, confidence = (ranking[0]["name"], ranking[0]["confidence"]) if ranking else ("", 0.0)
    return Reading(name, confidence, ranking, read["entities"], model)
