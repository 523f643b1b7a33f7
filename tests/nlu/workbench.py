"""Makes components and messages as Rasa's graph does. Imports Rasa: only for tests marked `rasa`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import LinearIntentClassifier
from bot.nlu.extractor import ArabicEntityExtractor
from bot.nlu.normalizer import ArabicNormalizer
from bot.nlu.tokenizer import CamelTokenizer
from bot.settings import ROOT

CONTEXT = ExecutionContext(GraphSchema({}))


def tokens(text: str) -> list[Token]:
    message = Message.build(text)
    CamelTokenizer(CamelTokenizer.get_default_config()).process([message])
    return message.get(TOKENS_NAMES[TEXT])


def lemmas(text: str) -> list[str]:
    message = Message.build(text)
    CamelTokenizer(CamelTokenizer.get_default_config()).process([message])
    ArabicNormalizer.create({}, None, None, CONTEXT).process([message])
    return [token.lemma for token in message.get(TOKENS_NAMES[TEXT])]


def example(text: str, intent: str, **marked: str) -> Message:
    """A training example; `marked` is entity="its words in the text"."""
    data = {TEXT: text, INTENT: intent.split("/")[0]}
    if "/" in intent:
        data[INTENT_RESPONSE_KEY] = intent
    marks = [
        {"entity": entity, "start": text.index(words), "end": text.index(words) + len(words), "value": words}
        for entity, words in marked.items()
    ]
    return Message(data | ({ENTITIES: marks} if marks else {}))


class Bench:
    """A pipeline over one storage folder: trained here, or loaded from what was trained here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._storage = LocalModelStorage.create(folder)
        self._tokenizer = CamelTokenizer(CamelTokenizer.get_default_config())
        self._normalizer = ArabicNormalizer.create({}, self._storage, Resource("normalizer"), CONTEXT)
        self._classifier: LinearIntentClassifier | None = None

    def train(self, *examples: Message) -> "Bench":
        data = TrainingData(list(examples))
        self._tokenizer.process_training_data(data)
        self._normalizer.process_training_data(data)
        config = LinearIntentClassifier.get_default_config()
        self._classifier = LinearIntentClassifier.create(config, self._storage, Resource("classifier"), CONTEXT)
        self._classifier.train(data)
        return self

    def loaded(self) -> "Bench":
        """A second pipeline, from the files the first one left."""
        other = Bench(self._folder)
        other._storage = LocalModelStorage(self._folder)
        config = LinearIntentClassifier.get_default_config()
        other._classifier = LinearIntentClassifier.load(config, other._storage, Resource("classifier"), CONTEXT)
        return other

    def parse(self, text: str) -> dict[str, Any]:
        return self.read(text).as_dict(only_output_properties=True)

    def read(self, text: str) -> Message:
        assert self._classifier is not None
        messages = self._normalizer.process(self._tokenizer.process([Message.build(text)]))
        return self._classifier.process(messages)[0]


def extractor(
    folder: Path,
    examples: Sequence[Message] = (),
    lookups: dict[str, list[str]] | None = None,
    shop_file: Path = ROOT / "shop.yml",
) -> ArabicEntityExtractor:
    """An extractor trained on lookup tables and marked examples, its names kept in `folder`."""
    folder.mkdir(exist_ok=True)
    tables = [{"name": name, "elements": elements} for name, elements in (lookups or {}).items()]
    data = TrainingData(list(examples), lookup_tables=tables)
    made = ArabicEntityExtractor.create(
        {"shop_file": str(shop_file)}, LocalModelStorage.create(folder), Resource("extractor"), CONTEXT
    )
    CamelTokenizer(CamelTokenizer.get_default_config()).process_training_data(data)
    made.train(data)
    return made


def loaded_extractor(folder: Path) -> ArabicEntityExtractor:
    storage = LocalModelStorage(folder)
    return ArabicEntityExtractor.load({"shop_file": str(ROOT / "shop.yml")}, storage, Resource("extractor"), CONTEXT)


def extracted(made: ArabicEntityExtractor, text: str) -> list[dict[str, Any]]:
    message = Message.build(text)
    CamelTokenizer(CamelTokenizer.get_default_config()).process([message])
    return made.process([message])[0].get(ENTITIES)
