"""How long a killed process is away, and the shopper whose turn it had: watched from outside, told when all is over."""

import os
import statistics
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx

from bot.failpoints import TAKEN
from tests.system.running import System
from tests.system.waiting import eventually

PATIENCE = 120
"""Seconds for the slowest start, Rasa's, on a busy machine."""
DIES_AT = {
    "message": "gateway", "turn": "gateway", "slots": "actions", "filing": "actions", "tracker": "rasa", "event": "worker",
}  # fmt: skip
"""First word of a place → who passes it."""


class Recovery(threading.Thread):
    """Orders one kill, and watches it."""

    def __init__(self, system: System, place: str) -> None:
        super().__init__(daemon=True)
        self.role = DIES_AT[place.partition(".")[0]]
        self._system, self._taken = system, system.orders / f"{place}{TAKEN}"
        self._pid = system.pid(self.role)
        self._killed_at = self._back_at = 0.0
        system.order(place)
        self.start()

    def run(self) -> None:
        eventually(self._taken.exists, PATIENCE, "an order that is obeyed")
        self._killed_at = self._taken.stat().st_ctime  # when the order was renamed
        eventually(lambda: not Path(f"/proc/{self._pid}").exists(), PATIENCE, f"the end of {self.role}")
        eventually(self._serves, PATIENCE, f"{self.role} serving again")
        self._back_at = time.time()

    def after(self, moment: float) -> float:
        """Return how many seconds after the kill a moment was."""
        return moment - self._killed_at

    def back_after(self) -> float:
        self.join(PATIENCE)
        assert self._back_at, f"{self.role} never came back"
        return self.after(self._back_at)

    def _serves(self) -> bool:
        system = self._system
        if self.role == "worker":
            return system.pid("worker") not in (None, self._pid)
        ports = {"gateway": system.port, "rasa": system.engine_port, "actions": system.actions_port}
        try:
            return not httpx.get(f"http://127.0.0.1:{ports[self.role]}/", timeout=1, trust_env=False).is_server_error
        except httpx.TransportError:
            return False


class Figures:
    """What was seen of all kills, by role."""

    def __init__(self) -> None:
        self._back: dict[str, list[float]] = defaultdict(list)
        self._answered: dict[str, list[float]] = defaultdict(list)

    def add(self, role: str, back: float, answered: float) -> None:
        self._back[role].append(back)
        self._answered[role].append(answered)

    def lines(self) -> list[str]:
        """Return for each role: kills, seconds until it was back, seconds until the shopper was answered."""
        return [
            f"{role}: {len(back)} kills; back after {of(back)} s; answered after {of(self._answered[role])} s"
            for role, back in self._back.items()
        ]


def of(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} (median) and {max(seconds):.1f} (most)"


def crowded() -> bool:
    """Whether the machine is asked for more than it has: a bound on time is for one that is not."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)
