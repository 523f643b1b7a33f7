"""Finds out in which encoding somebody else's file was written."""

import codecs

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_NULS = 0.2
"""Share of NUL bytes from which a text without a mark is UTF-16: half of every Latin letter, blank and line break."""


def decode(content: bytes) -> str | None:
    """Return the text of a file in UTF-8 or UTF-16, with or without a mark, or in Windows-1256; None where it is none.

    Windows-1256 gives every byte a character, so it comes last; no text of shoppers holds a NUL.
    """
    for encoding in _likely(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None


def _likely(content: bytes) -> tuple[str, ...]:
    if content.startswith(_UTF16):
        return ("utf-16",)
    nuls = content.count(0)
    if nuls > _MOST_NULS * len(content) / 2:
        little = content[1::2].count(0) >= content[::2].count(0)
        return ("utf-16-le",) if little else ("utf-16-be",)
    return "utf-8-sig", "cp1256"
