"""Fills each token's lemma with the form that all varieties share, which is what the features are counted over.

A web address has none: whatever stands in it, it is not the matter of the message.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language.lemmas import lemma
from bot.language.links import find_links
from bot.nlu.fingerprint import sources_fingerprint


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ArabicNormalizer(GraphComponent):
    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return sources_fingerprint()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "ArabicNormalizer":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            links = find_links(message.get(TEXT) or "")
            for token in message.get(TOKENS_NAMES[TEXT]) or ():
                in_link = any(start <= token.start < end for start, end in links)
                token.lemma = "" if in_link else lemma(token.text)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
