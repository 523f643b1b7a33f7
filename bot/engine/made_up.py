"""Made-up utterances to measure with: a shopper's sentence, another behind it, and other figures in every number."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.engine.questions import Question

SEED = 1
_FIGURES = re.compile(r"(?<=\d\d)\d")
"""A number keeps its first two figures: those tell a telephone number from an order's."""
_SETS = ("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")
_PRIVATE = {"order_number", "complaint_number", "phone", "email", "amount"}


def utterances(sentences: Sequence[Question], count: int) -> list[Question]:
    """Return so many different utterances with the label and the marks of their first sentence, the same each time.

    One in three goes on with a sentence in which something private or an amount is marked.
    """
    return list(islice(_different(sentences), count))


def _different(sentences: Sequence[Question]) -> Iterator[Question]:
    chance, known = random.Random(SEED), set[str]()
    telling = [one for one in sentences if _PRIVATE & {span.entity for span in one.spans}]
    while True:
        first, second = chance.choice(sentences), chance.choice(telling if chance.random() < 1 / 3 else sentences)
        text = _FIGURES.sub(lambda found: _another(found[0], chance), f"{first.text} {second.text}")
        if text not in known:
            known.add(text)
            yield Question(text, first.label, first.variety, first.spans)


def _another(figure: str, chance: random.Random) -> str:
    """Return a figure of the same set of digits."""
    return chance.choice(next((digits for digits in _SETS if figure in digits), _SETS[0]))
