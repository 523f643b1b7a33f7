"""Text for finding numbers and addresses: Western digits, one kind of dash, nothing invisible; letters as typed."""

import re
from functools import lru_cache

from bot.language.digits import TO_WESTERN
from bot.language.plain import Plain

# Bidi marks and zero-width characters wrap numbers copied from elsewhere; tatweel is used as a dash.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_ONE_FOR_ONE: dict[int, str | int] = {
    **TO_WESTERN,
    **dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x0640], "-"),
    **dict.fromkeys([0x00A0, *range(0x2000, 0x200B), 0x202F, 0x3000, 0x0009], " "),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0xFF0B: "+", 0xFF20: "@", 0xFF0E: "."},
}
_SPACES = re.compile(r" {2,}")


def _one_form(text: str) -> str:
    return text.translate(_ONE_FOR_ONE)


def bare_number(text: str) -> str:
    """A number as `bare` would show it, without any blanks."""
    return _INVISIBLE.sub("", _one_form(text)).replace(" ", "")


@lru_cache(maxsize=32)
def bare(text: str) -> Plain:
    """The text with digits, dashes, plus signs and blanks in one form each; offsets are the original's."""
    places = list(range(len(text)))
    seen = Plain(text, _one_form(text), places, [place + 1 for place in places])
    for pattern, new in ((_INVISIBLE, ""), (_SPACES, " ")):
        if pattern.search(seen.text):
            seen = seen.replaced((m.start(), m.end(), new) for m in pattern.finditer(seen.text))
    return seen
