"""TensorFlow for what only stock Rasa does: training and reading with the pipeline that `rasa init` writes."""

import importlib.util
import sys

from bot.domain.errors import ShakwaError

OURS = (sys.executable,)
STOCK = (sys.executable, "-X", "tensorflow")
"""Python in which Rasa has TensorFlow, see `bot/nlu/without_tensorflow.py`."""


class NoTensorFlow(ShakwaError):
    """It is not installed."""


def require_tensorflow() -> None:
    """Raise NoTensorFlow, with what brings it, where it is not installed."""
    if importlib.util.find_spec("tensorflow") is None:
        raise NoTensorFlow(
            "stock Rasa trains with TensorFlow, which Shakwa does without: `uv sync --inexact --group stock` brings it"
        )
