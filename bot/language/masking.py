"""Takes out of a text what tells who wrote it, and puts something of the same kind there.

Found are e-mail addresses, telephone numbers, IBANs, bank cards (Luhn), national ids and residence permits, order and
complaint numbers, and names in an introduction; in every digit set. A stand-in is written in the digits of what it stands
for, so that a sentence still teaches what a number looks like. What is not recognised stays: a text is looked at by a
person before it is kept.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.language.checks import iban_ok, luhn_ok
from bot.language.contacts import find_emails, find_phones
from bot.language.digits import DIGIT, arabic_indic, western
from bot.language.found import Found
from bot.language.introductions import introduced_as
from bot.language.orders import find_complaint_numbers, find_order_numbers
from bot.language.rows import rows

_IBAN = re.compile(rf"(?<![A-Za-z])[A-Za-z]{{2}} ?{DIGIT}{{2}}(?: ?[A-Za-z0-9\u0660-\u0669\u06f0-\u06f9]){{11,30}}")
_CARD = re.compile(rf"(?<!{DIGIT})(?:{DIGIT}[ -]?){{12,18}}{DIGIT}(?!{DIGIT})")
_IDENTITY = re.compile(rf"(?<!{DIGIT})[12\u0661\u0662\u06f1\u06f2]{DIGIT}{{9}}(?!{DIGIT})")
_FIGURE = re.compile(r"\d")
_EASTERN = re.compile("[\u0660-\u0669\u06f0-\u06f9]")


@dataclass(frozen=True, slots=True)
class Masked:
    """`start` and `end` point into the original text."""

    kind: str
    start: int
    end: int
    stand_in: str


def mask(text: str, order_pattern: str, order_example: str, region: str = "SA") -> tuple[str, list[Masked]]:
    """Return the text with stand-ins, and what was replaced, from the first to the last."""
    replaced = find_private(text, order_pattern, order_example, region)
    pieces, last = [], 0
    for one in replaced:
        pieces += [text[last : one.start], one.stand_in]
        last = one.end
    return "".join([*pieces, text[last:]]), replaced


def find_private(text: str, order_pattern: str, order_example: str, region: str = "SA") -> list[Masked]:
    """Return what tells who wrote a text, without overlaps: the earlier kinds below win over the later ones."""
    taken: list[Masked] = []
    for kind, start, end in _claims(text, order_pattern, region):
        if all(end <= other.start or start >= other.end for other in taken):
            stand_in = order_example if kind == "order_number" else _stand_ins()[kind]
            eastern = _EASTERN.search(text, start, end) is not None
            taken.append(Masked(kind, start, end, arabic_indic(stand_in) if eastern else stand_in))
    return sorted(taken, key=lambda one: one.start)


@cache
def _stand_ins() -> dict[str, str]:
    return {row["kind"]: row["value"] for row in rows("stand_ins")}


def _claims(text: str, order_pattern: str, region: str) -> Iterator[tuple[str, int, int]]:
    yield from _spans("email", find_emails(text))
    if _FIGURE.search(text):  # most of what is said has none, and looking for numbers is what takes long
        yield from _numbers(text, order_pattern, region)
    name = introduced_as(text)
    if name and (at := text.find(name)) >= 0:
        yield "name", at, at + len(name)


def _numbers(text: str, order_pattern: str, region: str) -> Iterator[tuple[str, int, int]]:
    orders = find_order_numbers(text, order_pattern)
    yield from _matching("iban", _IBAN, text, iban_ok)
    yield from _spans("complaint_number", find_complaint_numbers(text))
    yield from _spans("order_number", (one for one in orders if "-" in one.value))
    yield from _spans("phone", find_phones(text, region))
    yield from _matching("card", _CARD, text, lambda found: luhn_ok(re.sub(r"\D", "", western(found))))
    yield from _matching("identity", _IDENTITY, text, lambda found: True)
    yield from _spans("order_number", orders)


def _spans(kind: str, found: Iterator[Found] | list[Found]) -> Iterator[tuple[str, int, int]]:
    for one in found:
        yield kind, one.start, one.end


def _matching(
    kind: str, pattern: re.Pattern[str], text: str, holds: Callable[[str], bool]
) -> Iterator[tuple[str, int, int]]:
    for match in pattern.finditer(text):
        if holds(match[0]):
            yield kind, match.start(), match.end()
