"""The training sentences: enough of each intent, none twice, and marks on whole words."""

from collections import Counter, defaultdict

import pytest

from bot.engine.questions import read_questions
from bot.language.spelling import fold
from bot.language.words import words
from bot.settings import ROOT
from tests.laws.contract import CONVERSATION, ENTITIES, FAQ, INTENTS, KINDS, REMEDIES, SERVICE
from tests.laws.project import read, sentences

LEAST = {
    **dict.fromkeys((*KINDS, *SERVICE), 25),
    **dict.fromkeys(CONVERSATION, 12),
    **{f"faq/{topic}": 12 for topic in FAQ},
}


def plain(text: str) -> str:
    """A sentence's folded words alone."""
    return " ".join(word.text for word in words(fold(text)) if any(char.isalnum() for char in word.text))


def test_every_intent_is_taught_and_nothing_else() -> None:
    assert {sentence.intent for sentence in sentences()} == {*INTENTS, *(f"faq/{topic}" for topic in FAQ)}


@pytest.mark.parametrize("intent", LEAST)
def test_an_intent_has_enough_sentences(intent: str) -> None:
    assert Counter(sentence.intent for sentence in sentences())[intent] >= LEAST[intent]


def test_no_sentence_stands_twice_or_under_two_intents() -> None:
    places = defaultdict(list)
    for sentence in sentences():
        if plain(sentence.text):
            places[plain(sentence.text)].append(f"{sentence.intent} ({sentence.where}): {sentence.text}")
    assert [found for found in places.values() if len(found) > 1] == []


def test_marks_cover_whole_words() -> None:
    wrong = []
    for sentence in sentences():
        found = words(sentence.text)
        starts, ends = {word.start for word in found}, {word.end for word in found}
        wrong += [
            f"{sentence.where}: {sentence.text[start:end]} in: {sentence.text}"
            for start, end, _ in sentence.marks
            if start not in starts or end not in ends
        ]
    assert wrong == []


def test_marks_name_entities_of_the_contract() -> None:
    assert {entity for sentence in sentences() for _, _, entity in sentence.marks} == set(ENTITIES)


def test_no_mark_is_left_unread() -> None:
    """A bracket or brace that is not part of a mark is a mark with a slip in it."""
    assert [sentence.text for sentence in sentences() if set("[]{}") & set(sentence.text)] == []


def test_synonyms_are_remedies() -> None:
    assert {block["synonym"] for block in read("data/nlu/synonyms.yml")["nlu"]} <= set(REMEDIES)


def test_a_surface_has_one_meaning_among_the_synonyms() -> None:
    meanings = defaultdict(set)
    for block in read("data/nlu/synonyms.yml")["nlu"]:
        for line in block["examples"].splitlines():
            meanings[fold(line.strip()[2:])].add(block["synonym"])
    assert {surface: names for surface, names in meanings.items() if len(names) > 1} == {}


def test_no_held_out_question_stands_in_the_training_data() -> None:
    """It would prove nothing: learned by heart is not understood."""
    trained = {fold(q.text) for q in read_questions(*sorted((ROOT / "data" / "nlu").rglob("*.yml")))}
    asked = [q.text for q in read_questions(*sorted((ROOT / "tests" / "heldout").glob("questions.yml")))]
    assert [text for text in asked if fold(text) in trained] == []
