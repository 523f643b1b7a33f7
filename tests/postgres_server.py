"""A PostgreSQL of a test's own: a cluster that can be ended as in a crash, and started again."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from bot.engine.processes import free_ports

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
OWNER = "postgres"
"""Who runs it where the tests are root's: it refuses to be."""


class OwnPostgres:
    def __init__(self) -> None:
        [self.port] = free_ports(1)
        self.url = f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/postgres"
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # in the test's own folder another user could not write

    @staticmethod
    def is_installed() -> bool:
        return bool(BINARIES) and (os.getuid() != 0 or shutil.which("runuser") is not None)

    def __enter__(self) -> Self:
        if os.getuid() == 0:
            shutil.chown(self._folder, OWNER)
        self._run(
            "initdb", f"--pgdata={self._data}", f"--username={OWNER}", "--auth=trust", "--encoding=UTF8", "--no-locale"
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        own = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        self._control("start", f"--log={self._folder}/log", f"--options={own}")

    def crash(self) -> None:
        """End it at once: every connection breaks off, and the next start recovers from its log."""
        self._control("stop", "--mode=immediate")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", f"--pgdata={self._data}", "--wait", *arguments)

    def _run(self, tool: str, *arguments: str) -> None:
        as_owner = ["runuser", "-u", OWNER, "--"] if os.getuid() == 0 else []
        command = [*as_owner, str(BINARIES[-1].with_name(tool)), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60)
