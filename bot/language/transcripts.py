"""Takes what shoppers said out of a transcript: `Name: text`, exported chats with a time before it, or bare sentences."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.language.digits import DIGIT
from bot.language.rows import of_kind
from bot.language.spelling import clean, fold

_STAMP = re.compile(
    rf"\[?{DIGIT}{{1,4}}[/.-]{DIGIT}{{1,2}}[/.-]{DIGIT}{{1,4}}[,\u060c]? {DIGIT}{{1,2}}:{DIGIT}{{2}}(?::{DIGIT}{{2}})?"
    r"(?: ?(?:[AaPp]\.?[Mm]\.?|[\u0635\u0645]))?(?:\]| -)? ?"
)
_NAMED = re.compile(r"(?P<name>[^:\n]{1,40}?) ?: ?(?P<text>.*)")
_MEDIA = re.compile("<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody said, from a line on (counted from 1); an empty speaker is nobody known."""

    line: int
    speaker: str
    text: str


class NobodyKnown(ValueError):
    """A transcript has speakers, and none of them is known for a shopper; `speakers` are the busiest first."""

    def __init__(self, speakers: list[str]) -> None:
        super().__init__(f"none of the speakers is known for a shopper: {', '.join(speakers)}")
        self.speakers = speakers


def said_by_shoppers(content: str, shopper: str = "") -> list[Heard]:
    """Return what shoppers said; every line where nothing marks who speaks. Raise NobodyKnown where that is unclear.

    `shopper` names who it is; otherwise words like "customer" do.
    """
    shoppers = frozenset({fold(shopper)}) if shopper else _names("shopper")
    lines = [(number, clean(line)) for number, line in enumerate(content.splitlines(), 1)]
    heard = _turns([(number, line) for number, line in lines if line], shoppers | _names("other"))
    speakers = Counter(one.speaker for one in heard if one.speaker)
    if not speakers:
        return heard
    if not any(fold(name) in shoppers for name in speakers):
        raise NobodyKnown([name for name, _ in speakers.most_common(6)])
    return [one for one in heard if fold(one.speaker) in shoppers and not _MEDIA.fullmatch(one.text)]


def _turns(lines: list[tuple[int, str]], known: frozenset[str]) -> list[Heard]:
    """Group lines into what was said at once: a line without a speaker goes on with the one before, if there is one."""
    stamped = sum(_STAMP.match(line) is not None for _, line in lines) * 2 > len(lines)
    opened = [(number, _opening(line, known, stamped=stamped), line) for number, line in lines]
    if not any(opening for _, opening, _ in opened):
        return [Heard(number, "", line) for number, _, line in opened]
    return _joined(opened)


def _joined(opened: Iterable[tuple[int, tuple[str, str] | None, str]]) -> list[Heard]:
    turns: list[Heard] = []
    for number, opening, line in opened:
        if opening:
            turns.append(Heard(number, *opening))
        elif turns:
            last = turns[-1]
            turns[-1] = Heard(last.line, last.speaker, f"{last.text} {line}".strip())
    return turns


def _opening(line: str, known: frozenset[str], *, stamped: bool) -> tuple[str, str] | None:
    """Return (speaker, text) where a line begins what somebody says; a notice of the chat itself has no speaker."""
    stamp = _STAMP.match(line)
    named = _NAMED.fullmatch(line, stamp.end() if stamp else 0)
    if stamped:
        return ((named["name"], named["text"]) if named else ("", "")) if stamp else None
    return (named["name"], named["text"]) if named and fold(named["name"]) in known else None


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(fold(row["name"]) for row in of_kind("speakers", kind))
