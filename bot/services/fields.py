"""Whether a value will do for a slot of the complaint: one reader for the shopper's words and for what an agent types.

Each `validate_…` returns the value to store, or raises Unclear with the reason that picks the wording of the answer.
"""

from collections.abc import Callable
from datetime import date

from bot.domain.names import Kind, Remedy
from bot.domain.shop import Shop
from bot.language.contacts import read_contact
from bot.language.dates import DateProblem, read_past_date
from bot.language.moments import in_arabic
from bot.language.orders import read_order_number
from bot.language.remedies import asks, find_answers

WORDS_OF_A_WISH = 4
"""An answer of this many words that is in no list of wishes is a wish of its own; an interjection has fewer."""

SHORTEST_DESCRIPTION = 2
LONGEST_PRODUCT = 120


class Unclear(Exception):
    """An answer that will not do; `reason` is a value of the slot `ask_again`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def validate_complaint_kind(raw: str, shop: Shop, today: date) -> str:
    if raw not in set(Kind):
        raise Unclear("unclear")
    return raw


def validate_order_number(raw: str, shop: Shop, today: date) -> str:
    number = read_order_number(raw, shop.order_number_pattern)
    if number is None:
        raise Unclear("unreadable")
    return number


def validate_purchase_date(raw: str, shop: Shop, today: date) -> str:
    day = read_past_date(raw, today)
    if day is DateProblem.NONE_FOUND:
        day = read_past_date(in_arabic(raw), today)
    if isinstance(day, DateProblem):
        raise Unclear(day.value)
    return day.isoformat()


def validate_product(raw: str, shop: Shop, today: date) -> str:
    if sum(char.isalpha() for char in raw) < 2 or len(raw) > LONGEST_PRODUCT:
        raise Unclear("unreadable")
    return raw


def validate_description(raw: str, shop: Shop, today: date) -> str:
    if len(raw.split()) < SHORTEST_DESCRIPTION:
        raise Unclear("too_short")
    return raw


def validate_remedy(raw: str, shop: Shop, today: date) -> str:
    if raw in set(Remedy):
        return raw
    found = find_answers(raw) or find_answers(in_arabic(raw))
    if found:
        return found[0].value
    if len(raw.split()) < WORDS_OF_A_WISH or not any(char.isalpha() for char in raw) or asks(raw):
        raise Unclear("unclear")
    return Remedy.OTHER


def validate_contact(raw: str, shop: Shop, today: date) -> str:
    contact = read_contact(raw, shop.region)
    if contact is None:
        raise Unclear("unreadable")
    return contact


def validate_text(raw: str, shop: Shop, today: date) -> str:
    return raw.strip()


Validate = Callable[[str, Shop, date], str]

VALIDATE: dict[str, Validate] = {
    "complaint_kind": validate_complaint_kind,
    "order_number": validate_order_number,
    "purchase_date": validate_purchase_date,
    "product": validate_product,
    "description": validate_description,
    "remedy": validate_remedy,
    "contact": validate_contact,
    "seller": validate_text,
    "amount": validate_text,
}
