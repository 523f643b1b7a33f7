"""A current model for the tests: the project's own, or one trained once for these sources."""

import fcntl
from pathlib import Path

from bot.engine import trainer
from bot.settings import ROOT

KEPT = ROOT / "var" / "test-models"


def current_models() -> Path:
    """Return a folder with a live model of the sources as they are now, training it (a minute) where there is none."""
    if trainer.is_current(ROOT, ROOT / "models"):
        return ROOT / "models"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one training at a time: it takes both cores
        models = KEPT / trainer.fingerprint(ROOT)[:16]
        if not trainer.is_current(ROOT, models):
            trainer.train(ROOT, models, models / "train.log")
    return models
