"""A candidate that reads along: what shoppers write, read a second time by a model that answers nobody."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from bot.domain.figures import share


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether a candidate is to read along, who said so and when; messages up to `after_id` came before."""

    is_on: bool = False
    by: str = ""
    at: datetime | None = None
    after_id: int = 0


@dataclass(frozen=True, slots=True)
class Guess:
    """How the candidate read a text, and in how many milliseconds."""

    intent: str
    confidence: float
    ms: float


@dataclass(frozen=True, slots=True)
class Pair:
    """How often the live model read `live` where the candidate read `shadow`."""

    live: str
    shadow: str
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A message the two models read otherwise; `utterance_id` is what it is found by in the inbox."""

    utterance_id: int
    text: str
    live: str
    live_confidence: float
    shadow: str
    shadow_confidence: float
    at: datetime


def agreement(pairs: Iterable[Pair]) -> dict[str, Any]:
    """Return how much was read and how much alike, in all and by the intent of the live model, as plain data."""
    read, agreed = Counter[str](), Counter[str]()
    apart = []
    for pair in pairs:
        read[pair.live] += pair.count
        agreed[pair.live] += pair.count if pair.live == pair.shadow else 0
        if pair.live != pair.shadow:
            apart.append([pair.live, pair.shadow, pair.count])
    intents = [{"name": name, "read": count, "agreed": agreed[name]} for name, count in read.most_common()]
    return {
        "read": read.total(),
        "agreed": agreed.total(),
        "share": share(agreed.total(), read.total()),
        "intents": intents,
        "pairs": sorted(apart, key=lambda one: -one[2]),
    }


def latency(times: list[float]) -> dict[str, float | None]:
    """Return the median and the 95th percentile of some milliseconds; None where nothing was read."""
    if not times:
        return {"ms_p50": None, "ms_p95": None}
    high = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return {"ms_p50": round(median(times), 1), "ms_p95": round(high, 1)}
