"""Which words decided: those of the first reading, and those without which the second would have read otherwise."""

import dataclasses
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.nlu.test_classifier import EXAMPLES
from tests.rasa_fixtures import RASA

pytestmark = RASA

UNHEARD = "زرافة بنفسجية تغني"
TELLING = "بنفسجية"


@pytest.fixture
def bench(workbench: ModuleType, tmp_path: Path) -> Any:
    examples = [workbench.example(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    return workbench.Bench(tmp_path).train(*examples)


class KnowsOneWord:
    """A second reading that takes every message with one word for the first label, and any other for the second."""

    def log_chances(self, vectors: np.ndarray) -> np.ndarray:
        chances = np.where(vectors[:, :1] > 0, [0.9, 0.05, 0.03, 0.02], [0.05, 0.9, 0.03, 0.02])
        return np.log(chances)


def shares(bench: Any, text: str) -> dict[str, float]:
    from bot.nlu.deciding import deciding_words

    return {word["text"]: word["share"] for word in deciding_words(bench._classifier.model, bench.read(text))}


def test_the_word_that_names_the_matter_leads_where_the_message_is_clear(bench: Any) -> None:
    found = shares(bench, "وصلني الزجاج مكسور")
    assert max(found, key=lambda word: found[word]) == "مكسور"


def test_the_word_that_the_meaning_hangs_on_leads_where_it_is_not(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.nlu import cascade

    bench._classifier.model = dataclasses.replace(bench._classifier.model, second=KnowsOneWord(), share=5.0)
    monkeypatch.setattr(cascade, "encoded", lambda said: np.array([[float(TELLING in typed)] for _, typed in said]))
    found = shares(bench, UNHEARD)
    assert max(found, key=lambda word: found[word]) == TELLING
    assert sum(found.values()) == pytest.approx(1.0, abs=0.05)


def test_a_long_message_is_told_by_the_first_reading_alone(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.nlu import deciding

    long = f"{UNHEARD} " * 30
    message = bench.read(long)
    monkeypatch.setattr(deciding.Cascade, "missed", lambda *_: pytest.fail("left each of ninety words out"))
    deciding.deciding_words(bench._classifier.model, message)
