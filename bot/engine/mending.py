"""Mends sentences in the files of training data, line by line: whatever else stands there keeps its bytes.

data/nlu/*.yml           sentences in blocks of a label and a variety
data/nlu/reviewed.tsv    sentences whose label somebody has looked at and found right, with that label
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import NotAllowed
from bot.domain.health import Sentence
from bot.engine.dataset import FOLDER, normal
from bot.engine.questions import annotated, training_data
from bot.engine.trainer import write_whole

REVIEWED = Path("data") / "nlu" / "reviewed.tsv"
_INTENT = re.compile(r"- intent:\s*(\S+)\s*")
_VARIETY = re.compile(r"\s+metadata:.*\bvariety:\s*(\w+)")
_EXAMPLE = re.compile(r"\s+-\s*(.*)")


@dataclass(frozen=True, slots=True)
class Place:
    """A line with a sentence: its file, its number from 0, and the block it stands in."""

    file: Path
    number: int
    label: str
    variety: str
    line: str


def places(file: Path) -> Iterator[Place]:
    """Yield every line of a file with a sentence, in their order."""
    label = variety = ""
    for number, line in enumerate(_lines(file)):
        if begun := _INTENT.fullmatch(line.rstrip()):
            label, variety = begun[1], ""
        elif line[:1] == "-":  # a synonym or a lookup table
            label = ""
        elif found := _VARIETY.match(line):
            variety = found[1]
        elif label and _EXAMPLE.match(line):
            yield Place(file, number, label, variety, line)


def relabel(root: Path, sentence: Sentence, label: str) -> None:
    """Move a sentence to another label's block of its variety, as it is written; raise NotAllowed where it is gone."""
    place = _find(root, sentence)
    blocks = [one for file in _files(root) for one in places(file) if one.label == label]
    if Sentence(sentence.text, label) in {_sentence(one) for one in blocks}:
        _take_out(place)
        return
    target = max(blocks, key=lambda one: (one.variety == place.variety, one.file == place.file, one.number), default=None)
    if target is None:
        _begin_block(place, label)
        _take_out(place)
    elif target.file == place.file and target.number < place.number:
        _take_out(place)
        _put_behind(target, place.line)
    else:
        _put_behind(target, place.line)
        _take_out(place)


def remove(root: Path, sentence: Sentence) -> None:
    """Take a sentence out of the training data; raise NotAllowed where it is gone."""
    _take_out(_find(root, sentence))


def approve(root: Path, sentence: Sentence) -> None:
    """Note that somebody found a sentence's label right; raise NotAllowed where it is gone."""
    _find(root, sentence)
    lines = sorted({f"{normal(one.text)}\t{one.label}" for one in approved(root) | {sentence}})
    write_whole(root / REVIEWED, "\n".join(lines) + "\n")


def approved(root: Path) -> frozenset[Sentence]:
    try:
        lines = (root / REVIEWED).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return frozenset()
    return frozenset(Sentence(*line.rsplit("\t", 1)) for line in lines if "\t" in line)


def from_inbox(root: Path) -> frozenset[Sentence]:
    """Return the sentences that analysts accepted: they are written from the inbox, and mended there."""
    return frozenset(_sentence(one) for file in (root / FOLDER).glob("*.yml") for one in places(file))


def _files(root: Path) -> list[Path]:
    """Return the files that are ours to mend."""
    return sorted((root / "data" / "nlu").glob("*.yml"))


def _find(root: Path, sentence: Sentence) -> Place:
    for file in _files(root):
        for place in places(file):
            if _sentence(place) == sentence:
                return place
    known = any(Sentence(one.text, one.label) == sentence for one in training_data(root))
    code = "mended_in_inbox" if known else "sentence_gone"
    raise NotAllowed(f"{sentence.text!r} under {sentence.label} is in no file that can be mended", code)


def _sentence(place: Place) -> Sentence:
    example = _EXAMPLE.match(place.line)
    assert example
    return Sentence(annotated(example[1].strip(), place.label, "").text, place.label)


def _take_out(place: Place) -> None:
    """Take a line out, and its block too where it was the only one in it."""
    lines = _lines(place.file)
    del lines[place.number]
    begin = max(at for at in range(place.number) if _INTENT.fullmatch(lines[at].rstrip()))
    end = next((at for at in range(begin + 1, len(lines)) if lines[at][:1] == "-"), len(lines))
    if not any(_EXAMPLE.match(line) for line in lines[begin:end]):
        del lines[begin:end]
    write_whole(place.file, "".join(lines))


def _put_behind(target: Place, line: str) -> None:
    lines = _lines(target.file)
    if not lines[target.number].endswith("\n"):
        lines[target.number] += "\n"
    lines.insert(target.number + 1, line if line.endswith("\n") else line + "\n")
    write_whole(target.file, "".join(lines))


def _begin_block(place: Place, label: str) -> None:
    """Begin the first block of a label at the end of a file."""
    variety = f"  metadata: {{variety: {place.variety}}}\n" if place.variety else ""
    text = place.file.read_text("utf-8").rstrip("\n")
    write_whole(place.file, f"{text}\n\n- intent: {label}\n{variety}  examples: |\n{place.line.rstrip()}\n")


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines(keepends=True)
