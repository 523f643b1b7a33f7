"""A Redis of a test's own: a process that can be stopped, held still, emptied and started again."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.builders import wait_for


def answers(url: str) -> bool:
    with Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as redis:
        try:
            return bool(redis.ping())
        except RedisError:
            return False


class OwnRedis:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        own = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self._folder),
            "--save",
            "",
            "--daemonize",
            "no",
        ]
        self._process = subprocess.Popen(["redis-server", *own], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(self.url))

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def stop(self) -> None:
        """End it as a crash does; nothing happens where it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with Redis.from_url(self.url) as redis:
            redis.flushall()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold it still: it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)
