"""What a message offers for each slot, and whether it will do.

`candidates` finds what the message brings; each `validate_…` returns the value to store or raises Unclear with the
reason that picks the wording of the next question.
"""

from collections.abc import Callable
from datetime import date, datetime

from actions.ask import Said, services
from actions.scene import Unclear
from bot.domain.complaint import Kind, Remedy
from bot.domain.draft import Draft
from bot.language.buying import bought_on
from bot.language.contacts import read_contact
from bot.language.dates import DateProblem, read_past_date
from bot.language.moments import in_arabic
from bot.language.orders import read_order_number
from bot.language.remedies import asks, find_answers

TELLING_WORDS = 5
"""An opening of this many words already tells what happened: it is not asked for again."""

WORDS_OF_A_WISH = 4
"""An answer of this many words that is in no list of wishes is a wish of its own; an interjection has fewer."""

SHORTEST_DESCRIPTION = 2
LONGEST_PRODUCT = 120
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


def validate_complaint_kind(raw: str) -> str:
    if raw not in set(Kind):
        raise Unclear("unclear")
    return raw


def validate_order_number(raw: str) -> str:
    number = read_order_number(raw, services().shop.order_number_pattern)
    if number is None:
        raise Unclear("unreadable")
    return number


def validate_purchase_date(raw: str) -> str:
    day = read_past_date(raw, today())
    if day is DateProblem.NONE_FOUND:
        day = read_past_date(in_arabic(raw), today())
    if isinstance(day, DateProblem):
        raise Unclear(day.value)
    return day.isoformat()


def validate_product(raw: str) -> str:
    if sum(char.isalpha() for char in raw) < 2 or len(raw) > LONGEST_PRODUCT:
        raise Unclear("unreadable")
    return raw


def validate_description(raw: str) -> str:
    if len(raw.split()) < SHORTEST_DESCRIPTION:
        raise Unclear("too_short")
    return raw


def validate_remedy(raw: str) -> str:
    if raw in set(Remedy):
        return raw
    found = find_answers(raw) or find_answers(in_arabic(raw))
    if found:
        return found[0].value
    if len(raw.split()) < WORDS_OF_A_WISH or not any(char.isalpha() for char in raw) or asks(raw):
        raise Unclear("unclear")
    return Remedy.OTHER


def validate_contact(raw: str) -> str:
    contact = read_contact(raw, services().shop.region)
    if contact is None:
        raise Unclear("unreadable")
    return contact


VALIDATE: dict[str, Callable[[str], str]] = {
    "complaint_kind": validate_complaint_kind,
    "order_number": validate_order_number,
    "purchase_date": validate_purchase_date,
    "product": validate_product,
    "description": validate_description,
    "remedy": validate_remedy,
    "contact": validate_contact,
    "seller": str.strip,
    "amount": str.strip,
}


def today() -> date:
    return datetime.now(services().shop.zone).date()
