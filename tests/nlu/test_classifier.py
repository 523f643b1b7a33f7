"""The classifier in Rasa's graph: one ranking of intents, the help centre's likeliest topic, and a file that keeps it."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.rasa_fixtures import RASA

pytestmark = RASA

EXAMPLES = {
    "late_delivery": ("الطلب تأخر", "تأخر طلبي كثير", "طلبي متأخر", "ليش تأخرتوا بالطلب"),
    "damaged_item": ("الجهاز مكسور", "وصلني مكسور", "الزجاج مكسور", "لقيته مكسور"),
    "faq/warranty": ("كم مدة الضمان", "الضمان كم سنة", "هل فيه ضمان", "الضمان يشمل ايش"),
    "faq/working_hours": ("متى تفتحون", "ساعات العمل", "متى تقفلون", "اوقات العمل عندكم"),
}


@pytest.fixture
def bench(workbench: ModuleType, tmp_path: Path) -> Any:
    examples = [workbench.example(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    return workbench.Bench(tmp_path).train(*examples)


def test_the_ranking_is_of_intents_likeliest_first(bench: Any) -> None:
    parse = bench.parse("طلبي تأخر")
    assert parse["intent"] == parse["intent_ranking"][0]
    assert parse["intent"]["name"] == "late_delivery"
    assert {guess["name"] for guess in parse["intent_ranking"]} == {"late_delivery", "damaged_item", "faq"}
    confidences = [guess["confidence"] for guess in parse["intent_ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-9


class Fixed:
    """A model that gives the same chances whatever it is asked."""

    def __init__(self, **chances: float) -> None:
        self.labels = [label.replace("faq_", "faq/") for label in chances]
        self._chances = np.array(list(chances.values()))

    def chances(self, *_: object) -> np.ndarray:
        return self._chances


def test_the_help_centre_is_as_likely_as_its_likeliest_topic(bench: Any) -> None:
    """Not as the sum: a short complaint is a little like every one of its questions."""
    bench._classifier.model = Fixed(faq_warranty=0.3, late_delivery=0.4, faq_privacy=0.2, faq_evidence=0.1)
    parse = bench.parse("طلبي")
    assert [(guess["name"], guess["confidence"]) for guess in parse["intent_ranking"]] == [
        ("late_delivery", 0.4),
        ("faq", 0.3),
    ]
    topics = parse["response_selector"]["faq"]["ranking"]
    assert [(topic["intent_response_key"], round(topic["confidence"], 6)) for topic in topics] == [
        ("faq/warranty", 0.5), ("faq/privacy", 0.333333), ("faq/evidence", 0.166667),
    ]  # fmt: skip


def test_a_ranking_has_ten_guesses_at_most(bench: Any) -> None:
    bench._classifier.model = Fixed(**{f"intent_{number}": 0.05 for number in range(20)})
    assert len(bench.parse("طلبي")["intent_ranking"]) == 10


@pytest.mark.parametrize(("text", "topic"), [("كم الضمان", "warranty"), ("متى ساعات العمل", "working_hours")])
def test_the_topic_is_answered_in_the_form_of_rasas_own_selector(bench: Any, text: str, topic: str) -> None:
    selector = bench.parse(text)["response_selector"]
    assert selector["all_retrieval_intents"] == ["faq"]
    assert set(selector["faq"]) == {"response", "ranking"}
    response = selector["faq"]["response"]
    assert response["intent_response_key"] == f"faq/{topic}"
    assert response["utter_action"] == f"utter_faq/{topic}"
    assert response["responses"] is None
    assert sum(guess["confidence"] for guess in selector["faq"]["ranking"]) == pytest.approx(1.0)


def test_a_tapped_topic_is_taken_as_it_is(bench: Any) -> None:
    response = bench.parse('/faq{"topic": "working_hours"}')["response_selector"]["faq"]["response"]
    assert response["intent_response_key"] == "faq/working_hours"
    assert response["confidence"] == 1.0


@pytest.mark.parametrize("text", ["", "   ", "؟", "ـــ", "\u200f", "hello 12"])
def test_a_message_unlike_all_examples_is_passed_on_with_some_reading_or_none(bench: Any, text: str) -> None:
    parse = bench.parse(text)
    assert parse["text"] == text
    guesses = [guess["confidence"] for guess in parse["intent_ranking"]]
    assert not guesses or 0 < sum(guesses) <= 1 + 1e-9


@pytest.mark.parametrize("text", ["-", "؟!", "...", "/ /"])
def test_marks_alone_mean_nothing(bench: Any, text: str) -> None:
    assert bench.parse(text)["intent"] == {"name": None, "confidence": 0.0}


def test_training_data_without_topics_gives_no_selector(workbench: ModuleType, tmp_path: Path) -> None:
    plain = [workbench.example(text, intent) for intent in ("late_delivery", "damaged_item") for text in EXAMPLES[intent]]
    assert "response_selector" not in workbench.Bench(tmp_path).train(*plain).parse("طلبي تأخر")


def test_what_was_trained_answers_the_same_when_loaded(bench: Any) -> None:
    loaded = bench.loaded()
    for text in (*EXAMPLES["faq/warranty"], "طلبي مكسور ومتأخر", "شيء آخر تمامًا"):
        assert loaded.parse(text) == bench.parse(text)
