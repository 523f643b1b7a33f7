"""Every value in a message that is known by its form, with the claims of the finders settled."""

import datetime
from dataclasses import dataclass

from bot.language.amounts import find_amounts
from bot.language.contacts import find_emails, find_phones
from bot.language.found import Found, outside
from bot.language.moments import find_moments
from bot.language.orders import find_complaint_numbers, find_order_numbers
from bot.language.remedies import find_remedies


@dataclass(frozen=True, slots=True)
class ShopValues:
    """What the finders need to know of the shop: see `shop.yml`."""

    order_number_pattern: str = r"\d{3}-\d{7}-\d{7}"
    currency: str = "SAR"
    region: str = "SA"


def find_values(text: str, today: datetime.date, shop: ShopValues) -> list[tuple[str, Found]]:
    """Return (entity, found) in the text's order; where two finders claim the same letters, the surer one has them."""
    claims = [
        ("email", find_emails(text)),
        ("complaint_number", find_complaint_numbers(text)),
        ("order_number", find_order_numbers(text, shop.order_number_pattern)),
        ("phone", find_phones(text, shop.region)),
        ("amount", find_amounts(text, shop.currency)),
        ("date", find_moments(text, today)),
        ("remedy", find_remedies(text)),
    ]
    settled: list[tuple[str, Found]] = []
    for entity, found in claims:
        settled += [(entity, one) for one in outside(found, [kept for _, kept in settled])]
    return sorted(settled, key=lambda claim: claim[1].start)
