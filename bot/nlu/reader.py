"""Reads texts with a trained model and says what decided: `python -m bot.nlu.reader MODEL < texts.json > readings.json`.

A process of its own, so that whoever asks never loads Rasa. In: a JSON list of texts. Out: for each a mapping with
`tokens` (text, lemma, start, end), `ranking` (name, confidence), `topic`, `entities`, `deciding` (feature, weight) and `ms`.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import LinearIntentClassifier, lemmas

DECIDING = 12


class Reader:
    """A loaded model; reading is what Rasa does with a message, without a conversation."""

    def __init__(self, model: Path, scratch: Path) -> None:
        """Unpack the archive `model` into the empty folder `scratch`, which may go once this returns."""
        metadata, self._runner = load_predict_graph_runner(scratch, model, LocalModelStorage, DaskGraphRunner)
        self._target = metadata.nlu_target
        nodes = self._runner._instantiated_nodes.values()
        components = [node._component for node in nodes]
        self._classifier = next((c for c in components if isinstance(c, LinearIntentClassifier)), None)

    def read(self, text: str) -> dict[str, Any]:
        inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: None}
        begun = time.perf_counter()
        results = self._runner.run(inputs=inputs, targets=[self._target])
        taken = (time.perf_counter() - begun) * 1000
        message: Message = results[self._target][0]
        ranking = message.get("intent_ranking") or []
        selected = message.get("response_selector") or {}
        return {
            "tokens": [_token(token) for token in message.get(TOKENS_NAMES[TEXT]) or ()],
            "ranking": ranking,
            "topic": (selected.get("default") or {}).get("response", {}).get("intent_response_key"),
            "entities": [_entity(entity) for entity in message.get(ENTITIES) or ()],
            "deciding": self._deciding(message),
            "ms": round(taken, 3),
        }

    def _deciding(self, message: Message) -> list[tuple[str, float]]:
        """Return the features that spoke most for the likeliest label, each with what it added to the margin."""
        model = self._classifier.model if self._classifier else None
        if model is None:
            return []
        words = lemmas(message)
        best = int(np.argmax(model.chances(words)))
        return [(name, round(added, 3)) for name, added in model.deciding(words, best, DECIDING)]


def _token(token: Any) -> dict[str, Any]:
    return {"text": token.text, "lemma": token.lemma, "start": token.start, "end": token.end}


def _entity(entity: dict[str, Any]) -> dict[str, Any]:
    return {key: entity[key] for key in ("entity", "start", "end", "value")}


def main() -> None:
    """Read the texts on standard input; Rasa's notes on itself are not for whoever asked."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as scratch:
        reader = Reader(Path(sys.argv[1]), Path(scratch))
    readings = [reader.read(text) for text in json.load(sys.stdin)]
    json.dump(readings, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
