"""The digit sets of Arabic writing. Both functions keep the length, so offsets survive them."""

DIGIT = "[0-9\u0660-\u0669\u06f0-\u06f9]"
"""One digit of any set, in a pattern."""
_ARABIC_INDIC = range(0x0660, 0x066A)
_PERSIAN = range(0x06F0, 0x06FA)
_WESTERN = range(0x0030, 0x003A)
_DECIMAL_SIGN, _THOUSANDS_SIGN = 0x066B, 0x066C

TO_WESTERN = {
    **dict(zip(_ARABIC_INDIC, _WESTERN, strict=True)),
    **dict(zip(_PERSIAN, _WESTERN, strict=True)),
    _DECIMAL_SIGN: ord("."),
    _THOUSANDS_SIGN: ord(","),
}
_TO_ARABIC_INDIC = {
    **dict(zip(_WESTERN, _ARABIC_INDIC, strict=True)),
    **dict(zip(_PERSIAN, _ARABIC_INDIC, strict=True)),
}


def western(text: str) -> str:
    """Arabic-Indic and Persian digits as 0-9, the Arabic decimal sign as a point, the thousands sign as a comma."""
    return text.translate(TO_WESTERN)


def arabic_indic(text: str) -> str:
    """Western and Persian digits as Arabic-Indic; points and commas stay, for they may not be part of a number."""
    return text.translate(_TO_ARABIC_INDIC)
