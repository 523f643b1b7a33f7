"""Writes what analysts have accepted as training data: the same labels give the same bytes, and a text stays a text.

    data/nlu/accepted/<intent>.yml      one file for each intent; `faq.yml` holds a block for each topic

Rasa takes `[words](entity)`, `[words]{…}` and `[words][…]` inside an example for an annotation, whoever typed it, and has
no way to write them otherwise. So a blank is put behind such a bracket: that, and line breaks made blanks, is the normal
form in which a text is written. Rasa's own writer loses texts with brackets and control characters.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from bot.domain.label import Change, Example

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
        pieces += [_glued(example.text[last : mark.start]), f"[{words}]({mark.entity})"]
        last = mark.end
    return normal("".join([*pieces, _glued(example.text[last:])]), keep=bool(example.marks))


def normal(text: str, *, keep: bool = False) -> str:
    """Return a text in the form in which it can be written; `keep` leaves brackets alone, which are ours by then."""
    blanked = _BLANKS.sub(" ", text).strip()
    return blanked if keep else _ANNOTATES.sub("] ", blanked)


def _glued(text: str) -> str:
    """Text between marks: its own brackets annotate nothing, also where a mark follows at once."""
    spaced = _ANNOTATES.sub("] ", _BLANKS.sub(" ", text))
    return spaced + " " if spaced.endswith("]") else spaced


def _file(labels: dict[str, set[str]]) -> str:
    blocks = []
    for label, lines in sorted(labels.items()):
        examples = "\n".join(f"    - {line}" for line in sorted(lines))
        blocks.append(f"- intent: {label}\n  examples: |\n{examples}\n")
    return 'version: "3.1"\n\nnlu:\n' + "\n".join(blocks)


@cache
def known_labels(root: Path) -> frozenset[str]:
    """Return every label a sentence can be trained with: the domain's intents, and `faq/<topic>` for each topic."""
    domain = yaml.load((root / "domain.yml").read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    intents = {next(iter(one)) if isinstance(one, dict) else one for one in domain["intents"]} - {"nlu_fallback", "faq"}
    topics = yaml.safe_load((root / "bot" / "help" / "topics.ar.yml").read_text("utf-8"))
    return frozenset(intents | {f"faq/{topic}" for topic in topics})
