"""Whether a conversation ended as it should, with every field of the stored record right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from bot.bootstrap import load_shop
from bot.domain.draft import ASKED, VOLUNTEERED
from bot.language.digits import western
from bot.language.spelling import fold
from bot.language.words import words
from bot.settings import ROOT
from tests.shoppers.facts import FILED, Person, Step, day
from tests.shoppers.shopper import Outcome

SHOP = load_shop(ROOT / "shop.yml")
LONGEST_PRODUCT = 8
"""Words: a stored product of more is a sentence, not a name."""
DRAFTS = {"stopped_kept": "paused", "stopped_dropped": "abandoned"}
"""The state the shopper's only draft is left in."""


class Installation(Protocol):
    """The running system with its store."""

    def complaint(self, number: str) -> dict[str, Any]: ...
    def filed_in(self, conversation_id: str) -> list[str]: ...
    def draft_states(self, conversation_id: str) -> list[str]: ...


def check(outcome: Outcome, installation: Installation) -> None:
    """Add to the outcome what is wrong with the end and with the record."""
    person, filed = outcome.person, installation.filed_in(outcome.conversation)
    wanted = [outcome.number] if person.ends in FILED and outcome.number else []
    if filed != wanted or (person.ends in FILED and not filed):
        outcome.problems.append(f"filed {len(filed)} complaints, should have ended {person.ends}")
    elif filed:
        outcome.problems += wrong_fields(outcome, installation.complaint(filed[0]))
    states = [str(state) for state in installation.draft_states(outcome.conversation)]
    if person.ends in DRAFTS and states != [DRAFTS[person.ends]]:
        outcome.problems.append(f"the draft is {', '.join(states)}, not {DRAFTS[person.ends]}")
    if person.ends == "human" and not any(SHOP.phone in text for text in outcome.heard):
        outcome.problems.append("was not told how to reach a person")
    if person.ends == "not_understood_then_buttons" and person.facts["complaint_kind"].tap not in outcome.tapped:
        outcome.problems.append("was never offered the kinds as buttons")


def wrong_fields(outcome: Outcome, record: dict[str, Any]) -> list[str]:
    """Return a sentence for every field of the record that is not what the shopper told."""
    wrong = []
    for slot in ASKED + VOLUNTEERED:
        stored = record["kind" if slot == "complaint_kind" else slot]
        if slot == "description":
            wrong += [] if is_own_words(stored, outcome) else [f"description: «{stored}»"]
            continue
        expect = expected(outcome, slot)
        if not is_right(slot, stored, expect, record) and not _overheard(slot, stored, outcome, record):
            wrong.append(f"{slot}: {stored}, not {expect}")
    return wrong


def _overheard(slot: str, stored: str | None, outcome: Outcome, record: dict[str, Any]) -> bool:
    """Whether the bot took from other words, rightly, what it has not asked for."""
    fact = outcome.person.facts.get(slot)
    return slot not in outcome.told and fact is not None and is_right(slot, stored, fact.expect, record)


def expected(outcome: Outcome, slot: str) -> Any:
    """Return what the data expects of a slot, None where the shopper has not told it."""
    person = outcome.person
    corrections = [one.expect for one in person.corrections if one.slot == slot and slot in outcome.corrected]
    if corrections:
        return corrections[-1]
    return person.facts[slot].expect if slot in outcome.told and slot in person.facts else None


def is_right(slot: str, stored: str | None, expect: Any, record: dict[str, Any]) -> bool:
    if stored is None or expect is None:
        return stored is expect
    return RIGHT.get(slot, _same)(stored, expect, record)


def is_own_words(stored: str, outcome: Outcome) -> bool:
    """Whether every word of a description is the shopper's, and some are not those of an interruption."""
    told = _words([*outcome.person.opening, *outcome.said])
    beside = _words([step for steps in _beside(outcome.person) for step in steps if isinstance(step, str)])
    return _words([stored]) <= told and bool(_words([stored]) - beside)


def _beside(person: Person) -> list[list[Step]]:
    """Return what the shopper says that is no part of the story."""
    return [*person.interrupts.values(), *person.skips.values()]


def _words(texts: list[str]) -> set[str]:
    return {word.text for text in texts for word in words(fold(text))}


def _same(stored: str, expect: Any, record: dict[str, Any]) -> bool:
    return stored == expect


def _one_of(stored: str, expect: list[str], record: dict[str, Any]) -> bool:
    return stored in expect


def _date(stored: str, expect: dict[str, Any], record: dict[str, Any]) -> bool:
    """Right on the day it was filed, as the shop counts days."""
    today = datetime.fromisoformat(record["created_at"]).astimezone(SHOP.zone).date()
    return stored == day(expect, today).isoformat()


def _named(stored: str, expect: list[str], record: dict[str, Any]) -> bool:
    named = any(fold(name) in fold(stored) for name in expect)
    return named and len(stored.split()) <= LONGEST_PRODUCT


def _amount(stored: str, expect: str, record: dict[str, Any]) -> bool:
    return expect in western(stored)


RIGHT: dict[str, Callable[[str, Any, dict[str, Any]], bool]] = {
    "purchase_date": _date, "product": _named, "seller": _named, "remedy": _one_of, "amount": _amount,
}  # fmt: skip
