"""Entities: values found by `bot.language`, names matched by spaCy over the tokenizer's own words.

Numbers, dates and addresses have a form and are found by it. Products, sellers and wishes are known by name: from the
lookup tables and from what was marked in the training data, compared without prefixes, spelling and inflection of
the article.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import rasa.shared.utils.io
import spacy
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
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from bot.language.found import Found
from bot.language.stems import stem
from bot.language.values import ShopValues, find_values
from bot.language.words import words
from bot.nlu.fingerprint import language_fingerprint

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
        return language_fingerprint()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "ArabicEntityExtractor":
        return cls(config, model_storage, resource, {})

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

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, names: dict[str, list[list[str]]]
    ) -> None:
        """`names`: entity → its names, each a list of words without prefixes."""
        self._storage = storage
        self._resource = resource
        self._names = names
        self._shop = _shop_values(config["shop_file"])
        self._spacy = spacy.blank("ar")
        self._matcher = _matcher(self._spacy, names)

    def train(self, training_data: TrainingData) -> Resource:
        self._names = {entity: sorted(_names(training_data, entity)) for entity in NAMED}
        self._matcher = _matcher(self._spacy, self._names)
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
        doc = Doc(self._spacy.vocab, words=_stems(token.text for token in tokens))
        for span in filter_spans(self._matcher(doc, as_spans=True)):
            start, end = tokens[span.start].start, tokens[span.end - 1].end
            if not _overlaps(start, end, (found for _, found in values)):
                entities.append(self._entity(span.label_, start, end, text[start:end]))
        return sorted(entities, key=lambda entity: entity["start"])

    def _entity(self, name: str, start: int, end: int, value: str) -> dict[str, Any]:
        return {"entity": name, "start": start, "end": end, "value": value, "extractor": type(self).__name__}


def _shop_values(file: str) -> ShopValues:
    if not Path(file).exists():
        return ShopValues()
    shop = rasa.shared.utils.io.read_yaml_file(file)
    return ShopValues(shop["order_number_pattern"], shop["currency"], shop["region"])


def _matcher(nlp: Language, names: dict[str, list[list[str]]]) -> PhraseMatcher:
    matcher = PhraseMatcher(nlp.vocab)
    for entity, phrases in names.items():
        matcher.add(entity, [Doc(nlp.vocab, words=phrase) for phrase in phrases])
    return matcher


def _names(training_data: TrainingData, entity: str) -> Iterable[list[str]]:
    listed = [
        name
        for table in training_data.lookup_tables
        if table["name"] == entity
        for name in table["elements"]
    ]  # fmt: skip
    marked = [
        example.get(TEXT)[mark["start"] : mark["end"]]
        for example in training_data.entity_examples
        for mark in example.get(ENTITIES)
        if mark["entity"] == entity
    ]
    unique = {tuple(_stems(word.text for word in words(name))) for name in listed + marked}
    return [list(name) for name in unique if any(len(word) > 1 for word in name)]


def _stems(tokens: Iterable[str]) -> list[str]:
    """Return tokens as names are compared; one of which nothing is left (tatweel alone) stays: spaCy takes no empty word."""
    return [stem(token) or token for token in tokens]


def _overlaps(start: int, end: int, others: Iterable[Found]) -> bool:
    return any(start < other.end and other.start < end for other in others)
