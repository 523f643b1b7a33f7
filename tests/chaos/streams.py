"""The streams of two gateways that share a Redis which comes and goes, on an event loop beside the walk."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from bot.domain.conversation import Message
from bot.domain.signal import Signal, SignalKind
from bot.signals.broadcast import Broadcast
from bot.signals.buckets import Buckets
from bot.signals.link import Link
from bot.store.unit_of_work import Store
from bot.store.views import messages_since, newest_message
from bot.web.streams import Hub, changes
from tests.redis_server import OwnRedis

POLLS_EVERY = 0.05
FOR_EVER = 3_600.0
"""Seconds of silence after which a stream would look by itself: here it must be woken, by a signal or by polling."""
PATIENCE = 60.0
"""Longer than Redis is left alone and asked whether it is there, all together."""
MAY_WAIT = 3.0
"""Seconds for which a shopper may be held up by a Redis that is away, on a machine with much else to do."""

History = Callable[[str, int], list[Message]]


class Stream:
    """What one page has read: (number, text)."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.read: list[tuple[int, str]] = []

    async def follow(self, hub: Hub, history: History) -> None:
        with hub.listen(self.conversation_id, FOR_EVER) as listener:
            async for _ in changes(hub, listener):
                last = self.read[-1][0] if self.read else 0
                try:
                    new = await asyncio.to_thread(history, self.conversation_id, last)
                except sa.exc.DBAPIError:  # the line to the page breaks, and the page comes back
                    await asyncio.sleep(POLLS_EVERY)
                    listener.changed.set()
                else:
                    self.read += [(message.seq, message.text) for message in new]


class Streams:
    def __init__(self, store: Store, history: History, redis: OwnRedis, name: str) -> None:
        """Names of this walk in Redis begin with `name`."""
        self.redis = redis
        self._store, self._history, self._name = store, history, name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._heard: list[set[str]] = [set(), set()]
        self._tasks: dict[str, Future[None]] = {}
        self._paused: Any = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._begin())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bring_redis_back()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        gc.collect()  # lines that Redis has cut, while nobody minds
        self._loop.close()

    async def _begin(self) -> None:
        links = [Link(self.redis.url, self._name) for _ in range(2)]
        self._voices = [Broadcast(link) for link in links]
        self._hubs = [Hub(voice) for voice in self._voices]
        self._buckets = Buckets(links[0])
        engine = self._store.engine
        for hub, voice, heard in zip(self._hubs, self._voices, self._heard, strict=True):
            look = hub.watch(partial(newest_message, engine), partial(messages_since, engine), POLLS_EVERY)
            self._run(f"watch {id(hub)}", look)
            self._run(f"voice {id(hub)}", voice.run(partial(self._hear, hub, heard)))

    def _hear(self, hub: Hub, heard: set[str], signal: Signal) -> None:
        heard.add(signal.topic)
        hub.heard(signal)

    async def _end(self) -> None:
        mine = asyncio.current_task()
        while others := [task for task in asyncio.all_tasks() if task is not mine]:
            for task in others:  # again and again: Redis' client may take it for the end of its deadline
                task.cancel()
            await asyncio.wait(others, timeout=0.1)
        await self._loop.shutdown_default_executor()

    # ------------------------------------------------------------------ what gateways do

    def open(self, gateway: int, conversation_id: str) -> Stream:
        stream = Stream(conversation_id)
        self._run(conversation_id, stream.follow(self._hubs[gateway], self._history))
        return stream

    def close(self, stream: Stream) -> None:
        self._tasks.pop(stream.conversation_id).cancel()

    def wake(self, gateway: int, conversation_id: str) -> None:
        """Tell the streams of this gateway and, by Redis, of the other one."""
        self._loop.call_soon_threadsafe(self._hubs[gateway].wake, conversation_id)

    def let_in(self, conversation_id: str) -> tuple[int, float]:
        """Draw from a bucket that is never empty; return the seconds to wait that it told, and those it took."""
        began = time.monotonic()
        told = self._do(self._buckets.take(conversation_id, per_second=1_000, burst=10_000))
        return told, time.monotonic() - began

    # ------------------------------------------------------------------ Redis comes and goes

    def take_redis_away(self, how: str) -> None:
        match how:
            case "stopped":
                self.redis.stop()
            case "held still":
                self._paused = self.redis.paused()
                self._paused.__enter__()
            case "emptied":
                self.redis.flush()

    def bring_redis_back(self) -> None:
        if self._paused is not None:
            self._paused.__exit__(None, None, None)
            self._paused = None
        if not self.redis.is_running:
            self.redis.start()

    def hear_one_another(self) -> bool:
        """Whether either gateway hears of what is said at the other, some time."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for voice, topic in zip(self._voices, ("one", "other"), strict=True):
                self._loop.call_soon_threadsafe(voice.send, Signal(SignalKind.WAKE, topic))
            if "other" in self._heard[0] and "one" in self._heard[1]:
                return True
            time.sleep(0.05)
        return False

    def ended(self) -> list[str]:
        """Return what should go on for ever and has ended, and why."""
        return [f"{name} has ended: {task.exception()!r}" for name, task in self._tasks.items() if task.done()]

    def forget_what_was_heard(self) -> None:
        for heard in self._heard:
            heard.clear()

    # ------------------------------------------------------------------ the loop

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.run_coroutine_threadsafe(work, self._loop)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)
