"""CAMeL Tools' words as Rasa tokens, with true offsets into the shopper's own text."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import get_text_hash

from bot.language.words import words
from bot.nlu.fingerprint import sources_fingerprint


class Word(Token):
    """A token that Rasa's training cache hashes in one go: it does so 27 times for each word of the training data."""

    def fingerprint(self) -> str:
        return get_text_hash(f"{self.text}\0{self.start}\0{self.end}\0{self.lemma}\0{self.data}")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CamelTokenizer(Tokenizer):
    """The text is never changed: Rasa and the entities look it up by offset."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return sources_fingerprint()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        return [Word(word.text, word.start, word.end) for word in words(message.get(attribute))]
