"""Counts what happens in this process and writes it as Prometheus reads it (text format 0.0.4).

Labels are names of ours alone: a route's template, an outcome, a model. What a shopper or a caller chose never becomes one.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.conversation import Reading
from bot.domain.label import FALLBACK, UNSURE

MOST_SERIES = 2_000
"""Of one figure: what comes beyond is counted together, under OTHER."""
OTHER = "other"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Labels = tuple[str, ...]


class Counter:
    """A count that only grows, by the values of its labels. May be used from any thread."""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self._lock = threading.Lock()
        self._counts: dict[Labels, float] = defaultdict(float)

    def add(self, *values: str) -> None:
        with self._lock:
            self._counts[_bounded(self._counts, values)] += 1

    def lines(self) -> Iterator[str]:
        with self._lock:
            counts = sorted(self._counts.items())
        yield from _head(self.name, self.about, "counter")
        for values, count in counts:
            yield sample(self.name, self.labels, values, count)


@dataclass(slots=True)
class Measured:
    buckets: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total: float = 0.0


class Histogram:
    """How long things took, in seconds, counted by SECONDS. May be used from any thread."""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self._lock = threading.Lock()
        self._measured: dict[Labels, Measured] = defaultdict(Measured)

    def add(self, seconds: float, *values: str) -> None:
        with self._lock:
            measured = self._measured[_bounded(self._measured, values)]
            measured.buckets[bisect_left(SECONDS, seconds)] += 1
            measured.total += seconds

    def lines(self) -> Iterator[str]:
        with self._lock:
            kept = sorted((values, list(one.buckets), one.total) for values, one in self._measured.items())
        yield from _head(self.name, self.about, "histogram")
        for values, buckets, total in kept:
            yield from self._series(values, buckets, total)

    def _series(self, values: Labels, buckets: list[int], total: float) -> Iterator[str]:
        counted = 0
        for most, count in zip((*map(str, SECONDS), "+Inf"), buckets, strict=True):
            counted += count
            yield sample(f"{self.name}_bucket", (*self.labels, "le"), (*values, most), counted)
        yield sample(f"{self.name}_sum", self.labels, values, total)
        yield sample(f"{self.name}_count", self.labels, values, counted)


class Meter:
    """What one gateway counts."""

    def __init__(self) -> None:
        self.requests = Counter(
            "shakwa_requests_total", "Requests answered, by the template of their route.", "method", "route", "status"
        )
        self.request_seconds = Histogram(
            "shakwa_request_seconds",
            "Seconds until an answer began. POST /api/messages is the acknowledgement: the message is stored by then.",
            "method",
            "route",
        )
        self.turns = Counter(
            "shakwa_turns_total",
            "Turns of the bot: answered, read (a person holds the conversation), retried, failed, dropped (overtaken).",
            "outcome",
        )
        self.turn_seconds = Histogram("shakwa_turn_seconds", "Seconds from a message to the bot's stored answer.")
        self.readings = Counter(
            "shakwa_readings_total", "Messages read, by the model: sure, unsure, or not understood.", "model", "understood"
        )

    def read(self, reading: Reading) -> None:
        """Count how a message was understood, and by which model."""
        sure = "sure" if reading.confidence >= UNSURE else "unsure"
        self.readings.add(reading.model, "fallback" if reading.intent == FALLBACK else sure)

    def lines(self) -> Iterator[str]:
        for one in (self.requests, self.request_seconds, self.turns, self.turn_seconds, self.readings):
            yield from one.lines()


def gauge(name: str, about: str, samples: Mapping[Labels, float], *labels: str) -> Iterator[str]:
    """Yield the lines of a figure that goes up and down."""
    yield from _head(name, about, "gauge")
    for values, value in sorted(samples.items()):
        yield sample(name, labels, values, value)


def sample(name: str, labels: Labels, values: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_escaped(one)}"' for label, one in zip(labels, values, strict=True))
    return f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}"


def _head(name: str, about: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _bounded(kept: Mapping[Labels, object], values: Labels) -> Labels:
    return values if values in kept or len(kept) < MOST_SERIES else (OTHER,) * len(values)
