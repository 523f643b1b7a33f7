"""The classifier in Rasa's graph: one ranking of intents, topics summed into theirs, and a file that keeps it."""

from pathlib import Path
from types import ModuleType
from typing import Any

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


def test_the_ranking_is_of_intents_and_its_confidences_sum_to_one(bench: Any) -> None:
    parse = bench.parse("طلبي تأخر")
    assert parse["intent"] == parse["intent_ranking"][0]
    assert parse["intent"]["name"] == "late_delivery"
    assert {guess["name"] for guess in parse["intent_ranking"]} == {"late_delivery", "damaged_item", "faq"}
    confidences = [guess["confidence"] for guess in parse["intent_ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)


def test_topics_are_summed_into_their_intent(bench: Any) -> None:
    """Half sure of each of two topics is sure of the help centre."""
    parse = bench.parse("متى الضمان")
    topics = parse["response_selector"]["faq"]["ranking"]
    assert parse["intent"]["name"] == "faq"
    assert topics[0]["confidence"] < 0.9
    assert parse["intent"]["confidence"] > 0.8


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


@pytest.mark.parametrize("text", ["", "   ", "؟"])
def test_a_message_without_words_is_passed_on(bench: Any, text: str) -> None:
    parse = bench.parse(text)
    assert sum(guess["confidence"] for guess in parse.get("intent_ranking", [])) == pytest.approx(
        1.0 if parse.get("intent") else 0
    )


def test_training_data_without_topics_gives_no_selector(workbench: ModuleType, tmp_path: Path) -> None:
    plain = [workbench.example(text, intent) for intent in ("late_delivery", "damaged_item") for text in EXAMPLES[intent]]
    assert "response_selector" not in workbench.Bench(tmp_path).train(*plain).parse("طلبي تأخر")


def test_what_was_trained_answers_the_same_when_loaded(bench: Any) -> None:
    loaded = bench.loaded()
    for text in (*EXAMPLES["faq/warranty"], "طلبي مكسور ومتأخر", "شيء آخر تمامًا"):
        assert loaded.parse(text) == bench.parse(text)


def test_the_ranking_is_as_long_as_configured(workbench: ModuleType) -> None:
    config = workbench.LinearIntentClassifier.get_default_config()
    assert config["ranking_length"] == 10
