"""Signals between gateways over Redis' publish and subscribe: what is lost costs a second, never a message."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace

import structlog

from bot.domain.signal import Signal, SignalKind
from bot.signals.link import FAILURES, Link

log = structlog.get_logger()

MOST_WAITING = 1_000
"""Signals that wait to be sent; older ones are dropped for newer."""
PING_SECONDS = 2.0
"""After so long a silence Redis is asked whether it is there, and given up after as long again."""

Heard = Callable[[Signal], None]


class Broadcast:
    """One gateway's voice and ear. Lives on the event loop."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel = f"{link.name}:signals"
        self._sender = secrets.token_hex(8)
        self._waiting: deque[Signal] = deque(maxlen=MOST_WAITING)
        self._said = asyncio.Event()

    def send(self, signal: Signal) -> None:
        """Tell the other gateways soon; never waits, never raises."""
        self._waiting.append(replace(signal, sender=self._sender))
        self._said.set()

    async def run(self, heard: Heard) -> None:
        """Send what was said and call `heard` with what others say, until cancelled."""
        try:
            await asyncio.gather(self._speak(), self._listen(heard))
        finally:
            await self._link.close()

    async def _speak(self) -> None:
        while True:
            await self._said.wait()
            self._said.clear()
            signals = list(self._waiting)
            self._waiting.clear()
            if self._link.is_up:  # what is not sent now would come too late: the others look for themselves
                await self._publish(signals)

    async def _publish(self, signals: list[Signal]) -> None:
        try:
            for signal in signals:
                await self._link.redis.publish(self._channel, encoded(signal))
            self._link.found()
        except FAILURES as error:
            self._link.lost(error)

    async def _listen(self, heard: Heard) -> None:
        while True:
            try:
                await self._subscribed(heard)
            except FAILURES as error:
                self._link.lost(error)
            await asyncio.sleep(self._link.pause)

    async def _subscribed(self, heard: Heard) -> None:
        """Pass on what comes until the line breaks; a Redis that does not answer in time is away, too."""
        async with self._link.redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            asked = False
            while True:
                message = await subscription.get_message(timeout=PING_SECONDS)
                if message is None and asked:
                    raise ConnectionError("Redis is silent")
                asked = message is None
                if message is None:
                    await subscription.ping()
                    continue
                self._link.found()
                if message["type"] == "message":
                    self._pass_on(message["data"], heard)

    def _pass_on(self, text: str, heard: Heard) -> None:
        try:
            signal = decoded(text)
            if signal.sender != self._sender:
                heard(signal)
        except (ValueError, TypeError) as error:  # of another version of ours, say
            log.warning("signals.signal.strange", cause=type(error).__name__)


def encoded(signal: Signal) -> str:
    return json.dumps(asdict(signal), ensure_ascii=False)


def decoded(text: str) -> Signal:
    """Raise ValueError or TypeError for what is not a signal."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("a signal is an object")
    kind, names = SignalKind(fields.pop("kind", "")), tuple(fields.pop("names", ()))
    return Signal(kind, names=names, **fields)
