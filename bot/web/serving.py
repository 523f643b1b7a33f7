"""How the gateway is served, and how long it waits for a client that takes its time."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""In which the head of a request has come: uvicorn alone would wait for ever."""
READ_SECONDS = 60.0
"""In which a client takes some of what waits for it; one that reads nothing keeps no stream and no file open."""


class Impatient(HttpToolsProtocol):
    """uvicorn's protocol, which gives up on connections that hold a place and do nothing."""

    _head: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            _stop(self._head)
        elif not _runs(self._head):
            self._head = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(READ_SECONDS, self._give_up)

    def resume_writing(self) -> None:
        super().resume_writing()
        _stop(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head, self._reading):
            _stop(timer)
        super().connection_lost(exc)

    def _give_up(self) -> None:
        """Cut the line: a polite close would wait until the client has read everything."""
        self.transport.abort()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _runs(timer: asyncio.TimerHandle | None) -> bool:
    return timer is not None and not timer.cancelled()


SERVED: dict[str, Any] = {
    "http": Impatient, "log_config": None, "access_log": False, "server_header": False, "ws": "none",
    "timeout_keep_alive": 30, "timeout_graceful_shutdown": 4,
}  # fmt: skip
"""What uvicorn is told wherever the gateway runs."""
