"""Entities: values found by `bot.language` by their form, products and sellers by `bot.nlu.names`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language.found import Found
from bot.language.values import ShopValues, find_values
from bot.language.words import words
from bot.nlu.fingerprint import sources_fingerprint
from bot.nlu.names import Lists, Names, Phrase, Span, learn, stems_of

NAMES_FILE = "names.joblib"
NAMED = ("product", "seller")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ArabicEntityExtractor(GraphComponent, EntityExtractorMixin):
    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`shop_file`: where the shop says how its order numbers look, which currency it takes and where it is."""
        return {"shop_file": "shop.yml"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return sources_fingerprint()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "ArabicEntityExtractor":
        return cls(config, model_storage, resource, Names(Lists({})))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "ArabicEntityExtractor":
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / NAMES_FILE))

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource, names: Names) -> None:
        self._storage = storage
        self._resource = resource
        self._names = names
        self._shop = _shop_values(config["shop_file"])

    def train(self, training_data: TrainingData) -> Resource:
        listed = {entity: _phrases(_listed(training_data, entity)) for entity in NAMED}
        known = {entity: _phrases(_listed(training_data, entity) + _marked(training_data, entity)) for entity in NAMED}
        examples = (_example(message) for message in training_data.nlu_examples)
        self._names = learn(examples, Lists(listed), Lists(known))
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._names, folder / NAMES_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = self._extract(message.get(TEXT), message.get(TOKENS_NAMES[TEXT]) or [])
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _extract(self, text: str, tokens: list[Token]) -> list[dict[str, Any]]:
        values = find_values(text, date.today(), self._shop)
        entities = [self._entity(name, found.start, found.end, found.value) for name, found in values]
        for name in self._names.find([token.text for token in tokens]):
            start, end = tokens[name.start].start, tokens[name.end - 1].end
            if not _overlaps(start, end, (found for _, found in values)):
                entities.append(self._entity(name.entity, start, end, text[start:end]))
        return sorted(entities, key=lambda entity: entity["start"])

    def _entity(self, name: str, start: int, end: int, value: str) -> dict[str, Any]:
        return {"entity": name, "start": start, "end": end, "value": value, "extractor": type(self).__name__}


def _shop_values(file: str) -> ShopValues:
    if not Path(file).exists():
        return ShopValues()
    shop = rasa.shared.utils.io.read_yaml_file(file)
    return ShopValues(shop["order_number_pattern"], shop["currency"], shop["region"])


def _listed(training_data: TrainingData, entity: str) -> list[str]:
    return [name for table in training_data.lookup_tables if table["name"] == entity for name in table["elements"]]


def _marked(training_data: TrainingData, entity: str) -> list[str]:
    return [
        example.get(TEXT)[mark["start"] : mark["end"]]
        for example in training_data.entity_examples
        for mark in example.get(ENTITIES)
        if mark["entity"] == entity
    ]


def _phrases(names: list[str]) -> list[Phrase]:
    unique = {tuple(stems_of(word.text for word in words(name))) for name in names}
    return sorted(phrase for phrase in unique if any(len(word) > 1 for word in phrase))


def _example(message: Message) -> tuple[list[str], list[Span]]:
    """Return a message's words and the names marked in it."""
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    marks = [mark for mark in message.get(ENTITIES, []) if mark["entity"] in NAMED]
    return [token.text for token in tokens], [span for mark in marks for span in _span(mark, tokens)]


def _span(mark: dict[str, Any], tokens: list[Token]) -> list[Span]:
    inside = [at for at, token in enumerate(tokens) if token.start < mark["end"] and mark["start"] < token.end]
    return [Span(mark["entity"], inside[0], inside[-1] + 1)] if inside else []


def _overlaps(start: int, end: int, others: Iterable[Found]) -> bool:
    return any(start < other.end and other.start < end for other in others)
