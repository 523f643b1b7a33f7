"""What a finder hands back, and how two finders' claims to the same letters are settled."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text and what it means: `text` is the original's `[start:end]`, `value` its normal form."""

    start: int
    end: int
    text: str
    value: str


def longest_first(claims: Iterable[Found]) -> list[Found]:
    """Keep the longest of overlapping claims (the earlier of two equals) and return them in the text's order."""
    in_order = sorted(claims, key=lambda claim: claim.start)
    if all(one.end <= following.start for one, following in pairwise(in_order)):
        return in_order
    kept: list[Found] = []
    taken: set[int] = set()
    for claim in sorted(in_order, key=lambda claim: claim.start - claim.end):
        if claim.start not in taken and claim.end - 1 not in taken:
            taken.update(range(claim.start, claim.end))
            kept.append(claim)
    return sorted(kept, key=lambda claim: claim.start)


def outside(claims: Iterable[Found], taken: Iterable[Found]) -> list[Found]:
    """Those claims that share no character with anything in `taken`."""
    others = longest_first(taken)
    starts = [other.start for other in others]
    return [claim for claim in claims if not _is_taken(claim, others, bisect_left(starts, claim.end))]


def _is_taken(claim: Found, others: list[Found], behind: int) -> bool:
    return behind > 0 and others[behind - 1].end > claim.start
