"""Who looks at which conversation now, in this gateway: a courtesy between colleagues, not a lock."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Presence:
    def __init__(self) -> None:
        self._viewers: dict[str, Counter[str]] = defaultdict(Counter)

    @contextmanager
    def looking(self, conversation_id: str, name: str) -> Iterator[None]:
        self._viewers[conversation_id][name] += 1
        try:
            yield
        finally:
            self._viewers[conversation_id][name] -= 1
            if not +self._viewers[conversation_id]:
                del self._viewers[conversation_id]

    def viewers(self, conversation_id: str) -> list[str]:
        return sorted(+self._viewers[conversation_id]) if conversation_id in self._viewers else []
