"""Waiting for what happens in other processes: a condition with a deadline, never a fixed pause."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Return once `holds()`; fail, naming `what` was awaited, after so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"after {seconds} s still not: {what}"
        time.sleep(0.05)
