"""Which parts of the installation are well, and since when: asked by load balancers, by `shakwa up`, by Prometheus."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

Check = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Part:
    well: bool
    seconds: int
    """Since it is so, as this process has seen it."""


class Parts:
    """Asks each part anew whenever it is asked. May be used from any thread."""

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = checks
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[str, tuple[bool, float]] = {}

    def look(self) -> dict[str, Part]:
        return {name: self._noted(name, _holds(check)) for name, check in self._checks.items()}

    def _noted(self, name: str, well: bool) -> Part:
        now = self._clock()
        with self._lock:
            before, since = self._since.get(name, (True, now))
            if before is not well:
                since = now
                log.warning("part.changed", part=name, well=well)
            self._since[name] = (well, since)
        return Part(well, int(now - since))


def ill(parts: Mapping[str, Part]) -> list[str]:
    """Return the names of those that are not well."""
    return [name for name, part in parts.items() if not part.well]


def _holds(check: Check) -> bool:
    try:
        return check()
    except Exception:
        return False
