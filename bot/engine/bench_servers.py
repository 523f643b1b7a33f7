"""The two sides of the measurement as processes: Shakwa as `shakwa up` starts it, and stock Rasa with its action server."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.domain.errors import ShakwaError
from bot.engine import processes
from bot.engine.processes import answers
from bot.engine.tensorflow import STOCK
from bot.engine.trainer import QUIET

STARTS_WITHIN = 240.0
STOPS_WITHIN = 15.0
LOOK_SECONDS = 0.1
NOT_PASSED_ON = ("SHAKWA_", "PORT", "HOST", "DATABASE_URL", "REDIS_URL")
UNLIMITED = "100000000"
SHAKWA = Path(sys.executable).with_name("shakwa")


class NotStarted(ShakwaError):
    """A side that ended by itself or was never ready; the message says where its output is."""


@dataclass
class Servers:
    """One side: its commands run while this is entered; `started_in` is how long it took until everything answered."""

    commands: list[list[str]]
    folder: Path
    given: dict[str, str]
    ready: list[str]
    """Addresses that answer 200 once it serves."""
    log: Path
    started_in: float = 0.0
    _children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __enter__(self) -> Self:
        begun = time.monotonic()
        with self.log.open("wb") as out:
            for command in self.commands:
                self._children.append(self._start(command, out.fileno()))
        try:
            self._wait(begun + STARTS_WITHIN)
        except BaseException:
            self.__exit__()
            raise
        self.started_in = time.monotonic() - begun
        return self

    def __exit__(self, *_: object) -> None:
        lot = [pid for child in self._children for pid in family(child.pid)]
        for child in self._children:
            child.terminate()
        until = time.monotonic() + STOPS_WITHIN
        while any(child.poll() is None for child in self._children) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        for pid in lot:
            _kill(pid)
        for child in self._children:
            child.wait()
        self._children = []

    def resident(self) -> float:
        """Return megabytes of resident memory of all its processes together."""
        return sum(resident(pid) for child in self._children for pid in family(child.pid))

    def _start(self, command: list[str], out: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command, cwd=self.folder, env=environment(**self.given), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip

    def _wait(self, until: float) -> None:
        checks = [answers(url) for url in self.ready]
        while not all(check() for check in checks):
            if time.monotonic() > until or any(child.poll() is not None for child in self._children):
                raise NotStarted(f"`{' '.join(self.commands[0])}` does not serve; its output is in {self.log}")
            time.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class Ports:
    web: int
    engine: int
    actions: int


def ours(root: Path, folder: Path, models: Path, ports: Ports, log: Path) -> Servers:
    """Return Shakwa whole, storing in `folder`: gateway, Rasa, action server and worker, with nothing held back by rates."""
    given = {
        "PORT": str(ports.web),
        "SHAKWA_ENGINE_PORT": str(ports.engine),
        "SHAKWA_ACTIONS_PORT": str(ports.actions),
        "SHAKWA_DATA_DIR": str(folder),
        "SHAKWA_MODELS_DIR": str(models),
        "SHAKWA_SESSIONS_PER_MINUTE": UNLIMITED,
        "SHAKWA_MESSAGES_PER_MINUTE": UNLIMITED,
    }
    folder.mkdir(parents=True, exist_ok=True)
    return Servers([[str(SHAKWA), "up"]], root, given, [f"http://127.0.0.1:{ports.web}/readyz"], log)


def stock(root: Path, folder: Path, model: Path, ports: Ports, log: Path) -> Servers:
    """Return stock Rasa with the project in `folder`: `rasa run` and `rasa run actions`."""
    rasa = [*STOCK, "-m", "rasa", "run"]
    serves = [*rasa, "--model", str(model), "--interface", "127.0.0.1", "--port", str(ports.engine)]
    files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    acts = [*rasa, "actions", "--actions", "actions", "--port", str(ports.actions)]
    ready = [f"http://127.0.0.1:{ports.engine}/webhooks/rest/", f"http://127.0.0.1:{ports.actions}/health"]
    given = {"PYTHONPATH": str(root), "SHOP_FILE": str(root / "shop.yml")}
    return Servers([[*serves, *files], acts], folder, given, ready, log)


def environment(**given: str) -> dict[str, str]:
    """Return this process's environment without settings of Shakwa's, quiet, with what is given."""
    kept = {name: value for name, value in (os.environ | QUIET).items() if not name.startswith(NOT_PASSED_ON)}
    return kept | given


def free_ports() -> Ports:
    return Ports(*processes.free_ports(3))


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents = {int(file.parent.name): _status(file, "PPid") for file in Path("/proc").glob("[0-9]*/status")}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def resident(pid: int) -> float:
    """Return megabytes of resident memory of one process, 0 where it has ended."""
    return _status(Path(f"/proc/{pid}/status"), "VmRSS") / 1024


def _status(file: Path, name: str) -> int:
    try:
        lines = file.read_text().splitlines()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
