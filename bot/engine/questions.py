"""Questions to judge a model by: Rasa's NLU format, read without Rasa."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ShakwaError

_MARK = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^)]+)\)|(?P<full>\{[^}]+\}))")


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


def _blocks(file: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
        return [block for block in content["nlu"] if "intent" in block]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadQuestions(f"{file} is not a file of NLU examples: {error}") from error


def _examples(block: dict[str, Any]) -> list[Question]:
    variety = (block.get("metadata") or {}).get("variety", "")
    lines = [line.strip()[1:].strip() for line in block["examples"].splitlines() if line.strip().startswith("-")]
    return [_question(line, block["intent"], variety) for line in lines]


def _question(line: str, label: str, variety: str) -> Question:
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[last : mark.start()]
        entity = mark["entity"] or yaml.safe_load(mark["full"])["entity"]
        spans.append(Span(entity, len(text), len(text) + len(mark["text"])))
        text += mark["text"]
        last = mark.end()
    return Question(text + line[last:], label, variety, tuple(spans))
