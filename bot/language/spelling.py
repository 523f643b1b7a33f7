"""The two normal forms of a shopper's text: `clean` for storing and showing, `fold` for comparing and for features."""

import re
import unicodedata
from functools import cache

from bot.language.charsets import inside_brackets, of_categories
from bot.language.plain import plain

_LINE_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ORDINARY = re.compile("[\x00-\x7f\u0621-\u064a\u0660-\u0669]*+")
"""A text of these alone is composed and has no piled marks: nearly every message, told in a hundredth of the time."""
_INVISIBLE = (
    *range(0x00, 0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0),  # C0 and C1 but the line feed
    0x00AD, 0x061C, 0x200B, 0x200C, 0x200E, 0x200F, *range(0x202A, 0x202F),
    *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC),
    *range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
)  # fmt: skip
_DROPPED: dict[int, str | None] = {**dict.fromkeys(_INVISIBLE), ord("\t"): " "}
# Where a zero-width joiner may stand: between pictures, after a picture's variation selector or skin tone.
_PICTURE = inside_brackets(
    [0xA9, 0xAE, *range(0x2190, 0x2200), *range(0x2300, 0x2329), *range(0x232B, 0x2400), *range(0x25A0, 0x27C0)]
    + [*range(0x2B00, 0x2C00), *range(0x1F000, 0x1FB00)]
)
_JOINER = "\u200d"
_STRAY_JOINER = re.compile(f"(?<![{_PICTURE}\ufe0f]){_JOINER}|{_JOINER}(?![{_PICTURE}])")
_LONG_RUN = re.compile(r"(.)\1{12,}", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANKS_AT_BREAK = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


@cache
def _piled_marks() -> re.Pattern[str]:
    marks = of_categories("M")
    return re.compile(f"([{marks}]{{2}})[{marks}]+")


def _without_surrogates(text: str) -> str:
    """Halves that stand alone are dropped; two that belong together become their character."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _visible(text: str) -> str:
    text = _LINE_BREAKS.sub("\n", _without_surrogates(text)).translate(_DROPPED)
    return _STRAY_JOINER.sub("", text) if _JOINER in text else text


def _composed(text: str) -> str:
    """NFC; marks are thinned before it as well, because composing sorts them in quadratic time."""
    if _ORDINARY.fullmatch(text):
        return text
    return _piled_marks().sub(r"\1", unicodedata.normalize("NFC", _piled_marks().sub(r"\1", text)))


def clean(text: str) -> str:
    """The form in which a shopper's text is stored and shown; it loses nothing a reader could see, but floods.

    NFC. Removed: lone surrogates, NUL and other controls, noncharacters, bidi controls, zero-width characters (the
    joiner stays between pictures), soft hyphens. Every line break is a line feed and a tab a space. At most two
    combining marks follow one another, one character stands at most 12 times in a row, white space is single, lines
    are trimmed and at most one is empty. Idempotent; linear in the text.
    """
    text = _BLANKS.sub(" ", _LONG_RUN.sub(lambda run: run[0][:12], _composed(_visible(text))))
    return _EMPTY_LINES.sub("\n\n", _BLANKS_AT_BREAK.sub("\n", text)).strip()


def fold(text: str) -> str:
    """The form in which two spellings of one word are equal: for comparing and for features, never for showing.

    On top of `clean`: marks and tatweel gone; alef, waw and ya with a hamza lose it and the hamza alone is dropped
    (shoppers leave it out everywhere); alef maqsura is ya, ta marbuta is ha; Persian, Urdu and Maghrebi letters become
    what a plain Arabic keyboard types; presentation forms and accented Latin are decomposed, Latin is lower case, all
    digits are Western; a letter three times or more in a row stands once; a line break is a space. Punctuation and
    pictures stay. Idempotent.
    """
    return clean(plain(clean(text)).text)
