"""What the dataset writer writes, read by Rasa itself."""

import pytest

from bot.domain.label import Example, Mark
from bot.engine.dataset import written
from tests.engine.test_dataset import NASTY, blank
from tests.rasa_fixtures import RASA

pytestmark = RASA


def rounded(text: str) -> str:
    """A bracket left open before the mark is written as a round one."""
    before, word, after = text.partition("الغسالة")
    whole, bracket, tail = before.rpartition("]")
    return whole + bracket + tail.replace("[", "(") + word + after


@pytest.mark.usefixtures("quiet_rasa")
def test_rasas_own_loader_reads_back_what_was_written_and_nothing_else() -> None:
    """300 texts: each nasty one alone, before and behind an Arabic sentence, and around a marked entity."""
    from rasa.shared.nlu.training_data.formats import RasaYAMLReader

    made = []
    for number, text in enumerate(NASTY):
        for at, around in enumerate(("{}", "طلبي تأخر {}", "{} وين طلبي", "قال {} ثم سكت", "{0} {0}", "«{}»", "{}؟")):
            whole = around.format(text) + f" {number} {at}"
            made.append(Example("late_delivery", whole))
        product = f"وصلت الغسالة {text} {number}"
        made.append(Example("damaged_item", product, (Mark(5, 12, "product"),)))
        before = f"{blank(text)} {number} "
        made.append(Example("wrong_item", f"{before}الغسالة", (Mark(len(before), len(before) + 7, "product"),)))
    assert len(made) >= 300
    for intent, content in written(made).items():
        data = RasaYAMLReader().reads(content)
        wanted = {
            blank(rounded(example.text) if example.marks else example.text) for example in made if example.label == intent
        }
        assert {example.get("text") for example in data.intent_examples} == wanted
        for example in data.intent_examples:
            assert example.get("intent") == intent
            found = [(one["entity"], one["value"]) for one in example.get("entities", [])]
            assert found == ([("product", "الغسالة")] if intent != "late_delivery" else [])
