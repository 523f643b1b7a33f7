"""Numbers that shoppers read out: random digits with a check digit, made and read back."""

import re
from collections.abc import Callable

from bot.domain.complaint import new_digits, shown_number
from bot.language.checks import damm
from bot.language.digits import western


def unused(show: Callable[[str], str], count: int, taken: Callable[[str], bool]) -> str:
    """Return a number of `count` random digits and one that checks them, as `show` groups them, that nobody has."""
    while True:
        digits = new_digits(count)
        number = show(digits + damm(digits))
        if not taken(number):
            return number


def canonical(number: str) -> str:
    """Return a complaint number as it is stored: read from either digit set, with or without letters and dashes."""
    return shown_number(re.sub(r"\D", "", western(number)))
