"""How slow the machine at hand is, so that a bound on time holds a pattern to its word and not the machine."""

import time

MILLION = 0.035
"""Seconds in which the machine that the bounds were set on counts to a million."""


def seconds_here(bound: float) -> float:
    """Return the time that takes `bound` seconds on that machine; never less than `bound`."""
    return bound * max(1.0, min(_counting() for _ in range(3)) / MILLION)


def _counting() -> float:
    started = time.thread_time()
    total = 0
    for number in range(1_000_000):
        total += number & 7
    return time.thread_time() - started
