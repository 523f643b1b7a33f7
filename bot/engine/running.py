"""Long work in processes of their own that can be given up: none of theirs lives on."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from bot.domain.errors import GivenUp

LOOK_SECONDS = 0.3
"""How often it is looked whether the work is given up."""

WATCHED = """
exec 9<"$0"
(read _ <&9; rm -r "${0%/*}"; kill -KILL 0) >/dev/null 2>&1 &
exec "$@" 9<&-
"""
"""Runs a command, and beside it what ends it once nobody holds the pipe `$0` open for writing: once we have died.

The pipe is opened before the command begins: were we dead by then, it would never begin.
"""

Cancelled = Callable[[], bool]
Progress = Callable[[str, float], object]
"""Told the step at hand and the share of the whole that is done."""


def never() -> bool:
    return False


def untold(_step: str, _share: float) -> None:
    """Progress that nobody looks at."""


def run(
    command: list[str], env: Mapping[str, str], *, asked: str | None = None, log: IO[str] | None = None,
    cwd: Path | None = None, cancelled: Cancelled = never,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run a command to its end; what it prints is returned, or goes to `log`. Raise GivenUp once `cancelled` holds.

    Its temporary files go with it: whoever is killed does not tidy up. Should this process be killed, it is too.
    """
    out = log or subprocess.PIPE
    # `given` is not a pipe: Python stops filling one once it has waited in vain.
    with TemporaryDirectory(ignore_cleanup_errors=True) as scratch, TemporaryFile("w+") as given:
        given.write(asked or "")
        given.seek(0)
        with _alive(Path(scratch) / "alive") as pipe:
            started = subprocess.Popen(
                ["/bin/sh", "-c", WATCHED, pipe, *command], env={**env, "TMPDIR": scratch}, cwd=cwd, stdin=given, stdout=out,
                stderr=out, text=True, start_new_session=True,
            )  # fmt: skip
            said, complained = _ended(started, cancelled)
    return subprocess.CompletedProcess(command, started.returncode, said, complained)


@contextmanager
def _alive(pipe: Path) -> Iterator[Path]:
    """Hold a named pipe open, which the system closes when we die, however that comes."""
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        yield pipe
    finally:
        os.close(held)


def _ended(started: "subprocess.Popen[str]", cancelled: Cancelled) -> tuple[str, str]:
    """Wait for the end of a process, or bring it about; return what it printed, where that was asked for."""
    with started as child:
        try:
            said, complained = _waited(child, cancelled)
        finally:
            end(child)
    return said or "", complained or ""


def _waited(child: "subprocess.Popen[str]", cancelled: Cancelled) -> tuple[str, str]:
    while True:
        if cancelled():
            raise GivenUp("the work was cancelled")
        with suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=LOOK_SECONDS)


def end(child: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """End the child and whatever it has started: joblib's processes are no children of ours."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
