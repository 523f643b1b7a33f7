"""Arabic in Latin letters and figures ("3andi", "shakwa") as Arabic letters.

A word is split into the sounds of its consonants and the vowels in the gaps between them. Known Arabic words stand in an
index under their consonants, so a Latin word meets only those it could be, and the one whose letters and vowels cost
least is taken: "3ala" is nearer to the preposition than to a word with a long vowel in the middle. A word near no known
one is written letter by letter, its long vowels kept. Words are short, so each is read in bounded time.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product
from math import inf
from typing import NamedTuple

from bot.language.gaps import cost_of_gap
from bot.language.rows import of_kind, rows
from bot.language.spelling import fold

LONGEST = 20
"""Letters of the longest word that is read."""
WAYS = 12
"""Ways to hear a word's consonants that are tried: enough for two letters of several sounds."""

_SHAPE = re.compile(r"(?=.*[a-z])(?!.*[014]|.*(\d)(?!\1)\d|.*[a-z]{4}\d\d$)[a-z2-9]{2,}|[bflw]")
_FOREIGN = re.compile("x|ck|ph|wh|tion|ment$|ight|ing$|[b-df-hj-np-tvz]{6}|^[b-df-hj-np-tvz]{4,}$")
_ONLY_IF_KNOWN = re.compile("[pv]|c(?!h)")
_PARTICIPLE = re.compile("(?<=[^aeiouwy2])a(?=(?:[cdgkst]h|[^aeiouwy2])e(?:[cdgkst]h|[^aeiouwy2])(?:$|a$|een$|in$))")
_DOUBLED = re.compile("([b-df-hj-np-tv-z35-9]|[cdgkst]h)\\1+")
_SILENT = re.compile("..[ae]h$")
_PARTS = re.compile("[Aaeiouwy2]+|[cdgkst]h|[^Aaeiouwy2]")
_LONG = ((re.compile("aa+"), "A"), (re.compile("ee+|ii+"), "I"), (re.compile("oo+|uu+|ou"), "U"))
_SECOND_LETTER, _OTHER_LETTER, _AFFIX, _ONE_OF_TWO, _ANOTHER_END = 0.15, 2.0, 0.4, 0.05, 0.3
_AN_END = 4
_NEAR, _NEARER_PER_CONSONANT, _CERTAIN = 0.5, 0.25, 0.3


class _Known(NamedTuple):
    """An Arabic word, its consonants, what stands in the gaps before, between and behind them, and a first cost."""

    word: str
    letters: str
    gaps: tuple[str, ...]
    cost: float


class _Heard(NamedTuple):
    """A Latin word: its consonants, and the gaps around them with long vowels in capitals."""

    consonants: tuple[str, ...]
    gaps: tuple[str, ...]


@cache
def _sounds() -> dict[str, str]:
    """Latin letters to what they may be heard as."""
    return {row["latin"]: row["sounds"] for row in rows("dialect_letters")}


@cache
def _letters() -> dict[str, str]:
    """Latin letters to the Arabic letters they may stand for, likeliest first."""
    return {row["latin"]: row["arabic"].replace(" ", "") for row in rows("dialect_letters")}


@cache
def _sound_of() -> dict[str, str]:
    """Arabic consonant to its sound."""
    found: dict[str, str] = {}
    for latin, sound in _sounds().items():
        if len(sound) == 1 and sound != "-":
            found.update({letter: sound for letter in _letters()[latin] if letter not in found})
    return found


@cache
def _vowels() -> dict[str, str]:
    """Arabic letters of long vowels to `a`, `w`, `y`."""
    return {_letters()[latin]: latin for latin, sound in _sounds().items() if sound == "-"}


def _ways_of(word: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every way to hear an Arabic word: its sounds, its consonants, its gaps. Qaf and final ta marbuta may be silent."""
    qaf, ha = _letters()["q"], _letters()["h"][0]
    ways: list[tuple[str, str, tuple[str, ...]]] = [("", "", ("",))]
    for place, letter in enumerate(word):
        final_ha = letter == ha and place == len(word) - 1 > 0
        long = "q" if letter == qaf else "h" if final_ha else _vowels().get(letter, "")
        long = "e" if long == "a" and not place else long
        heard = [(key, spelled, (*gaps[:-1], gaps[-1] + long)) for key, spelled, gaps in ways if long]
        if sound := _sound_of().get(letter):
            heard += [(key + sound, spelled + letter, (*gaps, "")) for key, spelled, gaps in ways]
        ways = heard
    yield from ways


def _spoken(word: str) -> Iterator[tuple[str, str, float]]:
    """How a word may be typed, which word it then is, and what that costs.

    A double letter once, ta marbuta as t, final alef as its nunation, the silent alef of the plural left out.
    """
    alef, waw, *_ = _vowels()
    ends = {_letters()["h"][0]: _letters()["t"][0], alef: _letters()["n"]}
    single = re.sub(r"(.)\1", r"\1", word)
    yield word, word, 0.0
    if single != word:
        yield single, word, _ONE_OF_TWO
    if word[-1] in ends and len(word) >= _AN_END:
        yield word[:-1] + ends[word[-1]], word, _ANOTHER_END
    if word.endswith(waw + alef):
        yield word[:-1], word[:-1], 0.0


@cache
def _index() -> dict[str, list[_Known]]:
    """Sounds to the words that have them."""
    spelled = [row[column] for row in rows("dialect") for column in ("surface", "canonical")]
    spelled += [row["word"] for row in rows("dialect_common")]
    index: dict[str, list[_Known]] = {}
    for word in dict.fromkeys(part for one in spelled for part in fold(one).split()):
        for typed, meant, cost in _spoken(word):
            for key, letters, gaps in _ways_of(typed):
                index.setdefault(key, []).append(_Known(meant, letters, gaps, cost))
    return index


@cache
def _foreign() -> frozenset[str]:
    return frozenset(fold(row["word"]) for row in rows("english"))


@lru_cache(maxsize=1024)
def _heard(word: str) -> _Heard:
    consonants: list[str] = []
    gaps = [""]
    for part in _PARTS.findall(_DOUBLED.sub(r"\1", _PARTICIPLE.sub("A", word))):
        if part[0] in "Aaeiouwy2":
            gaps[-1] = part
        else:
            consonants.append(part)
            gaps.append("")
    for pattern, long in _LONG:
        gaps = [pattern.sub(long, gap) for gap in gaps]
    return _Heard(tuple(consonants), tuple(gaps))


@cache
def _places(consonants: int, closed: bool) -> tuple[str, ...]:
    if not consonants:
        return ("only",)
    return ("first", *["middle"] * (consonants - 2), *["closing" if closed else "middle"] * (consonants > 1), "last")


def _letters_cost(letters: str, consonants: tuple[str, ...]) -> float:
    cost = 0.0
    for letter, latin in zip(letters, consonants, strict=True):
        likely = _letters()[latin].find(letter)
        cost += _SECOND_LETTER * likely if likely >= 0 else _OTHER_LETTER
    return cost


def _known(word: str) -> tuple[float, str]:
    """The nearest known word and its cost; infinite where none is near."""
    consonants, gaps = _heard(word)
    best, found = _NEAR + _NEARER_PER_CONSONANT * len(consonants), ""
    places = _places(len(consonants), len(consonants) > 2 and not gaps[0] and not gaps[-1])
    sounds = [_sounds().get(one, "") for one in consonants]
    for key in islice(product(*sounds), WAYS):
        for known in _index().get("".join(key), ()):
            cost = known.cost + _letters_cost(known.letters, consonants)
            for arabic_gap, latin_gap, place in zip(known.gaps, gaps, places, strict=True):
                if cost >= best:
                    break
                cost += cost_of_gap(arabic_gap, latin_gap, place)
            if cost < best:
                best, found = cost, known.word
    return (best, found) if found else (inf, "")


@cache
def _affixes(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((row["latin"], row["arabic"]) for row in of_kind("dialect_affixes", kind))


def _with_affixes(word: str) -> Iterator[tuple[float, str]]:
    """Readings as a known word with something written onto its front, its end or both."""
    fronts = [("", ""), *(pair for pair in _affixes("before") if word.startswith(pair[0]))]
    ends = [("", ""), *(pair for pair in _affixes("after") if word.endswith(pair[0]))]
    for front, before in fronts:
        for end, after in ends:
            rest = word[len(front) : len(word) - len(end)]
            if len(rest) >= 3 and rest != word:
                cost, known = _known(rest)
                yield cost + _AFFIX * (bool(front) + bool(end)), before + known + after


def _letter_by_letter(word: str) -> str:
    """The skeleton: consonants, long vowels, and what is written of a vowel at either end."""
    consonants, gaps = _heard(word)
    alef, waw, ya = _vowels()
    long = {"A": alef, "U": waw, "w": waw, "I": ya, "y": ya}
    first, *between, last = ["".join(long.get(char, "") for char in gap) for gap in gaps]
    if gaps[0][:1] not in ("", "w", "y", "A"):
        first = alef + first
    last = last or {"a": _letters()["h"][0], "e": _letters()["h"][0], "i": ya, "o": waw, "u": waw}.get(gaps[-1][-1:], "")
    letters = (_letters()[one][0] for one in consonants)
    return first + "".join(map("".join, zip(letters, [*between, last], strict=True)))


@lru_cache(maxsize=8192)
def _read(word: str) -> str | None:
    alone = dict(_affixes("alone")).get(word)
    if alone or _FOREIGN.search(word):
        return alone
    cost, best = _known(word)
    if cost > _CERTAIN:
        cost, best = min([(cost, best), *_with_affixes(word), *([_known(word[:-1])] if _SILENT.search(word) else [])])
    if cost < inf:
        return best
    return None if _ONLY_IF_KNOWN.search(word) or not _heard(word).consonants else _letter_by_letter(word)


def arabic(word: str) -> str | None:
    """The Arabic of a word in Latin letters, folded; None for English, French, brands, codes and what is no word at all.

    A known word is spelled as `tables/dialect.tsv` spells it, not canonical; another is a skeleton of consonants.
    """
    folded = fold(word)
    if len(folded) > LONGEST or not _SHAPE.fullmatch(folded) or folded in _foreign():
        return None
    return _read(folded)
