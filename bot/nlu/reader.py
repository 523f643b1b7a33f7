"""Reads texts with a trained model and says what decided: `python -m bot.nlu.reader MODEL < texts.json > readings.json`.

A process of its own, so that whoever asks never loads Rasa. In: a JSON list of texts. Out: for each a mapping with
`tokens` (text, lemma, start, end), `ranking` (name, confidence), `topic`, `entities`, `deciding` (feature, weight) and `ms`.
With `--lines` the model stays loaded: a JSON text on each line, its reading on the next line out, until the input ends.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.classifier import lemmas
from bot.nlu.deciding import label_of, model_of, read

DECIDING = 12
NICENESS = 10
"""How far whoever reads along stands back behind those who answer."""


class Reader:
    """A loaded model; reading is what Rasa does with a message, without a conversation."""

    def __init__(self, model: Path, scratch: Path) -> None:
        """Unpack the archive `model` into the empty folder `scratch`, which may go once this returns."""
        metadata, self._runner = load_predict_graph_runner(scratch, model, LocalModelStorage, DaskGraphRunner)
        self._target = metadata.nlu_target
        self._model = model_of(self._runner)

    def read(self, text: str) -> dict[str, Any]:
        begun = time.perf_counter()
        message = read(self._runner, self._target, text)
        taken = (time.perf_counter() - begun) * 1000
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
        """Return what spoke most for the label it was taken for, each feature with what it added."""
        if self._model is None:
            return []
        label = label_of(self._model, message)
        found = self._model.deciding(lemmas(message), message.get(TEXT), label, DECIDING)
        return [(name, round(added, 3)) for name, added in found]


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
    if "--lines" in sys.argv[2:]:
        read_lines(reader)
    else:
        json.dump([reader.read(text) for text in json.load(sys.stdin)], sys.stdout, ensure_ascii=False)


def read_lines(reader: Reader) -> None:
    os.nice(NICENESS)
    for line in sys.stdin:
        print(json.dumps(reader.read(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
