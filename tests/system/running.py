"""Shakwa as its users start it: `shakwa up` with all its processes, on ports and in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.settings import ROOT
from tests.system.waiting import eventually

SHAKWA = Path(sys.executable).with_name("shakwa")
STARTS_WITHIN = 120
STOPS_WITHIN = 20
ROLES = {"gateway": "shakwa gateway", "actions": "-m actions", "rasa": "rasa_quietly run", "worker": "shakwa worker"}
"""How the command line of each process ends or begins; those that only watch over one are told by `keep.sh`."""


@dataclass(frozen=True)
class Acknowledged:
    """A message whose sender was told that it is stored."""

    client_id: str
    text: str
    seq: int | None = None
    """Its number, where the channel says it."""


class System:
    def __init__(self, folder: Path, models: Path) -> None:
        self.data = folder / "data"
        self.output = folder / "output.log"
        self.port, self.engine_port, self.actions_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.acknowledged: list[Acknowledged] = []
        self._leader: subprocess.Popen[bytes] | None = None
        self.environment = clean_environment() | {
            "PORT": str(self.port),
            "SHAKWA_ENGINE_PORT": str(self.engine_port),
            "SHAKWA_ACTIONS_PORT": str(self.actions_port),
            "SHAKWA_DATA_DIR": str(self.data),
            "SHAKWA_MODELS_DIR": str(models),
        }

    @property
    def store(self) -> Path:
        return self.data / "shakwa.db"

    def start(self) -> None:
        """Start everything and wait until it says that it is ready."""
        with self.output.open("ab") as out:
            self._leader = subprocess.Popen(
                [SHAKWA, "up"], cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        said = self.output.stat().st_size
        eventually(lambda: self._announced(said), STARTS_WITHIN, f"ready; it said:\n{self.said()[-3000:]}")

    def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        assert self._leader is not None
        os.killpg(self._leader.pid, signal.SIGINT)
        return self._leader.wait(STOPS_WITHIN)

    def destroy(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self._leader is not None:
            self._leader.wait(STOPS_WITHIN)

    def processes(self) -> dict[int, str]:
        """Return the command lines of everything that lives with our data folder in its environment, by process id."""
        mark = f"SHAKWA_DATA_DIR={self.data}\0".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue  # ended meanwhile, or not ours
        return found

    def pid(self, role: str) -> int | None:
        lines = self.processes().items()
        return next((pid for pid, line in lines if ROLES[role] in line and "keep.sh" not in line), None)

    def kill(self, role: str) -> None:
        """End a process as a crash does: at once, in the middle of whatever it does."""
        pid = self.pid(role)
        assert pid is not None, f"there is no {role} to kill"
        os.kill(pid, signal.SIGKILL)

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def wait_until_well(self) -> None:
        eventually(self.ready, STARTS_WITHIN, "well again")

    def said(self) -> str:
        """Return what everything has printed so far."""
        return self.output.read_text("utf-8", "replace")

    def complaint(self, number: str) -> dict[str, Any]:
        """Return a complaint as the command line shows it."""
        command = [SHAKWA, "complaint", "show", number, "--json"]
        shown = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, check=True, timeout=60)
        return json.loads(shown.stdout)  # type: ignore[no-any-return]

    def _announced(self, said: int) -> bool:
        assert self._leader is not None
        assert self._leader.poll() is None, f"it ended by itself:\n{self.said()[-3000:]}"
        with self.output.open("rb") as output:
            output.seek(said)
            return b"Shakwa is ready" in output.read()


def free_ports(count: int) -> list[int]:
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def clean_environment() -> dict[str, str]:
    """Return this process's environment without any setting of Shakwa's."""
    ours = ("SHAKWA_", "PORT", "HOST", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
