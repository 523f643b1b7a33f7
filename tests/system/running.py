"""Shakwa as its users start it: `shakwa up` with all its processes, on ports and in a folder of its own."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from bot.domain.promises import Acknowledged
from bot.engine.processes import free_ports
from bot.failpoints import PLACES, TAKEN
from bot.settings import ROOT
from tests.system.waiting import eventually

SHAKWA = Path(sys.executable).with_name("shakwa")
STARTS_WITHIN = 120
STOPS_WITHIN = 20
ROLES = {"gateway": "shakwa gateway", "actions": "-m actions", "rasa": "rasa_quietly run", "worker": "shakwa worker"}
"""What the command line of each process holds; one with `keep.sh` in it only watches over the process."""

SHOP_SITE = "http://shop.example"
"""The site that may embed the widget; like the gateway under test without TLS, for a browser mixes the two unwillingly."""

IDENTITY_SECRET = "what the server of the shop signs identities with in the tests"


class System:
    def __init__(self, folder: Path, models: Path) -> None:
        self.data = folder / "data"
        self.output = folder / "output.log"
        self.orders = folder / "orders"
        self.orders.mkdir(exist_ok=True)
        self.port, self.engine_port, self.actions_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.acknowledged: list[Acknowledged] = []
        self._leader: subprocess.Popen[bytes] | None = None
        self.environment = clean_environment() | {
            "SHAKWA_ALLOWED_ORIGINS": SHOP_SITE,
            "SHAKWA_IDENTITY_SECRET": IDENTITY_SECRET,
            "PORT": str(self.port),
            "SHAKWA_ENGINE_PORT": str(self.engine_port),
            "SHAKWA_ACTIONS_PORT": str(self.actions_port),
            "SHAKWA_DATA_DIR": str(self.data),
            "SHAKWA_FAILPOINTS": str(self.orders),
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

    def terminate(self, role: str) -> int:
        """Ask a process to end, as an upgrade does; return its id."""
        pid = self.pid(role)
        assert pid is not None, f"there is no {role} to end"
        os.kill(pid, signal.SIGTERM)
        return pid

    def stop(self) -> int:
        """Ask everything to end, as `systemctl stop` does, and return the exit code."""
        assert self._leader is not None
        self._leader.terminate()
        return self._leader.wait(STOPS_WITHIN)

    def kill(self, role: str) -> None:
        """End a process as a crash does: at once, in the middle of whatever it does."""
        pid = self.pid(role)
        assert pid is not None, f"there is no {role} to kill"
        os.kill(pid, signal.SIGKILL)

    @contextmanager
    def paused(self, role: str) -> Iterator[None]:
        """Hold a process still."""
        pid = self.pid(role)
        assert pid is not None, f"there is no {role} to pause"
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def order(self, place: str, what: str = "kill") -> None:
        """Have whoever comes to a failpoint next break there, once."""
        assert place in PLACES
        (self.orders / f"{place}{TAKEN}").unlink(missing_ok=True)
        (self.orders / place).write_text(what)

    def obeyed(self, place: str) -> bool:
        return (self.orders / f"{place}{TAKEN}").exists()

    def let_go(self, place: str) -> None:
        """Let go on who was told to pause there."""
        (self.orders / f"{place}{TAKEN}").unlink()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let no process write a byte to any file: RLIMIT_FSIZE, which they meet as a full disk."""
        running = [pid for pid in map(self.pid, ROLES) if pid is not None]
        before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in running}
        for pid, (_, hard) in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            for pid, limits in before.items():
                with suppress(ProcessLookupError):  # it did not bear that, and another has taken its place
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    @contextmanager
    def locked_store(self) -> Iterator[None]:
        """Write, and do not finish."""
        with closing(sqlite3.connect(self.store, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("ROLLBACK")

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

    def logs(self) -> str:
        """Return everything that was logged: what was printed, and the files beside the databases."""
        files = [file for file in self.data.rglob("*") if file.suffix in (".log", ".txt", ".json", ".yml")]
        return "\n".join([self.said(), *(file.read_text("utf-8", "replace") for file in files)])

    def complaint(self, number: str) -> dict[str, Any]:
        """Return a complaint as the command line shows it."""
        command = [SHAKWA, "complaint", "show", number, "--json"]
        shown = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, check=True, timeout=60)
        record: dict[str, Any] = json.loads(shown.stdout)
        return record

    def filed_in(self, conversation_id: str) -> list[str]:
        """Return the numbers of the complaints that were filed in one conversation."""
        return self._column("SELECT number FROM complaint WHERE conversation_id = ? ORDER BY id", conversation_id)

    def draft_states(self, conversation_id: str) -> list[str]:
        return self._column("SELECT state FROM draft WHERE conversation_id = ? ORDER BY created_at", conversation_id)

    def order_of(self, number: str) -> str:
        return self._column("SELECT order_number FROM complaint WHERE number = ?", number)[0]

    def messages(self) -> int:
        """Return how many messages are stored."""
        return int(self._column("SELECT count(*) FROM message")[0])

    def has_begun(self, conversation_id: str, seq: int) -> bool:
        """Whether somebody is answering this message now."""
        query = "SELECT 1 FROM turn WHERE conversation_id = ? AND message_seq = ? AND state = 'running'"
        return bool(self._column(query, conversation_id, seq))

    def _column(self, query: str, *values: str | int) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as db:
            return [row[0] for row in db.execute(query, values)]

    def _announced(self, said: int) -> bool:
        assert self._leader is not None
        assert self._leader.poll() is None, f"it ended by itself:\n{self.said()[-3000:]}"
        with self.output.open("rb") as output:
            output.seek(said)
            return b"Shakwa is ready" in output.read()


def clean_environment() -> dict[str, str]:
    """Return this process's environment without any setting of Shakwa's."""
    ours = ("SHAKWA_", "PORT", "HOST", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
