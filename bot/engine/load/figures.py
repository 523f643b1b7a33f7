"""What clients saw in one phase, and how it sums up."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.engine import bench_figures


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of all lies: the nearest rank; NaN where there are none."""
    return bench_figures.percentile(values, share) if values else math.nan


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes take."""

    memory: float = 0.0
    """Resident, in MB."""
    cpu: float = 0.0
    """Seconds of a core since they began."""
    waited: float = 0.0
    """Seconds in which their first thread, the one of the event loop, wanted a core and got none."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.memory + other.memory, self.cpu + other.cpu, self.waited + other.waited)


Used = dict[str, Usage]
"""By role of a process; empty where nobody can look."""


@dataclass
class Figures:
    """Times are seconds, counted from a client's first try."""

    name: str
    clients: int = 0
    acks: list[float] = field(default_factory=list)
    """From sending to "it is stored"."""
    replies: list[float] = field(default_factory=list)
    """From sending to the first bubble of the answer, heard over the stream."""
    connects: list[float] = field(default_factory=list)
    """From asking for a session to the open stream."""
    resumes: list[float] = field(default_factory=list)
    """From coming back to having heard what was missed."""
    errors: Counter[str] = field(default_factory=Counter)
    """By status, or by name where no answer came."""
    retries: int = 0
    complaints: int = 0
    read_along: int = 0
    """Messages that agents heard."""
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    before: Used = field(default_factory=dict)
    after: Used = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def end(self, after: Used) -> None:
        self.seconds, self.after = time.monotonic() - self.begun, after

    @property
    def turns_per_second(self) -> float:
        return len(self.replies) / self.seconds if self.seconds else 0.0

    @property
    def reply_p95(self) -> float:
        return percentile(self.replies, 0.95)
