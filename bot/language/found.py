"""What a finder hands back, and how two finders' claims to the same letters are settled."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text and what it means: `text` is the original's `[start:end]`, `value` its normal form."""

    start: int
    end: int
    text: str
    value: str


def longest_first(claims: Iterable[Found]) -> list[Found]:
    """Keep the longest of overlapping claims (the earlier of two equals) and return them in the text's order."""
    kept: list[Found] = []
    taken: set[int] = set()
    for claim in sorted(claims, key=lambda c: (c.start - c.end, c.start)):
        if claim.start not in taken and claim.end - 1 not in taken:
            taken.update(range(claim.start, claim.end))
            kept.append(claim)
    return sorted(kept, key=lambda c: c.start)


def outside(claims: Iterable[Found], taken: Iterable[Found]) -> list[Found]:
    """Those claims that share no character with anything in `taken`."""
    used = {place for other in taken for place in range(other.start, other.end)}
    return [claim for claim in claims if used.isdisjoint(range(claim.start, claim.end))]
