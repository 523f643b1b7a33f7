"""The importer adds the help centre's answers as responses of the retrieval intent, and takes nothing away."""

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.settings import ROOT
from tests.rasa_fixtures import RASA

pytestmark = RASA

TOPICS: dict[str, Any] = {
    "warranty": {"title": "الضمان", "answer": ["سنتان.\n", "لكل جهاز."], "next": ["privacy", "file_complaint"]},
    "privacy": {"title": "الخصوصية", "answer": ["محفوظة."]},
}
TITLES = {"file_complaint": "أقدّم شكوى"}
NLU = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - هلا
    - السلام عليكم
responses:
  utter_greet/own:
  - text: أهلًا
"""


@pytest.fixture
def importer(workbench: ModuleType, tmp_path: Path) -> Any:
    """The project's importer over small training data and the project's own help centre."""
    from bot.nlu.importer import ProjectImporter

    (tmp_path / "nlu.yml").write_text(NLU, "utf-8")
    return ProjectImporter(training_data_paths=[str(tmp_path / "nlu.yml")], help_centre=str(ROOT / "bot" / "help"))


def test_an_answer_is_one_response_of_paragraphs_and_buttons(workbench: ModuleType) -> None:
    from bot.nlu.importer import help_responses

    assert help_responses(TOPICS, TITLES) == {
        "utter_faq/warranty": [{
            "text": "سنتان.\n\nلكل جهاز.",
            "buttons": [
                {"title": "الخصوصية", "payload": '/faq{{"topic": "privacy"}}'},
                {"title": "أقدّم شكوى", "payload": "/file_complaint"},
            ],
        }],
        "utter_faq/privacy": [{"text": "محفوظة.", "buttons": []}],
    }  # fmt: skip


def test_the_payload_of_a_button_is_what_the_classifier_takes_for_a_tapped_topic(workbench: ModuleType) -> None:
    """Rasa formats responses: the doubled braces are single ones when the button arrives."""
    from bot.nlu.classifier import TAPPED_TOPIC
    from bot.nlu.importer import help_responses

    payload = help_responses(TOPICS, TITLES)["utter_faq/warranty"][0]["buttons"][0]["payload"]
    tapped = TAPPED_TOPIC.match(payload.format())
    assert tapped is not None
    assert tapped[1] == "privacy"


def test_training_data_and_answers_are_merged(importer: Any) -> None:
    data = importer.get_nlu_data()
    assert [example.get("text") for example in data.intent_examples] == ["هلا", "السلام عليكم"]
    assert "utter_greet/own" in data.responses
    assert sum(name.startswith("utter_faq/") for name in data.responses) == 25


def test_every_topic_of_the_training_data_has_its_answer(workbench: ModuleType) -> None:
    from bot.nlu.importer import ProjectImporter

    project = ProjectImporter(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")], str(ROOT / "bot/help")
    )
    data = project.get_nlu_data()
    topics = {f"utter_{key}" for key in data.retrieval_intents and data.number_of_examples_per_response}
    assert topics == {name for name in data.responses if name.startswith("utter_faq/")}


def test_a_file_written_again_is_read_again(workbench: ModuleType, tmp_path: Path) -> None:
    """What was read is kept for Rasa, which asks three times; an analyst's next sentence must still arrive."""
    from bot.nlu.importer import ProjectImporter

    file = tmp_path / "nlu.yml"
    for sentences in (2, 3):
        file.write_text(NLU.replace("    - هلا\n", "".join(f"    - هلا {n}\n" for n in range(sentences - 1))), "utf-8")
        os.utime(file, ns=(sentences, sentences))
        importer = ProjectImporter(training_data_paths=[str(file)], help_centre=str(ROOT / "bot" / "help"))
        assert len(importer.get_nlu_data().intent_examples) == sentences
