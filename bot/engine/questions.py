"""Questions to judge a model by: Rasa's NLU format, read without Rasa."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ShakwaError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quick one of libyaml where that is there."""
QUESTIONS = Path("tests") / "heldout" / "questions.yml"
"""What models are judged by, in the project."""
_MARK = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<entity>[^()]+)\)|(?P<full>\{[^{}]+\}))")
"""No bracket within brackets, where Rasa allows one: a line of a megabyte of them would take an hour otherwise."""


class BadQuestions(ShakwaError):
    """A file of questions that cannot be read; the message names file and place."""


@dataclass(frozen=True, slots=True)
class Span:
    entity: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    label: str
    """The whole label: `late_delivery`, `faq/warranty`."""
    variety: str
    spans: tuple[Span, ...] = ()

    @property
    def intent(self) -> str:
        return self.label.split("/")[0]


def read_questions(*files: Path) -> list[Question]:
    """Return every example of the files, without annotations in the text; blocks that are no intents are passed over."""
    return [question for file in files for block in _blocks(file) for question in _examples(block)]


def training_data(root: Path) -> list[Question]:
    """Return every sentence the project at `root` is trained with, accepted labels among them."""
    return read_questions(*sorted((root / "data" / "nlu").rglob("*.yml")))


def _blocks(file: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.load(file.read_text("utf-8"), LOADER)
        return [block for block in content["nlu"] if "intent" in block]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadQuestions(f"{file} is not a file of NLU examples: {error}") from error


def _examples(block: dict[str, Any]) -> list[Question]:
    variety = (block.get("metadata") or {}).get("variety", "")
    lines = [line.strip()[1:].strip() for line in block["examples"].splitlines() if line.strip().startswith("-")]
    return [annotated(line, block["intent"], variety) for line in lines]


def annotated(line: str, label: str, variety: str) -> Question:
    """Return one example, its annotations taken out of the text."""
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[last : mark.start()]
        entity = mark["entity"] or yaml.safe_load(mark["full"])["entity"]
        spans.append(Span(entity, len(text), len(text) + len(mark["text"])))
        text += mark["text"]
        last = mark.end()
    return Question(text + line[last:], label, variety, tuple(spans))


@cache
def held_out(root: Path) -> list[str]:
    """Return every text models are judged by, as the files said when this was asked first."""
    return held_out_now(root)


def held_out_now(root: Path) -> list[str]:
    """Return every text models are judged by, of NLU examples and of plain lists; nothing where these are not installed."""
    texts = []
    for file in sorted((root / "tests" / "heldout").glob("*.yml")):
        content = yaml.load(file.read_text("utf-8"), LOADER)
        plain = isinstance(content, list)
        texts += [one["text"] for one in content] if plain else [one.text for one in read_questions(file)]
    return texts
