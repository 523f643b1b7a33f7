"""What a message offers for each slot; `bot.services.fields` says whether it will do."""

from collections.abc import Callable
from datetime import date, datetime

from actions.ask import Said, services
from bot.domain.complaint import Kind
from bot.domain.draft import Draft
from bot.language.buying import bought_on
from bot.services.fields import VALIDATE

TELLING_WORDS = 5
"""An opening of this many words already tells what happened: it is not asked for again."""

LONGEST_NAME = 6
"""Words: a shorter answer to "which product" is its name; in a longer one the product is looked for."""


def candidates(said: Said, draft: Draft) -> dict[str, str]:
    """Return what the message offers, by slot: the answer to the question, and whatever else it mentions.

    A mention never replaces a value given before, unless the message says that it corrects something.
    """
    found = {slot: value for slot, find in MENTIONED.items() if (value := find(said)) and _open(slot, said, draft)}
    if said.asked and (answer := said.answer_to(said.asked)):
        found[said.asked] = found.get(said.asked, answer) if _rambles(said.asked, answer) else answer
    return found


def _rambles(slot: str, answer: str) -> bool:
    """Whether a mention inside the answer says it better: a long answer around a product, an order number in words."""
    return slot != "product" or len(answer.split()) > LONGEST_NAME


def _open(slot: str, said: Said, draft: Draft) -> bool:
    return draft.value(slot) is None or said.asked == slot or said.intent == "correct_details"


def _kind(said: Said) -> str | None:
    return said.intent if said.intent in set(Kind) else None


def _purchase_date(said: Said) -> str | None:
    """A date is the purchase's where the message says so, or where it corrects; others are of calls and promises."""
    if said.intent == "correct_details":
        return said.entity("date")
    if said.asked == "purchase_date":
        return None
    bought = bought_on(said.text, today())
    return bought.text if bought else None


def _description(said: Said) -> str | None:
    opens = said.asked in (None, "complaint_kind") and not said.tapped and said.intent in set(Kind)
    return said.text if opens and len(said.text.split()) >= TELLING_WORDS else None


MENTIONED: dict[str, Callable[[Said], str | None]] = {
    "complaint_kind": _kind,
    "order_number": lambda said: said.entity("order_number"),
    "purchase_date": _purchase_date,
    "product": lambda said: said.entity("product"),
    "description": _description,
    "remedy": lambda said: said.entity("remedy"),
    "contact": lambda said: said.entity("phone", "email"),
    "seller": lambda said: said.entity("seller"),
    "amount": lambda said: said.entity("amount"),
}


def valid(slot: str, raw: str) -> str:
    """Return the value to store for a slot; raise Unclear where it will not do."""
    return VALIDATE[slot](raw, services().shop, today())


def today() -> date:
    return datetime.now(services().shop.zone).date()
