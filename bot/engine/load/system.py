"""A Shakwa of the measurement's own: `shakwa up` on free ports and in a folder of its own, and what its processes take."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Self

from bot.domain.errors import GatewayDown
from bot.engine.load.figures import Usage, Used
from bot.engine.processes import free_ports

STARTS_WITHIN = 300.0
"""Seconds; it may have to train first."""
STOPS_WITHIN = 20.0
ROLES = {
    "gateway": "shakwa gateway",
    "engine (Rasa)": "rasa_quietly run",
    "action server": "-m actions",
    "worker": "shakwa worker",
}
"""What the command line of each process holds; all others of ours only watch over these."""
WATCHERS = "watchers"
TICKS = os.sysconf("SC_CLK_TCK")
READY = b"Shakwa is ready"
NOT_FOR_IT = ("DATABASE_URL_FILE", "REDIS_URL_FILE")
"""What would lead it to a store or a Redis in use."""


class OwnSystem:
    """`with` starts it and waits until it is ready; it is stopped at the end, whatever happens."""

    def __init__(self, root: Path, folder: Path, options: dict[str, str]) -> None:
        """`options` are names and values of settings beside the ports and the folder."""
        gateway, engine, actions = free_ports(3)
        self.port = gateway
        self.url = f"http://127.0.0.1:{gateway}"
        self._root, self._output, self._data = root, folder / "output.log", folder / "data"
        self._options = options | {
            "HOST": "127.0.0.1",
            "PORT": str(gateway),
            "SHAKWA_ENGINE_PORT": str(engine),
            "SHAKWA_ACTIONS_PORT": str(actions),
            "SHAKWA_DATA_DIR": str(self._data),
        }

    def __enter__(self) -> Self:
        shakwa, given = Path(sys.executable).with_name("shakwa"), os.environ | self._options
        environment = {name: value for name, value in given.items() if name not in NOT_FOR_IT}
        with self._output.open("ab") as out:
            self._leader = subprocess.Popen(
                [shakwa, "up"], cwd=self._root, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True,  # the Ctrl-C that stops the clients is not for it
            )  # fmt: skip
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Press Ctrl-C for it; what still lives after that is killed."""
        if self._leader.poll() is None:
            os.killpg(self._leader.pid, signal.SIGINT)
            try:
                self._leader.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self._leader.kill()
        for pid in self._processes():
            os.kill(pid, signal.SIGKILL)

    def usage(self) -> Used:
        """Return what its processes take now, by role, and this one as `clients`."""
        used: dict[str, Usage] = defaultdict(Usage)
        for pid, line in self._processes().items():
            role = next((role for role, part in ROLES.items() if part in line and "keep.sh" not in line), WATCHERS)
            used[role] += usage_of(pid)
        used["clients"] = usage_of(os.getpid())
        return dict(used)

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while READY not in self._output.read_bytes():
            if self._leader.poll() is not None or time.monotonic() > until:
                said = self._output.read_text("utf-8", "replace")[-2000:]
                raise GatewayDown(f"Shakwa did not start for the measurement; it said:\n{said}")
            time.sleep(0.2)

    def _processes(self) -> dict[int, str]:
        """Return the command lines of what lives with our folder in its environment, by process id."""
        mark, found = f"SHAKWA_DATA_DIR={self._data}\0".encode(), {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # ended meanwhile, or not ours
        return found


def usage_of(pid: int) -> Usage:
    """Return what a process takes; nothing where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        waited = int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
    except OSError:
        return Usage()
    return Usage(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, (int(fields[11]) + int(fields[12])) / TICKS, waited / 1e9)
