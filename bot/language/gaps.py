"""What it costs to read the vowels that were typed between two consonants as those that Arabic writes there.

Arabic side: `a`, `w`, `y` the long vowels, `e` the alef that begins a word, `h` a final ta marbuta, `q` a qaf that is not
spoken. Latin side: as typed, with `A`, `I`, `U` for vowels written double. The figures were chosen on the Latin words of
the training examples.
"""

from functools import lru_cache

_AS = {
    "ea": 0.0, "eA": 0.1, "ee": 0.1, "ei": 0.1, "eo": 0.1, "eu": 0.1, "eI": 0.3, "eU": 0.3, "e2": 0.0,
    "aA": 0.0, "aa": 0.2, "ae": 0.4, "a2": 0.2, "ai": 0.6, "ao": 0.7, "au": 0.7, "aI": 0.6,
    "ww": 0.0, "wU": 0.0, "wo": 0.1, "wu": 0.1, "yy": 0.0, "yI": 0.0, "yi": 0.1, "ye": 0.2, "y2": 0.6, "w2": 0.6, "q2": 0.0,
}  # fmt: skip
_AS_LAST = {"ha": 0.1, "he": 0.1, "hA": 0.4, "ho": 0.2, "hu": 0.2, "hi": 0.4, "ya": 0.1, "yA": 0.3, "aa": 0.1}
_BY_PLACE = {
    "first": _AS,
    "middle": _AS,
    "closing": {**_AS, "aa": 0.05, "wo": 0.05, "wu": 0.05, "yi": 0.05},
    "last": {**_AS, **_AS_LAST},
    "only": {**_AS, **_AS_LAST},
}
_UNWRITTEN = {"e": 0.7, "a": 0.8, "w": 0.9, "y": 0.9, "h": 0.6, "q": 2.0}
_UNREAD = {"A": 0.8, "I": 0.7, "U": 0.7, "w": 0.9, "y": 0.9, "2": 0.2}
_SHORT, _SHORT_AT_AN_END, _OTHER = 0.1, 0.7, 2.0


def _unread(latin: str, place: str) -> list[float]:
    """The costs of passing over each letter: a short vowel that begins or ends a word is hardly ever passed over."""
    costs = [_UNREAD.get(char, _SHORT) for char in latin]
    end = {"first": 0, "last": -1, "only": -1}.get(place)
    if end is not None and costs and costs[end] == _SHORT:
        costs[end] = _SHORT_AT_AN_END
    return costs


@lru_cache(maxsize=8192)
def cost_of_gap(arabic: str, latin: str, place: str) -> float:
    """The cheapest way to read the whole gap.

    `place` is first, middle, closing (before the last of three consonants or more), last, or only.
    """
    costs, unread = _BY_PLACE[place], _unread(latin, place)
    line = [sum(unread[:end]) for end in range(len(latin) + 1)]
    for letter in arabic:
        above, line = line, [line[0] + _UNWRITTEN[letter]]
        for end, char in enumerate(latin):
            as_it = above[end] + costs.get(letter + char, _OTHER)
            line.append(min(as_it, above[end + 1] + _UNWRITTEN[letter], line[end] + unread[end]))
    return line[-1]
