"""The words the bot was trained with, made from the training data and kept as long as its files stay as they are."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.engine.questions import training_data

Made = Callable[[Iterable[str]], frozenset[str]]
"""Makes a vocabulary of sentences."""


class Vocabulary:
    def __init__(self, root: Path, made: Made) -> None:
        self._root = root
        self._made = made
        self._lock = threading.Lock()
        self._state: list[tuple[str, int, int]] | None = None
        self._words: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Return the vocabulary of the training data as it is now; raise BadQuestions where it cannot be read."""
        with self._lock:
            state = self._files()
            if state != self._state:
                self._words = self._made([one.text for one in training_data(self._root)])
                self._state = state
            return self._words

    def _files(self) -> list[tuple[str, int, int]]:
        files = sorted((self._root / "data" / "nlu").rglob("*.yml"))
        return [(str(file), (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files]
