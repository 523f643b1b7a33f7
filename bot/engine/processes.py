"""Runs the processes of the Procfile together and says when all of them are healthy."""

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from honcho.environ import parse_procfile
from honcho.manager import Manager

PATIENCE_SECONDS = 180

Check = Callable[[], bool]


def run_all(procfile: Path, checks: dict[str, Check], on_ready: Callable[[], object]) -> int:
    """Run every process until one ends or Ctrl-C; call `on_ready` once all checks hold. Returns an exit code."""
    manager = Manager()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for name, command in parse_procfile(procfile.read_text("utf-8")).processes.items():
        manager.add_process(name, command, cwd=str(procfile.parent), env=os.environ | {"PATH": path})
    Thread(target=_wait, args=(checks, on_ready), daemon=True).start()
    manager.loop()
    return 0 if manager.returncode in (None, 130, 143) else int(manager.returncode)


def answers(url: str, headers: dict[str, str] | None = None) -> Check:
    """Return a check that holds once `url` answers 200."""

    def check() -> bool:
        import httpx  # takes more memory than the rest of a process that only keeps others running

        try:
            return httpx.get(url, headers=headers, timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return check


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on, each another one."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def one_of(checks: list[Check]) -> Check:
    """Return a check that holds while one of these does."""
    return lambda: any(check() for check in checks)


def touched(file: Path) -> Check:
    """Return a check that holds once `file` has been touched after now."""
    since = time.time()

    def check() -> bool:
        return file.exists() and file.stat().st_mtime >= since

    return check


def _wait(checks: dict[str, Check], on_ready: Callable[[], object]) -> None:
    pending, until = dict(checks), time.monotonic() + PATIENCE_SECONDS
    while pending and time.monotonic() < until:
        pending = {name: check for name, check in pending.items() if not check()}
        time.sleep(0.3)
    if pending:
        print(f"still not healthy after {PATIENCE_SECONDS} s: {', '.join(pending)}", file=sys.stderr, flush=True)
    else:
        on_ready()
