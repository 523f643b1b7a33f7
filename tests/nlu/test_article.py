"""What a shopper must know to complain can be asked in their own words, and is answered with the right facts."""

from typing import Any

import pytest

from bot.bootstrap import load_shop, load_words
from bot.language.spelling import fold
from bot.settings import ROOT
from tests.laws.contract import FAQ
from tests.laws.project import read, sentences
from tests.laws.test_training_data import plain
from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA

QUESTIONS: list[dict[str, Any]] = read("tests/heldout/article.yml")
TOPICS: dict[str, Any] = read("bot/help/topics.ar.yml")
LEAST_RIGHT = 0.95


def shop_values() -> dict[str, str]:
    shop, words = load_shop(ROOT / "shop.yml"), load_words()
    low, high = shop.first_answer_hours
    hours = words.notices["hours"].format(low=low, high=high)
    return {name: str(value) for name, value in vars(shop).items()} | {"shop_name": shop.name, "first_answer_hours": hours}


def lacks(question: dict[str, Any], topic: str) -> list[str]:
    """The facts that the answer of a topic does not hold."""
    values = shop_values()
    answer = fold(" ".join(TOPICS[topic]["answer"]).format(**values))
    return [fact for fact in question["facts"] if fold(fact.format(**values)) not in answer]


def test_there_are_four_for_each_topic() -> None:
    assert sorted(question["topics"][0] for question in QUESTIONS) == sorted(topic for topic in FAQ for _ in range(4))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["text"])
def test_the_answer_holds_the_facts(question: dict[str, Any]) -> None:
    assert lacks(question, question["topics"][0]) == []


def test_none_of_them_is_a_training_sentence() -> None:
    trained = {plain(sentence.text) for sentence in sentences()}
    assert [question["text"] for question in QUESTIONS if plain(question["text"]) in trained] == []


def test_nearly_all_are_understood(agent: Any) -> None:
    missed = []
    for question in QUESTIONS:
        parse = run_async(agent.parse_message(question["text"]))
        intent = parse["intent"]["name"]
        key = parse["response_selector"]["faq"]["response"]["intent_response_key"]
        read_as = key.removeprefix("faq/") if intent == "faq" else intent
        if read_as not in question["topics"]:
            missed.append(f"{question['text']} ({question['topics'][0]}, read as {read_as})")
    told = f"{len(missed)} of {len(QUESTIONS)} missed:\n" + "\n".join(missed)
    print(told)
    assert len(missed) <= (1 - LEAST_RIGHT) * len(QUESTIONS), told
