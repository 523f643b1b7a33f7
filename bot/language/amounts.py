"""Amounts of money: a number, in digits or words, beside the name, abbreviation or sign of a currency."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from bot.language.found import Found, longest_first
from bot.language.numbers import in_digits
from bot.language.phrases import (
    NO_DIGIT_AFTER,
    NO_DIGIT_BEFORE,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    kind,
    one_of,
    value_of,
    values,
)
from bot.language.plain import Plain, plain

_NUMBER = r"\d{1,3}(?:[.,]\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,3})?"
_THOUSANDTHS = frozenset({"KWD", "BHD", "OMR", "JOD", "IQD", "TND"})  # currencies of three decimals


@cache
def _names() -> dict[str, str]:
    return values("currencies", "shared") | values("currencies", "name")


@cache
def _pattern() -> re.Pattern[str]:
    name = f"{one_of(_names())}{NO_LETTER_AFTER}"
    sub = f"{kind('currencies', 'sub')}{NO_LETTER_AFTER}"
    share = f"{kind('numbers', 'part')}{NO_LETTER_AFTER}"
    before = one_of(phrase for phrase in _names() if len(phrase) > 1 or not phrase.isalpha())
    number = f"{NO_DIGIT_BEFORE}(?:{_NUMBER}){NO_DIGIT_AFTER}"
    return re.compile(
        f"(?P<after>{number}) ?(?P<name>{name})(?: ?\u0648 ?(?:(?P<small>\\d{{1,3}}) ?(?P<coin>{sub})|(?P<share>{share})))?"
        f"|(?P<coins>{number}) ?(?P<sub>{sub})"
        f"|{NO_LETTER_BEFORE}(?=[^\\d\\s])(?P<sign>{before}){NO_LETTER_AFTER} ?:? ?(?P<before>{number})"
        f"|{NO_LETTER_BEFORE}(?=[^\\W\\d_])[\u0648\u0628]?(?P<dual>{kind('currencies', 'dual')}){NO_LETTER_AFTER}"
    )


def _code(codes: str, currency: str) -> str:
    """The shop's currency if a shared name can mean it, else the first that the name means."""
    return currency if currency in codes.split() else codes.split()[0]


def _decimal(written: str, code: str) -> Decimal:
    """Three digits after a point are thousandths only in a currency that has them, after a comma never."""
    place = max(written.rfind("."), written.rfind(","))
    thousands = len(written) - place == 4 and not (written[place] == "." and code in _THOUSANDTHS)
    if place < 0 or thousands:
        return Decimal(re.sub("[.,]", "", written))
    return Decimal(re.sub("[.,]", "", written[:place]) + "." + written[place + 1 :])


def _coins(count: str, coin: str, code: str) -> tuple[Decimal, str]:
    *own, factor = value_of("currencies", "sub", coin).split()
    return Decimal(count.replace(",", "")) * Decimal(factor), own[0] if own else code


def _shown(value: Decimal, code: str) -> str:
    return f"{value.normalize():f} {code}"


def _value(match: re.Match[str], currency: str) -> str:
    if match["dual"]:
        return _shown(Decimal(2), _code(value_of("currencies", "dual", match["dual"]), currency))
    if match["sub"]:
        return _shown(*_coins(match["coins"], match["sub"], currency))
    code = _code(_names()[match["name"] or match["sign"]], currency)
    value = _decimal(match["after"] or match["before"], code)
    if match["coin"]:
        value += _coins(match["small"], match["coin"], code)[0]
    if match["share"]:
        value += Decimal(value_of("numbers", "part", match["share"]))
    return _shown(value, code)


def _claims(text: Plain, currency: str) -> Iterator[Found]:
    for match in _pattern().finditer(text.text):
        start = match.start("dual") if match["dual"] else match.start()
        yield text.found(start, match.end(), _value(match, currency))


def find_amounts(text: str, currency: str = "SAR") -> list[Found]:
    """Amounts as "350 SAR" or "12.5 KWD"; `currency` is the shop's and settles names that several countries share.

    A bare number is no amount.
    """
    return longest_first(_claims(in_digits(plain(text)), currency))
