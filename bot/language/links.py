"""Finds web addresses: their letters and dots say nothing of what a shopper means."""

import re

_LINK = re.compile(r"(?<![A-Za-z0-9])(?:https?://|www\.)\S*", re.IGNORECASE)


def find_links(text: str) -> list[tuple[int, int]]:
    """Return where each web address begins and ends."""
    return [match.span() for match in _LINK.finditer(text)]
