"""Numbers written in words: MSA and the dialects, on their own or mixed with digits ("2.5 thousand").

Digits alone are left as they are typed. Arabic joins the parts of a number by "and" and multiplies by putting them side
by side ("three hundred", "five thousand"), so both are followed and nothing else is: of "two three days" only the
last word reaches the days.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import zip_longest
from typing import NamedTuple

from bot.language.found import Found
from bot.language.phrases import NO_DIGIT_AFTER, NO_DIGIT_BEFORE, folded
from bot.language.plain import Plain, plain
from bot.language.rows import rows

_AND, _BY = "\u0648", "\u0628"  # wa- and bi-: written as one with the word they stand before
_DIGITS = rf"{NO_DIGIT_BEFORE}(?:\d{{1,15}}(?:\.\d{{1,6}})?|\d{{1,3}}(?:,\d{{3}}){{1,4}}){NO_DIGIT_AFTER}"
_LETTERS = r"[^\W\d_]+"
_WORD = re.compile(_LETTERS)
_TOKEN = re.compile(f"{_DIGITS}|{_LETTERS}")
# Digits with a word beside them: no others can be part of a number in words.
_NEAR_WORDS = re.compile(rf"(?:(?<=[^\W\d_] )|(?<=[^\W\d_])){_DIGITS}|{_DIGITS}(?= ?[^\W\d_])|{_LETTERS}")
_HUNDRED = Decimal(100)


class _Part(NamedTuple):
    start: int
    end: int
    kind: str
    value: Decimal
    joined: bool  # by "and" to what stands before


@dataclass(slots=True)
class _Reading:
    """A number half read: scales have closed `total`, `group` still grows; `scale` is the smallest one used."""

    start: int
    end: int
    total: Decimal = Decimal(0)
    group: Decimal = Decimal(0)
    scale: Decimal = Decimal("Infinity")
    last: str = ""
    worded: bool = False

    def take(self, part: _Part) -> bool:
        """Let the part into the number; False where a new number begins with it."""
        rule = _joined if part.joined and self.last else _beside if self.last else _first
        if not rule(self, part):
            return False
        self.end, self.last = part.end, part.kind
        self.worded = self.worded or part.kind != "digits"
        return True

    def multiply(self, scale: Decimal) -> bool:
        if scale >= self.scale:
            return False
        self.total, self.group, self.scale = self.total + self.group * scale, Decimal(0), scale
        return True


def _first(number: _Reading, part: _Part) -> bool:
    if part.kind in ("scale", "pair"):
        number.total, number.scale = part.value, part.value
    else:
        number.group = part.value
    return True


def _beside(number: _Reading, part: _Part) -> bool:
    if part.kind == "scale" and number.group:
        return number.multiply(part.value)
    if part.kind == "hundred" and part.value == _HUNDRED and number.last == "unit" and number.group > 2:
        number.group *= _HUNDRED
        return True
    return False


_MAY_JOIN = {
    "unit": ("hundred", "scale", "pair"),
    "teen": ("hundred", "scale", "pair"),
    "ten": ("unit", "hundred", "scale", "pair"),
    "hundred": ("scale", "pair"),
    "digits": ("scale", "pair", "hundred"),
}


def _joined(number: _Reading, part: _Part) -> bool:
    if part.kind == "part":
        return _join_part(number, part.value)
    if part.kind in ("scale", "pair"):
        return _join_scale(number, part)
    room = number.scale if number.last in ("scale", "pair") else _HUNDRED
    if number.last not in _MAY_JOIN[part.kind] or part.value >= room:
        return False
    number.group += part.value
    return True


def _join_part(number: _Reading, share: Decimal) -> bool:
    """ "A million and a half" is half a million more, "three and a half" half of one more."""
    if number.last == "part":
        return False
    number.group += share * (number.scale if number.last in ("scale", "pair") else 1)
    return True


def _join_scale(number: _Reading, part: _Part) -> bool:
    if number.group or part.value >= number.scale:
        return False
    number.total, number.scale = number.total + part.value, part.value
    return True


@cache
def _lexicon() -> dict[str, tuple[str, Decimal]]:
    return {folded(row["phrase"]): (row["kind"], Decimal(row["value"])) for row in rows("numbers")}


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.split(" ")[0] for phrase in _lexicon() if " " in phrase)


@lru_cache(maxsize=1024)
def _looked_up(word: str) -> tuple[str, Decimal, bool, int] | None:
    """Kind and value of a word, whether "and" is written onto it, and how many letters of clitics it begins with."""
    for clitics in range(3):
        known = _lexicon().get(word[clitics:])
        if known and word[:clitics] in ("", _AND, _BY, _AND + _BY):
            return (*known, word[:clitics].startswith(_AND), clitics)
    return None


@lru_cache(maxsize=1024)
def _first_of_two(word: str) -> tuple[str, int] | None:
    """What a number of two words may begin with, and how many letters of clitics stand before it."""
    if word in _first_words():
        return word, 0
    return (word[1:], 1) if word[0] in (_AND, _BY) and word[1:] in _first_words() else None


def _two_words(text: str, token: re.Match[str], following: re.Match[str]) -> _Part | None:
    """ "Five ten" is fifteen: the pairs of words that are one number stand in the table with their space."""
    first = _first_of_two(token[0])
    known = _lexicon().get(f"{first[0]} {following[0]}") if first else None
    if first is None or known is None or text[token.end() : following.start()] != " ":
        return None
    return _Part(token.start() + first[1], following.end(), *known, bool(first[1]) and token[0][0] == _AND)


def _one_word(token: re.Match[str], word: str, joined: bool) -> _Part | None:
    if "0" <= word[0] <= "9":
        return _Part(token.start(), token.end(), "digits", Decimal(word.replace(",", "")), joined)
    known = _looked_up(word)
    if known is None:
        return None
    kind, value, with_and, clitics = known
    return _Part(token.start() + clitics, token.end(), kind, value, joined or with_and)


def _parts(text: str, pattern: re.Pattern[str]) -> Iterator[_Part]:
    joined, taken, tokens = False, 0, list(pattern.finditer(text))
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.start() < taken:
            continue
        word = token[0]
        part = _two_words(text, token, following) if following else None
        part = part or _one_word(token, word, joined)
        joined = word == _AND
        if part:
            taken = part.end
            yield part


def _is_near(text: str, end: int, start: int) -> bool:
    """Whether nothing but a blank, or "and", stands between."""
    return start - end <= len(f" {_AND} ") and text[end:start].strip(" ") in ("", _AND)


def _readings(text: str, pattern: re.Pattern[str] = _TOKEN) -> Iterator[_Reading]:
    number: _Reading | None = None
    for part in _parts(text, pattern):
        if number is not None and _is_near(text, number.end, part.start) and number.take(part):
            continue
        if number is not None:
            yield number
        number = _Reading(part.start, part.end)
        number.take(part)
    if number is not None:
        yield number


def _plain_decimal(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _is_number(number: _Reading) -> bool:
    """A half or a quarter is one only with something it is part of."""
    return number.last != "part" or number.group + number.total >= 1


def _is_worth_digits(number: _Reading) -> bool:
    """ "One" alone more often means somebody, or stresses the noun before it, than that it counts."""
    return number.worded and _is_number(number) and number.total + number.group != 1


def in_digits(text: Plain) -> Plain:
    """The text with each number that words are part of written in Western digits; offsets still the original's."""
    if not any(word in _first_words() or _looked_up(word) for word in set(_WORD.findall(text.text))):
        return text
    worded = filter(_is_worth_digits, _readings(text.text, _NEAR_WORDS))
    return text.replaced((n.start, n.end, _plain_decimal(n.total + n.group)) for n in worded)


def find_numbers(text: str) -> list[Found]:
    """Every number in a text, in words, digits or both; `value` is a decimal without exponent ("2500", "3.5")."""
    seen = plain(text)
    numbers = filter(_is_number, _readings(seen.text))
    return [seen.found(n.start, n.end, _plain_decimal(n.total + n.group)) for n in numbers]
