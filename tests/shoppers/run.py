"""Sends the shoppers to a running system, some at a time, and counts what came of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx

from tests.shoppers.check import Installation, check
from tests.shoppers.facts import FILED, Person
from tests.shoppers.shopper import Outcome, SimulatedShopper
from tests.system.shoppers import WidgetShopper

AT_ONCE = 4


def run(people: Iterable[Person], system: Any, told: Callable[[Outcome], None] = lambda outcome: None) -> list[Outcome]:
    """Let everybody talk and check what is stored; `told` hears of each outcome in the order of the people.

    `system` is a `System` of tests/system or anything else with its `url`, `acknowledged` and what `Installation` asks.
    """
    outcomes = []
    with ThreadPoolExecutor(AT_ONCE) as shoppers:
        for outcome in shoppers.map(lambda person: one(person, system), people):
            told(outcome)
            outcomes.append(outcome)
    return outcomes


def one(person: Person, system: Any) -> Outcome:
    try:
        with WidgetShopper(system) as widget:
            outcome = SimulatedShopper(person, widget).talk()
        check(outcome, _installation(system))
    except (AssertionError, httpx.HTTPError, OSError) as error:
        return Outcome(person, problems=[f"broke off: {error}"])
    return outcome


def _installation(system: Any) -> Installation:
    installation: Installation = system
    return installation


@dataclass(frozen=True)
class Figures:
    """What a run came to."""

    shoppers: int
    right: int
    """Ended as they should, with every field right."""
    asked_again: int
    """Shoppers who were asked for what they had told."""
    questions: float
    """Median for each filed complaint, the summary apart."""

    @property
    def share(self) -> float:
        return self.right / self.shoppers


def figures(outcomes: list[Outcome]) -> Figures:
    filed = [len(one.questions) for one in outcomes if one.number and one.person.ends in FILED]
    return Figures(
        shoppers=len(outcomes),
        right=sum(not one.problems for one in outcomes),
        asked_again=sum(bool(one.asked_again) for one in outcomes),
        questions=median(filed) if filed else 0,
    )


def line(outcome: Outcome) -> str:
    """Return one line: how it went, who it was, how many questions, what was wrong."""
    again = [f"asked again for {slot} ×{times}" for slot, times in Counter(outcome.asked_again).items()]
    wrong = "; ".join([*dict.fromkeys(outcome.problems), *again])
    mark = "ok  " if outcome.good else "FAIL"
    return (
        f"{mark} {outcome.person.name:<30} {outcome.person.kind:<20} {len(outcome.questions):>2} questions  {wrong}".rstrip()
    )


def totals(found: Figures) -> str:
    return (
        f"{found.right} of {found.shoppers} ({found.share:.0%}) ended as they should with every field right; "
        f"{found.asked_again} were asked what they had said; median {found.questions:g} questions"
    )
