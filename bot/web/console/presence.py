"""Who looks at which conversation now, here and at other gateways: a courtesy between colleagues, not a lock."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.signal import Signal, SignalKind
from bot.services.ports import Signals
from bot.web.streams import Alone

TELL_SECONDS = 5.0
"""How often other gateways are told who looks here."""
FORGET_SECONDS = 12.0
"""After which a gateway that has told nothing counts as gone."""


class Presence:
    """Lives on the event loop."""

    def __init__(self, signals: Signals | None = None) -> None:
        self._signals = signals or Alone()
        self._viewers: dict[str, Counter[str]] = defaultdict(Counter)
        self._elsewhere: dict[str, dict[str, tuple[tuple[str, ...], float]]] = defaultdict(dict)
        """Topic → gateway → who looks there, and until when that is believed."""

    @contextmanager
    def looking(self, topic: str, name: str) -> Iterator[None]:
        self._viewers[topic][name] += 1
        self._tell(topic, asks=True)
        try:
            yield
        finally:
            self._viewers[topic][name] -= 1
            if not +self._viewers[topic]:
                del self._viewers[topic]
            self._tell(topic)

    def viewers(self, topic: str) -> list[str]:
        now, elsewhere = time.monotonic(), self._elsewhere.get(topic, {})
        return sorted({*self._here(topic), *(name for names, until in elsewhere.values() if until > now for name in names)})

    def heard(self, signal: Signal) -> None:
        """Take note of who looks through another gateway, and tell it who does here if it asks."""
        if signal.kind is not SignalKind.LOOKING:
            return
        self._elsewhere[signal.topic][signal.sender] = (signal.names, time.monotonic() + FORGET_SECONDS)
        if signal.asks and signal.topic in self._viewers:
            self._tell(signal.topic)

    async def keep_telling(self) -> None:
        """Tell again and again: signals get lost, and gateways end without a word."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            for topic in self._viewers:
                self._tell(topic)
            self._forget()

    def _here(self, topic: str) -> list[str]:
        return sorted(+self._viewers[topic]) if topic in self._viewers else []

    def _tell(self, topic: str, *, asks: bool = False) -> None:
        self._signals.send(Signal(SignalKind.LOOKING, topic, names=tuple(self._here(topic)), asks=asks))

    def _forget(self) -> None:
        now = time.monotonic()
        for topic, gateways in list(self._elsewhere.items()):
            self._elsewhere[topic] = {gateway: told for gateway, told in gateways.items() if told[0] and told[1] > now}
            if not self._elsewhere[topic]:
                del self._elsewhere[topic]
