"""Wakes whoever streams a conversation. Losing a signal costs a second, never a message: the store is the truth."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger()

Since = Callable[[int], tuple[int, set[str]]]
"""Given a message id, the newest one and the conversations that got a message after it."""


class Listener:
    """One open stream: `changed` is set when there may be something to read or to show."""

    def __init__(self, silence: float) -> None:
        self.changed = asyncio.Event()
        self.silence = silence
        """Seconds after which it looks although nothing woke it."""
        self.typing: dict[str, bool] = {}
        """Who began or stopped writing since the listener looked last."""


class Hub:
    """The streams of this gateway, by conversation. Lives on the event loop; `wake` may be called from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = asyncio.Event()

    @contextmanager
    def listen(self, conversation_id: str, silence: float) -> Iterator[Listener]:
        listener = Listener(silence)
        self._listeners[conversation_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[conversation_id].discard(listener)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    def wake(self, conversation_id: str) -> None:
        for listener in self._listeners.get(conversation_id, ()):
            listener.changed.set()

    def typing(self, conversation_id: str, on: bool, who: str = "bot") -> None:
        """Tell that somebody writes, or no longer: the bot, the shopper, or an agent by name."""
        for listener in self._listeners.get(conversation_id, ()):
            listener.typing[who] = on
            listener.changed.set()

    def close(self) -> None:
        """End every stream, so that the process can stop; clients come back with the number they have."""
        self.closing.set()
        for conversation_id in list(self._listeners):
            self.wake(conversation_id)

    async def watch(self, newest: Callable[[], int], since: Since, every: float = 1.0) -> None:
        """Find what other processes wrote: one small query a second for all streams together."""
        last: int | None = None
        while not self.closing.is_set():
            try:
                if last is None:
                    last = await asyncio.to_thread(newest)
                last, changed = await asyncio.to_thread(since, last)
                for conversation_id in changed:
                    self.wake(conversation_id)
            except Exception as error:
                log.warning("streams.watch.failed", cause=type(error).__name__)
            await asyncio.sleep(every)


async def changes(hub: Hub, listener: Listener) -> AsyncIterator[bool]:
    """Yield at once, then whenever the listener was woken (True) or its `silence` has passed (False)."""
    yield True
    while not hub.closing.is_set():
        try:
            await asyncio.wait_for(listener.changed.wait(), listener.silence)
            listener.changed.clear()
            yield True
        except TimeoutError:
            yield False
