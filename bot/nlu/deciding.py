"""What decided how a loaded model reads a message: for whoever explains a reading, in Rasa's process or beside it."""

from typing import Any

import numpy as np
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.cascade import Cascade
from bot.nlu.classifier import LinearIntentClassifier, lemmas, says_something
from bot.nlu.encoder import Wording

MOST_LEFT_OUT = 60
"""Words of the longest message of which each is left out once to see what is missed then: it takes their number squared."""

LEAST = 0.01
"""Share of the whole below which a word is not worth telling."""


def read(runner: DaskGraphRunner, target: str, text: str) -> Message:
    """Return a text as the model's components leave it, outside any conversation."""
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: None}
    message: Message = runner.run(inputs=inputs, targets=[target])[target][0]
    return message


def model_of(runner: DaskGraphRunner) -> Cascade | None:
    """Return the model a runner was loaded with, None where its pipeline has another classifier."""
    components = [node._component for node in runner._instantiated_nodes.values()]
    return next((one.model for one in components if isinstance(one, LinearIntentClassifier)), None)


def label_of(model: Cascade, message: Message) -> int:
    """Return the number of the label that a message was taken for; the likeliest where it was not understood."""
    chances = model.chances(lemmas(message), message.get(TEXT))
    named = (message.get(INTENT) or {}).get("name")
    fitting = [at for at, label in enumerate(model.labels) if label.split("/")[0] == named]
    return max(fitting, key=lambda at: float(chances[at])) if fitting else int(np.argmax(chances))


def deciding_words(model: Cascade, message: Message) -> list[dict[str, Any]]:
    """Return the words that spoke for the label a message was taken for, each with its share, the greatest first."""
    if not any(map(says_something, lemmas(message))):
        return []
    tokens = [token for token in message.get(TOKENS_NAMES[TEXT]) or () if token.lemma.split()]
    spoke_for = np.maximum(_added(model, message, tokens), 0.0)
    shares = spoke_for / (spoke_for.sum() or 1.0)
    ranked = sorted(zip(tokens, shares, strict=True), key=lambda one: -one[1])
    return [{"text": token.text, "share": round(float(share), 3)} for token, share in ranked if share >= LEAST]


def _added(model: Cascade, message: Message, tokens: list[Token]) -> np.ndarray:
    """Return what each token added for the label a message was taken for, by both readings where both were asked."""
    words, label = lemmas(message), label_of(model, message)
    first = np.cumsum([0, *(len(token.lemma.split()) for token in tokens[:-1])])
    added = np.add.reduceat(model.first.by_word(words, label), first)
    if not model.asks_twice(words) or len(tokens) > MOST_LEFT_OUT:
        return added
    without = [_without(message, token) for token in tokens]
    return model.scale * added + model.missed((words, message.get(TEXT)), without, label)


def _without(message: Message, token: Token) -> Wording:
    text = message.get(TEXT)
    words = [*lemmas(message, 0, token.start), *lemmas(message, token.end)]
    return words, text[: token.start] + text[token.end :]
