"""Shadow mode: a candidate reads what shoppers write, a second time and beside the turns; nobody is told what it reads."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol

import structlog

from bot.domain.errors import ShakwaError
from bot.domain.shadow import Guess, Switch, agreement, latency
from bot.services.ports import Clock, Store

log = structlog.get_logger()

AT_ONCE = 20
"""Messages read before any is stored."""
TRIES = 2
"""A text on which the reader failed so often is left out."""
SHOWN = 50
TIMED = 1_000


class Reads(Protocol):
    """A loaded model in a process of its own."""

    def read(self, text: str) -> Guess:
        """Raise ShakwaError where the process has died or takes too long; it is of no use then."""
        ...

    def close(self) -> None: ...


Candidate = Callable[[], str | None]
"""Returns the file name of the candidate, None where there is none."""
OpenReader = Callable[[str], Reads]
"""Begins to load a model and returns what reads with it."""


class Shadow:
    """The switch, and what has been read."""

    def __init__(self, store: Store, clock: Clock, candidate: Candidate) -> None:
        self._store = store
        self._clock = clock
        self._candidate = candidate

    def turn(self, is_on: bool, by: str) -> Switch:
        """Let candidates read along from the next message on, or no longer; turned to where it is, nothing changes."""
        with self._store.write() as work:
            switch = work.shadow.switch()
            if switch.is_on is not is_on:
                switch = Switch(is_on, by, self._clock(), work.shadow.newest_message())
                work.shadow.turn(switch)
                work.commit()
        return switch

    def show(self) -> dict[str, Any]:
        """Return the switch and what the candidate, or else the last that read along, made of what shoppers wrote."""
        candidate = self._candidate()
        with self._store.read() as work:
            switch, model = work.shadow.switch(), candidate or work.shadow.last_model()
            pairs, times = work.shadow.pairs(model), work.shadow.times(model, TIMED)
            differences = [asdict(one) for one in work.shadow.differences(model, SHOWN)]
        told = {"is_on": switch.is_on, "by": switch.by, "at": switch.at, "candidate": candidate, "model": model}
        return told | agreement(pairs) | latency(times) | {"differences": differences}


class Follower:
    """Reads what is unread, round by round, with the candidate of the moment; one process of its own at most."""

    def __init__(self, store: Store, clock: Clock, candidate: Candidate, open_reader: OpenReader) -> None:
        self._store = store
        self._clock = clock
        self._candidate = candidate
        self._open_reader = open_reader
        self._reader: Reads | None = None
        self._model = ""
        self._failures: Counter[int] = Counter()

    def go_round(self) -> int:
        """Read and keep at most AT_ONCE messages; return how many. Raise ShakwaError where the reader failed.

        Another candidate is taken up; without one, or switched off, no process is kept.
        """
        model = self._wanted()
        if model != self._model:
            self.close()
            self._model = model
        unread = self._unread() if model else []
        read = self._read(unread)
        if read and self._wanted() == model:  # else it was promoted, replaced or switched off meanwhile
            with self._store.write() as work:
                work.shadow.keep(model, read, self._clock())
                work.commit()
            return len(read)
        return 0

    def close(self) -> None:
        """End the process, if there is one; from another thread, too, where the round under way then fails."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _wanted(self) -> str:
        """Return the model that should read now, empty where none should."""
        with self._store.read() as work:
            switch = work.shadow.switch()
        return (self._candidate() or "") if switch.is_on else ""

    def _unread(self) -> list[tuple[int, str]]:
        with self._store.read() as work:
            after = work.shadow.switch().after_id
            unread = work.shadow.unread(self._model, after, AT_ONCE + len(self._failures))
        return [one for one in unread if self._failures[one[0]] < TRIES][:AT_ONCE]

    def _read(self, unread: list[tuple[int, str]]) -> dict[int, Guess]:
        """Read until one fails; what was read before it is kept, and it alone is tried again, with a new process."""
        read: dict[int, Guess] = {}
        for message_id, text in unread:
            self._reader = self._reader or self._open_reader(self._model)
            try:
                read[message_id] = self._reader.read(text)
            except ShakwaError as error:
                self._failures[message_id] += 1
                with suppress(ShakwaError):
                    self.close()
                if not read:
                    raise
                log.warning("shadow.reader.failed", model=self._model, reason=str(error))
                break
        return read
