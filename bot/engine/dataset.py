"""Writes what analysts have accepted as training data: the same labels give the same bytes, and a text stays a text.

    data/nlu/accepted/<intent>.yml      one file for each intent; `faq.yml` holds a block for each topic

Rasa takes `[words](entity)`, `[words]{…}` and `[words][…]` inside an example for an annotation, whoever typed it, and has
no way to write them otherwise. So a blank is put behind such a bracket: that, and line breaks made blanks, is the normal
form in which a text is written; and a bracket that a shopper left open before a mark is written as a round one.
Rasa's own writer loses texts with brackets and control characters.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.label import Change, Example
from bot.engine.questions import LOADER

FOLDER = Path("data") / "nlu" / "accepted"
_ANNOTATES = re.compile(r"\](?=[(\[{])")
_BLANKS = re.compile(r"\s+")
_PLAIN_ENTITY = re.compile(r"[a-z_]+")


def changes(root: Path, examples: Iterable[Example]) -> list[Change]:
    """Return what writing the examples would change, file by file, in the order of their names."""
    wanted = {root / FOLDER / f"{intent}.yml": text for intent, text in written(examples).items()}
    present = {file: file.read_text("utf-8") for file in (root / FOLDER).glob("*.yml")}
    files = sorted(wanted.keys() | present.keys())
    found = [Change(file.name, present.get(file, ""), wanted.get(file)) for file in files]
    return [change for change in found if change.before != (change.after or "")]


def fingerprint(example: Example) -> str:
    """Return by what an example's line is known without its words."""
    return _fingerprint(example.label, line_of(example))


def forget(root: Path, gone: set[str]) -> None:
    """Take the lines with these fingerprints out of the files; labels and files without a line go with them."""
    found = []
    for file in sorted((root / FOLDER).glob("*.yml")):
        before = file.read_text("utf-8")
        labels = _labels_in(before)
        kept = {label: {line for line in lines if _fingerprint(label, line) not in gone} for label, lines in labels.items()}
        if kept != labels:
            left = {label: lines for label, lines in kept.items() if lines}
            found.append(Change(file.name, before, _file(left) if left else None))
    write(root, found)


def write(root: Path, found: Iterable[Change]) -> None:
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    for change in found:
        file = root / FOLDER / change.name
        if change.after is None:
            file.unlink()
        else:
            file.write_text(change.after, "utf-8")


def written(examples: Iterable[Example]) -> dict[str, str]:
    """Return the content of each intent's file; sentences that are written alike stand once."""
    lines: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for example in examples:
        lines[example.label.split("/")[0]][example.label].add(line_of(example))
    return {intent: _file(labels) for intent, labels in sorted(lines.items())}


def line_of(example: Example) -> str:
    """Return an example as it stands behind the dash: its text in the normal form, its marks as annotations."""
    pieces, last = [], 0
    for mark in sorted(example.marks):
        words = normal(example.text[mark.start : mark.end])
        assert _PLAIN_ENTITY.fullmatch(mark.entity), f"{mark.entity} is no entity's name"
        assert not set(words) & set("[](){}"), "brackets cannot be marked"
        pieces += [_before_mark(example.text[last : mark.start]), f"[{words}]({mark.entity})"]
        last = mark.end
    return normal("".join([*pieces, _glued(example.text[last:])]), keep=bool(example.marks))


def normal(text: str, *, keep: bool = False) -> str:
    """Return a text in the form in which it can be written; `keep` leaves brackets alone, which are ours by then."""
    blanked = _BLANKS.sub(" ", text).strip()
    return blanked if keep else _ANNOTATES.sub("] ", blanked)


def _before_mark(text: str) -> str:
    """A bracket left open would begin the mark that follows: it becomes a round one."""
    closed = text.rfind("]") + 1
    return _glued(text[:closed] + text[closed:].replace("[", "("))


def _glued(text: str) -> str:
    """Text between marks: its own brackets annotate nothing, also where a mark follows at once."""
    spaced = _ANNOTATES.sub("] ", _BLANKS.sub(" ", text))
    return spaced + " " if spaced.endswith("]") else spaced


def _fingerprint(label: str, line: str) -> str:
    return hashlib.sha256(f"{label}\n{line}".encode()).hexdigest()


def _labels_in(text: str) -> dict[str, set[str]]:
    """Read back what `_file` has written."""
    labels: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.startswith("- intent: "):
            labels[line.removeprefix("- intent: ")] = lines = set()
        elif line.startswith("    - "):
            lines.add(line.removeprefix("    - "))
    return labels


def _file(labels: dict[str, set[str]]) -> str:
    blocks = []
    for label, lines in sorted(labels.items()):
        examples = "\n".join(f"    - {line}" for line in sorted(lines))
        blocks.append(f"- intent: {label}\n  examples: |\n{examples}\n")
    return 'version: "3.1"\n\nnlu:\n' + "\n".join(blocks)


@cache
def known_labels(root: Path) -> frozenset[str]:
    """Return every label a sentence can be trained with, as the files said when this was asked first."""
    return labels_of(root)


def labels_of(root: Path) -> frozenset[str]:
    """Return the domain's intents, and `faq/<topic>` for each topic, as the files say now."""
    intents = _names(root, "intents") - {"nlu_fallback", "faq"}
    topics = yaml.safe_load((root / "bot" / "help" / "topics.ar.yml").read_text("utf-8"))
    return frozenset(intents | {f"faq/{topic}" for topic in topics})


@cache
def known_entities(root: Path) -> frozenset[str]:
    """Return the names of the entities that may be marked."""
    return _names(root, "entities")


def _names(root: Path, part: str) -> frozenset[str]:
    """Return the names in one part of the domain, where some come with properties of their own."""
    return frozenset(next(iter(one)) if isinstance(one, dict) else one for one in _domain(root)[part])


def _domain(root: Path) -> dict[str, Any]:
    domain: dict[str, Any] = yaml.load((root / "domain.yml").read_text("utf-8"), LOADER)
    return domain
