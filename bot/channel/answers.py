"""Reads a message in the light of the question just asked.

A classifier sees one message alone: a product's name or a bare number may look like anything to it. Whoever has
just been asked for one answers that, unless they clearly do something else.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.language.contacts import read_contact
from bot.language.dates import find_dates
from bot.language.digits import western
from bot.language.kinds import KINDS

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

SWITCHES = 0.6
"""How sure the classifier must be of a complaint told where a service has asked for something short."""

LONGEST_NAME = 3
"""Words: shorter answers to "which product" are its name, whatever it looks like alone."""

LONGEST_YES = 3
"""Words: nobody says yes or no to nothing in more."""

LONGEST_ASIDE = 12
"""Words. Whoever writes more than this, asked what happened, is telling it, whatever else it sounds like."""


def taken_as(parse: dict[str, Any], asked: str | None) -> str:
    """Return the intent to go on with, given the slot that was `asked` for; Rasa's own `parse` is not changed."""
    intent: str = parse["intent"]["name"]
    if asked is None and intent in ("affirm", "deny") and len(parse["text"].split()) > LONGEST_YES:
        return "nlu_fallback"
    if asked is None and intent == INFORM and len(parse["text"].split()) >= TELLING_WORDS:
        return _likeliest_kind(parse, passing_over=INFORM) or intent
    if asked == "complaint_kind" and intent == "nlu_fallback":
        intent = _likeliest_kind(parse) or intent
    if asked is None or parse["text"].startswith("/"):
        return intent
    if asked in FOUND and FOUND[asked](parse):
        return INFORM
    if intent in KEPT.get(asked, ()) or (asked in SHORT and _tells_of_a_complaint(parse)):
        return intent
    if _is_answer_after_all(intent, asked, parse["text"]):
        return INFORM
    return intent if intent not in ANSWERED_WITH.get(asked, ()) and _interrupts(intent, parse) else INFORM


def _likeliest_kind(parse: dict[str, Any], passing_over: str = "nlu_fallback") -> str | None:
    """Return the first guess if it is a kind, not counting `passing_over`: who has been asked for one, or tells a story
    although nothing was asked, most likely complains."""
    guesses = [guess["name"] for guess in parse["intent_ranking"] if guess["name"] not in (passing_over, "nlu_fallback")]
    return guesses[0] if guesses and guesses[0] in KINDS else None


def _is_answer_after_all(intent: str, asked: str, text: str) -> bool:
    """Whether an answer to this question may well sound like something else, and this does not plainly ask or leave."""
    if intent in LEAVES or (intent in ASKING and QUESTION.search(text)):
        return False
    return asked in TOLD or (asked == "product" and intent not in COURTESIES and len(text.split()) <= LONGEST_NAME)


def _interrupts(intent: str, parse: dict[str, Any]) -> bool:
    sure = parse["intent"]["confidence"] >= ASIDES.get(intent, 2.0)
    return sure and len(parse["text"].split()) <= LONGEST_ASIDE


def _tells_of_a_complaint(parse: dict[str, Any]) -> bool:
    told = len(parse["text"].split()) >= TELLING_WORDS
    return told and parse["intent"]["name"] in KINDS and parse["intent"]["confidence"] >= SWITCHES


def _has_entity(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda parse: any(entity["entity"] in names for entity in parse["entities"])


def _is_a_product(parse: dict[str, Any]) -> bool:
    """Whether the whole message names one: "a bed mattress" is no praise for tidiness."""
    named = [entity for entity in parse["entities"] if entity["entity"] == "product"]
    return any(entity["end"] - entity["start"] >= len(parse["text"].strip()) for entity in named)


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
    "product": _is_a_product,
    "remedy": _has_entity("remedy"),
    "tracked_number": _has_number,
    "stars": lambda parse: any(char.isdecimal() for char in parse["text"]),
    **dict.fromkeys(("proof", "callback_phone", "security_contact"), _has_contact),
    "seller_order": _has_number,
}
"""How the answer to a question is told from everything else by its form."""

YES_OR_NO = ("merge", "resume_draft", "withdraw_sure", "keep_draft")

SHORT = frozenset({*YES_OR_NO, "tracked_number", "proof", "callback_phone", "contact_channel", "stars"})
"""Questions of services and about drafts whose answers are short: a whole complaint told instead is one."""

KEPT: dict[str, frozenset[str]] = {
    "complaint_kind": KINDS,
    **dict.fromkeys(("order_number", "purchase_date", "remedy", "contact"), frozenset({"deny", "skip"})),
    "confirmed": frozenset({"affirm", "deny", "correct_details"}),
    **dict.fromkeys(YES_OR_NO, frozenset({"affirm", "deny"})),
    **dict.fromkeys(
        ("tracked_number", "proof", "details", "reopen_reason", "affected", "expected", "contact_when", "callback_time",
         "seller_name", "seller_order", "security_when", "security_contact", "rating_word", "callback_phone"),
        frozenset({"deny", "skip"}),
    ),
}  # fmt: skip
"""Intents that are themselves the answer to a question."""

TOLD = frozenset({
    "details", "reopen_reason", "affected", "expected", "contact_content", "seller_question", "security_what", "rating_word",
})  # fmt: skip
"""Questions of services that are answered by telling something, which may sound like anything."""

LEAVES = frozenset({"stop", "restart", "skip", "ask_why", "request_human", "withdraw_complaint", "help"})
"""What may interrupt even such an answer, beside what is plainly asked of the help centre."""

COURTESIES = frozenset({"greet", "thank", "goodbye", "express_anger", "praise", "correct_details"})
"""What may interrupt the question for a product, whose name may look like anything else."""

ASKING = frozenset({"faq", "bot_challenge", "ask_response_time", "track_complaint", "order_status"})

QUESTION = re.compile("[?\u061f]")

ANSWERED_WITH: dict[str, frozenset[str]] = {
    "contact_channel": frozenset({"add_details", "faq"}),
    "contact_when": frozenset({"add_details", "faq"}),
    **dict.fromkeys(("callback_phone", "callback_time"), frozenset({"request_callback", "faq"})),
    "seller_name": frozenset({"contact_seller", "faq"}),
    "security_when": frozenset({"faq", "express_anger"}),
    "tracked_number": frozenset({"track_complaint"}),
}
"""What a short answer to a question of a service is easily taken for, since it speaks of the same matter."""
