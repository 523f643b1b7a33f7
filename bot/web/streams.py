"""Wakes whoever streams a conversation, here and at other gateways. The store is the truth: a lost signal costs a second."""

import asyncio
import sys
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import structlog
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from bot.domain.signal import Signal, SignalKind
from bot.services.ports import Signals

log = structlog.get_logger()

PING_SECONDS = 15
FAREWELL_SECONDS = 2.0
"""How long streams have to end by themselves; less than the server waits for its connections."""

Since = Callable[[int], list[tuple[int, str]]]
"""Given a message id, the messages after it as (id, conversation), oldest first."""

LOOKS_BACK = 5
"""Looks for which a message may take to be committed whose id was given before that of another one."""


class Alone:
    """The signals of a gateway that knows of no other."""

    def send(self, signal: Signal) -> None: ...
    async def run(self, heard: Callable[[Signal], None]) -> None: ...


class Listener:
    """One open stream: `changed` is set when there may be something to read or to show, `stale` when it must read."""

    def __init__(self, silence: float) -> None:
        self.changed = asyncio.Event()
        self.stale = True
        self.newest = 0
        """Id of the newest message it has read."""
        self.silence = silence
        """Seconds after which it looks although nothing woke it."""
        self.typing: dict[str, bool] = {}
        """Who began or stopped writing since the listener looked last."""


class Hub:
    """The streams of this gateway, by conversation; what happens here is told to the other gateways, too."""

    def __init__(self, signals: Signals | None = None) -> None:
        self._signals = signals or Alone()
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
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

    @property
    def open_streams(self) -> int:
        return sum(len(listeners) for listeners in list(self._listeners.values()))

    def wake(self, conversation_id: str) -> None:
        self._wake(conversation_id)
        self._signals.send(Signal(SignalKind.WAKE, conversation_id))

    def typing(self, conversation_id: str, on: bool, who: str = "bot") -> None:
        """Tell that somebody writes, or no longer: the bot, the shopper, or an agent by name."""
        self._type(conversation_id, on, who)
        self._signals.send(Signal(SignalKind.TYPING, conversation_id, who, on))

    def heard(self, signal: Signal) -> None:
        """Wake those whom another gateway's signal concerns."""
        if signal.kind is SignalKind.TYPING:
            self._type(signal.topic, signal.on, signal.who)
        else:
            self._wake(signal.topic)

    def _wake(self, conversation_id: str, newest: int = sys.maxsize) -> None:
        """Let those read who have not read the message with id `newest`."""
        for listener in self._listeners.get(conversation_id, ()):
            if newest > listener.newest:
                listener.stale = True
                listener.changed.set()

    def _type(self, conversation_id: str, on: bool, who: str) -> None:
        for listener in self._listeners.get(conversation_id, ()):
            listener.typing[who] = on
            listener.changed.set()

    def close(self) -> None:
        """End every stream, so that the process can stop; clients come back with the number they have."""
        self.closing.set()
        for conversation_id in list(self._listeners):
            self._wake(conversation_id)

    async def watch(self, newest: Callable[[], int], since: Since, every: float = 1.0) -> None:
        """Find what other processes wrote: one small query a second for all streams together."""
        arrivals: Arrivals | None = None
        while not self.closing.is_set():
            try:
                if arrivals is None:
                    arrivals = Arrivals(await asyncio.to_thread(newest))
                arrived = await asyncio.to_thread(since, arrivals.looks_from)
                for conversation_id, message_id in arrivals.new(arrived).items():
                    self._wake(conversation_id, message_id)
            except Exception as error:
                log.warning("streams.watch.failed", cause=type(error).__name__)
            await asyncio.sleep(every)


class Arrivals:
    """Tells what is new from one look to the next.

    PostgreSQL gives ids before it commits: one that is lower may appear later. So each look reaches back some looks.
    """

    def __init__(self, newest: int) -> None:
        self._newest = deque([newest], maxlen=LOOKS_BACK)
        self._seen: set[int] = set()

    @property
    def looks_from(self) -> int:
        return self._newest[0]

    def new(self, messages: list[tuple[int, str]]) -> dict[str, int]:
        """Return by conversation the newest of the messages, those after `looks_from`, that no look has seen."""
        new = {conversation_id: number for number, conversation_id in messages if number not in self._seen}
        self._seen = {number for number, _ in messages}
        self._newest.append(max([self._newest[-1], *self._seen]))
        return new


class Farewell:
    """What sse-starlette sets when the server is asked to stop: the hub closes, and each stream ends as a whole answer."""

    def __init__(self, hub: Hub) -> None:
        self.set = hub.close


def event_stream(hub: Hub, events: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """Answer with a stream of events; whoever reads it hears its end, and comes back with the last number they have."""
    return EventSourceResponse(
        events,
        ping=PING_SECONDS,
        headers={"X-Accel-Buffering": "no"},
        shutdown_event=Farewell(hub),  # type: ignore[arg-type]  # of which only `set` is called
        shutdown_grace_period=FAREWELL_SECONDS,
    )


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
