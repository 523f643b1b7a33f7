"""What the classifier counts in a message: character n-grams within words, words and pairs of neighbouring words.

Words come back in every message, so what a word is made of is worked out once and kept.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import scipy.sparse

SHORTEST, LONGEST = 2, 5
"""Letters of a character n-gram, the blank before and behind the word among them."""
WORD, PAIR = "\u2581", "\u2581\u2581"
"""What stands before a feature that is a whole word, or two: no n-gram of letters begins with it."""


@lru_cache(maxsize=32768)
def grams(word: str) -> tuple[str, ...]:
    """Return the word itself and its character n-grams; an n-gram as long as the padded word or longer is left out."""
    padded = f" {word} "
    lengths = range(SHORTEST, min(LONGEST, len(padded)) + 1)
    return WORD + word, *(padded[at : at + n] for n in lengths for at in range(len(padded) - n + 1))


def features(words: Sequence[str]) -> list[str]:
    """Return every feature of a message, each as often as it occurs."""
    single = [gram for word in words for gram in grams(word)]
    return single + [f"{PAIR}{one} {other}" for one, other in pairwise(words)]


class Vocabulary:
    """Feature → column, for the features met in training."""

    def __init__(self, messages: Iterable[Sequence[str]]) -> None:
        found: dict[str, None] = {}
        for words in messages:
            found.update(dict.fromkeys(features(words)))
        self.columns = {feature: at for at, feature in enumerate(sorted(found))}
        self._known = lru_cache(maxsize=32768)(self._columns_of)

    @cached_property
    def names(self) -> list[str]:
        """The features in the order of their columns, as training numbered them."""
        return list(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getstate__(self) -> dict[str, int]:
        return self.columns

    def __setstate__(self, columns: dict[str, int]) -> None:
        self.columns = columns
        self._known = lru_cache(maxsize=32768)(self._columns_of)

    def row(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of a message's known features, in order, and how often each occurs."""
        columns = [column for word in words for column in self._known(word)]
        pairs = (self.of_pair(one, other) for one, other in pairwise(words))
        columns += [column for column in pairs if column is not None]
        return np.unique(np.array(columns, np.int64), return_counts=True)

    def of_word(self, word: str) -> tuple[int, ...]:
        """Return the columns of a word and of its n-grams, as far as they are known."""
        return self._known(word)

    def of_pair(self, one: str, other: str) -> int | None:
        """Return the column of two neighbouring words, None where it is not known."""
        return self.columns.get(f"{PAIR}{one} {other}")

    def rows(self, messages: Sequence[Sequence[str]]) -> scipy.sparse.csr_matrix:
        """Return the counts of several messages: messages × features."""
        counted = [self.row(words) for words in messages]
        ends = np.cumsum([0, *(len(columns) for columns, _ in counted)])
        columns = np.concatenate([columns for columns, _ in counted])
        counts = np.concatenate([counts for _, counts in counted]).astype(np.float64)
        return scipy.sparse.csr_matrix((counts, columns, ends), shape=(len(messages), len(self)))

    def _columns_of(self, word: str) -> tuple[int, ...]:
        return tuple(self.columns[gram] for gram in grams(word) if gram in self.columns)
