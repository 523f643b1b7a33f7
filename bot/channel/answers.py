"""Reads a message in the light of the question just asked.

A classifier sees one message alone: a product's name or a bare number may look like anything to it. Whoever has
just been asked for one answers that, unless they clearly do something else.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.language.contacts import read_contact
from bot.language.dates import find_dates
from bot.language.digits import western

INFORM = "inform"

ASIDES = {
    "skip": 0.45, "ask_why": 0.5, "stop": 0.5, "restart": 0.6, "help": 0.6, "correct_details": 0.5,
    "request_human": 0.5, "bot_challenge": 0.6, "faq": 0.6, "express_anger": 0.6, "greet": 0.6, "thank": 0.6,
    "goodbye": 0.6, "praise": 0.75, "out_of_scope": 0.75, "track_complaint": 0.7, "ask_response_time": 0.6,
    "request_callback": 0.6, "escalate_complaint": 0.7, "withdraw_complaint": 0.6, "contact_seller": 0.7,
}  # fmt: skip
"""What may interrupt a question, and how sure the classifier must be of it. Everything else is an answer."""

TELLING_WORDS = 5
"""A message of so many words that only "informs", although nothing was asked, tells what happened."""

LONGEST_ASIDE = 12
"""Words. Whoever writes more than this, asked what happened, is telling it, whatever else it sounds like."""


def taken_as(parse: dict[str, Any], asked: str | None) -> str:
    """Return the intent to go on with, given the slot that was `asked` for; Rasa's own `parse` is not changed."""
    intent: str = parse["intent"]["name"]
    if asked is None and intent == INFORM and len(parse["text"].split()) >= TELLING_WORDS:
        return _likeliest_kind(parse, passing_over=INFORM) or intent
    if asked == "complaint_kind" and intent == "nlu_fallback":
        intent = _likeliest_kind(parse) or intent
    if asked is None or parse["text"].startswith("/"):
        return intent
    if asked in FOUND and FOUND[asked](parse):
        return INFORM
    return intent if intent in KEPT.get(asked, ()) or _interrupts(intent, parse) else INFORM


def _likeliest_kind(parse: dict[str, Any], passing_over: str = "nlu_fallback") -> str | None:
    """Return the first guess if it is a kind, not counting `passing_over`: who has been asked for one, or tells a story
    although nothing was asked, most likely complains."""
    guesses = [guess["name"] for guess in parse["intent_ranking"] if guess["name"] not in (passing_over, "nlu_fallback")]
    return guesses[0] if guesses and guesses[0] in KINDS else None


def _interrupts(intent: str, parse: dict[str, Any]) -> bool:
    sure = parse["intent"]["confidence"] >= ASIDES.get(intent, 2.0)
    return sure and len(parse["text"].split()) <= LONGEST_ASIDE


def _has_entity(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda parse: any(entity["entity"] in names for entity in parse["entities"])


def _has_number(parse: dict[str, Any]) -> bool:
    return sum(char.isdecimal() for char in parse["text"]) >= 4


def _has_date(parse: dict[str, Any]) -> bool:
    return bool(find_dates(western(parse["text"]), date.today()))


def _has_contact(parse: dict[str, Any]) -> bool:
    return read_contact(parse["text"]) is not None


FOUND: dict[str, Callable[[dict[str, Any]], bool]] = {
    "order_number": _has_number,
    "purchase_date": _has_date,
    "contact": _has_contact,
    "remedy": _has_entity("remedy"),
}
"""How the answer to a question is told from everything else by its form."""

KINDS = frozenset({
    "late_delivery", "not_received", "damaged_item", "wrong_item", "missing_item", "poor_quality", "misleading_promotion",
    "overcharged_fees", "payment_problem", "refund_problem", "cancelled_order", "no_reply", "bad_conduct", "app_problem",
    "security_issue", "other_complaint",
})  # fmt: skip

KEPT: dict[str, frozenset[str]] = {
    "complaint_kind": KINDS,
    **dict.fromkeys(("order_number", "purchase_date", "remedy", "contact"), frozenset({"deny", "skip"})),
    "confirmed": frozenset({"affirm", "deny", "correct_details"}),
}
"""Intents that are themselves the answer to a question."""
