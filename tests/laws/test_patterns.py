"""Every pattern of ours, attacked with floods made from its own letters: time grows with the text, and not faster.

The patterns of requests are none of these: pydantic's engine takes linear time by how it is built.
"""

import ast
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from re import _constants as sre
from re import _parser
from typing import Any

import pytest

from bot.settings import ROOT
from tests.laws.project import modules
from tests.pace import seconds_here

SIZE = 20_000
LIMIT = 0.05
"""Seconds for SIZE letters: 0.25 for 100,000."""
MOST_GROWTH = 2.5
TRIES = 6
STEPS = (16, 20, 25, 31, 39, 49, 61, 120, 400, 1_500, 5_000, SIZE)
"""Letters: a pattern that doubles its time with every letter is found long before it would not come back."""
LETTERS = {sre.CATEGORY_DIGIT: "0", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "ا", sre.CATEGORY_NOT_DIGIT: "ا",
           sre.CATEGORY_NOT_SPACE: "ا", sre.CATEGORY_NOT_WORD: "-"}  # fmt: skip
BY_ITS_PLACE = {"match", "fullmatch"}

Found = tuple[str, int, str, int]


@cache
def compiled() -> list[Found]:
    """Return (file, line, pattern, flags) of all patterns, as our modules compile them."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "laws" / "patterns.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    return [tuple(json.loads(line)) for line in printed.splitlines()]  # type: ignore[misc]


def written() -> dict[tuple[str, int], str]:
    """Return the name of what holds each `re.compile` of ours, by file and line: a constant, a function, or nothing."""
    places = {}
    for module in modules():
        for holder in ast.walk(module.tree):
            if isinstance(holder, ast.FunctionDef):
                name = holder.name
            elif isinstance(holder, ast.Assign | ast.AnnAssign):
                target = holder.targets[0] if isinstance(holder, ast.Assign) else holder.target
                name = target.id if isinstance(target, ast.Name) else ""
            else:
                continue
            for call in ast.walk(holder):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "re.compile":
                    places[module.file, call.lineno] = name
    return places


@cache
def uses() -> dict[str, set[str]]:
    """Return what is done with each name, anywhere: `NAME.search(…)` and `_name().search(…)`."""
    done: dict[str, set[str]] = {}
    for node in (node for module in modules() for node in ast.walk(module.tree)):
        if isinstance(node, ast.Attribute):
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(owner, ast.Name):
                done.setdefault(owner.id, set()).add(node.attr)
    return done


def letters(parsed: Any) -> Iterator[str]:
    """Yield letters that the parts of a pattern take: literals, both ends of ranges, one of each category."""
    for operator, argument in parsed:
        if operator in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(argument)
        elif operator is sre.RANGE:
            yield from map(chr, argument)
        elif operator is sre.CATEGORY:
            yield LETTERS[argument]
        elif operator is sre.ANY:
            yield "ا"
        else:
            for part in parts(argument):
                yield from letters(part)


def parts(argument: Any) -> Iterator[Any]:
    """Yield the patterns inside an operator's argument, whatever its form."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        if argument and all(isinstance(one, tuple) and len(one) == 2 for one in argument):
            yield argument
        else:
            for one in argument:
                yield from parts(one)


def example(parsed: Any, more: int) -> str:
    """Return a text that a pattern takes, or nearly: each repetition `more` times over its least."""
    text = ""
    for operator, argument in parsed:
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = argument
            text += example(inner, more) * min(least + more, most)
        elif operator is sre.SUBPATTERN:
            text += example(argument[-1], more)
        elif operator is sre.BRANCH:
            text += example(argument[1][-1 if more else 0], more)
        elif operator is sre.ATOMIC_GROUP:
            text += example(argument, more)
        elif operator in (sre.LITERAL, sre.IN, sre.ANY, sre.NOT_LITERAL):
            text += next(letters([(operator, argument)]), "")
    return text


def floods(pattern: str, flags: int) -> list[tuple[str, str]]:
    """Return (begin, piece): texts that begin so and go on with the piece over and over."""
    parsed = _parser.parse(pattern, flags)
    own = list(dict.fromkeys(letters(parsed)))
    own = own[:: max(1, len(own) // 10)][:12]
    taken = [text for text in (example(parsed, more) for more in (0, 1, 3)) if text]
    pieces = list(dict.fromkeys([*own, *taken, *(text[:-1] for text in taken), " ", "ا ", "0", "0-"]))
    begins = ["", *(text[: len(text) // 2] for text in taken[:1])]
    return [(begin, piece) for piece in pieces if piece for begin in begins]


def attack(pattern: str, flags: int, by_its_place: bool) -> Callable[[str], object]:
    made = re.compile(pattern, flags)
    return made.fullmatch if by_its_place else lambda text: sum(1 for _ in made.finditer(text))


def seconds(work: Callable[[str], object], text: str) -> float:
    started = time.thread_time()
    work(text)
    return time.thread_time() - started


def flood(begin: str, piece: str, size: int) -> str:
    return begin + piece * (size // len(piece) + 1) + "\x01"


def holds(work: Callable[[str], object], begin: str, piece: str, limit: float) -> bool:
    """Whether a flood is read in time, and twice the flood in about twice the time."""
    took = 0.0
    for size in STEPS:
        took = quickest(work, flood(begin, piece, size), limit)
        if took > limit:
            return False
    return took < limit / 5 or any(
        seconds(work, flood(begin, piece, SIZE)) < MOST_GROWTH * seconds(work, flood(begin, piece, SIZE // 2))
        for _ in range(TRIES)
    )


def quickest(work: Callable[[str], object], text: str, limit: float) -> float:
    """Return the seconds that a text takes, the best of some tries where it takes too many."""
    took = seconds(work, text)
    return took if took <= limit else min(took, *(seconds(work, text) for _ in range(2)))


@pytest.mark.parametrize(
    ("pattern", "by_its_place"),
    [("(a+)+b", True), ("(a|a)*b", False), (r"\s+$", False), ("a.*b", False), (r"(\w+,?)+;", True)],
)
def test_a_pattern_that_does_not_hold_is_found(pattern: str, by_its_place: bool) -> None:
    limit = seconds_here(LIMIT)
    assert not all(holds(attack(pattern, 0, by_its_place), *one, limit) for one in floods(pattern, 0))


@pytest.mark.parametrize("place", written(), ids=lambda place: f"{place[0]}:{place[1]}")
def test_a_pattern_takes_a_flood_of_its_own_letters_in_a_moment(place: tuple[str, int]) -> None:
    own = [(pattern, flags) for file, line, pattern, flags in compiled() if (file, line) == place]
    assert own, f"{place[0]}:{place[1]} compiles a pattern that no text of tests/laws/patterns.py needs"
    done = uses().get(written()[place], set())
    limit = seconds_here(LIMIT)
    for pattern, flags in own:
        work = attack(pattern, flags, bool(done) and done <= BY_ITS_PLACE)
        for begin, piece in floods(pattern, flags):
            assert holds(work, begin, piece, limit), (pattern[:200], begin, piece)
