"""A linear intent classifier over the tokens' lemmas that also answers which help-centre topic is meant.

It counts its features itself: as Rasa's features on every message they cost a training more than the learning does.

One model is trained over whole labels ("late_delivery", "faq/warranty"); a retrieval intent is as likely as its likeliest
topic, which is given in the form of Rasa's ResponseSelector.
"""

import re
import sys
import unicodedata
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.cascade import Cascade, fit
from bot.nlu.encoder import warm
from bot.nlu.fingerprint import sources_fingerprint
from bot.nlu.linear import LinearModel
from bot.nlu.normalizer import ArabicNormalizer
from bot.nlu.problems import TOLD_APART, parts, second_of

MODEL_FILE = "classifier.joblib"
SELECTOR = "response_selector"
NOTHING = {"name": None, "confidence": 0.0}
"""What a message without a word means; Rasa's FallbackClassifier fails on one that has no intent at all."""

TAPPED_TOPIC = re.compile(r'/faq\{"topic": "(\w+)"\}')
"""A button that leads to a topic of the help centre: Rasa's own notation has no place for one."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    @classmethod
    def required_components(cls) -> list[type]:
        return [ArabicNormalizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of the regularisation; `ranking_length`: how many guesses a message carries."""
        return {"C": 1.0, "ranking_length": 10}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return sources_fingerprint()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        warm()
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / MODEL_FILE))

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: Cascade | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self.model = model

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        wordings = [(lemmas(example), example.get(TEXT)) for example in examples]
        self.model = fit(wordings, [_label(example) for example in examples], self._config["C"])
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self.model, folder / MODEL_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self.model is not None and any(map(says_something, lemmas(message))):
                self._classify(message, self.model)
                self._note_second_problem(message, self.model)
            else:
                message.set(INTENT, NOTHING, add_to_output=True)
                message.set("intent_ranking", [], add_to_output=True)
        return messages

    def _classify(self, message: Message, model: Cascade) -> None:
        chances = model.chances(lemmas(message), message.get(TEXT))
        labels = [(model.labels[at], float(chances[at])) for at in np.argsort(-chances)]
        ranking = _ranking(labels)[: self._config["ranking_length"]]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        tapped = TAPPED_TOPIC.match(message.get(TEXT))
        topics = [(f"faq/{tapped[1]}", 1.0)] if tapped else [(label, chance) for label, chance in labels if "/" in label]
        if topics:
            message.set(SELECTOR, _selected(topics), add_to_output=True)

    def _note_second_problem(self, message: Message, model: Cascade) -> None:
        """Note the other problem of a complaint, where a clause is plainly about one."""
        kind = message.get(INTENT)["name"]
        if kind not in TOLD_APART:
            return
        guesses = [_guess(model.first, lemmas(message, *span)) for span in parts(message.get(TEXT))]
        if found := second_of(kind, guesses):
            message.set("second_problem", {"name": found[0], "confidence": found[1]}, add_to_output=True)


def lemmas(message: Message, start: int = 0, end: int = sys.maxsize) -> list[str]:
    """Return the lemmas of a message's tokens, word by word; of those between two places alone if given."""
    tokens = message.get(TOKENS_NAMES[TEXT]) or ()
    return [word for token in tokens if start <= token.start < end for word in token.lemma.split()]


def _guess(model: LinearModel, words: list[str]) -> tuple[str, float]:
    chances = model.chances(words)
    best = int(np.argmax(chances))
    return model.labels[best], float(chances[best])


def says_something(word: str) -> bool:
    """Whether a word has a letter, a figure or a picture in it: marks alone would be taken for whatever is short."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in word)


def _label(example: Message) -> str:
    return str(example.get(INTENT_RESPONSE_KEY) or example.get(INTENT))


def _ranking(labels: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return intents with their confidences, likeliest first; a retrieval intent has that of its likeliest topic.

    Not the sum of its topics: a short complaint is a little like each of twenty-five questions, and like none of them.
    """
    intents: dict[str, float] = {}
    for label, chance in labels:
        intents.setdefault(label.split("/")[0], chance)
    return [{"name": name, "confidence": confidence} for name, confidence in intents.items()]


def _selected(topics: list[tuple[str, float]]) -> dict[str, Any]:
    """Return the likeliest topic in the form of Rasa's ResponseSelector, confidences within the retrieval intent."""
    whole = sum(chance for _, chance in topics) or 1.0
    ranking = [{"confidence": chance / whole, "intent_response_key": label} for label, chance in topics[:5]]
    intent = topics[0][0].split("/")[0]
    best = {"responses": None, "utter_action": f"utter_{topics[0][0]}"} | ranking[0]
    selected = {"response": best, "ranking": ranking}
    return {"all_retrieval_intents": [intent], intent: selected, "default": selected}
