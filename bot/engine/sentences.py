"""Reads somebody else's Rasa training data: every example with its place, nothing executed, nothing expanded.

What YAML can do beyond data is refused before anything is built: aliases, by which a few lines become gigabytes, and
deep nesting. Tags of objects are refused by PyYAML's safe loader.
"""

import re
from collections.abc import Iterator

import yaml

from bot.domain.errors import NotAllowed
from bot.domain.imports import Line, Reason
from bot.domain.label import Mark
from bot.engine.questions import LOADER, annotated

DEEPEST = 12
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
"""What YAML takes for no character at all."""
_SEVERAL = re.compile(r"\]\[\s*\{")
"""Rasa's several entities on the same words: our marks do not overlap."""


def read_sentences(file: str, content: str) -> list[Line]:
    """Return the examples of a file's intents; raise NotAllowed where it is no training data of Rasa."""
    content = _NOT_YAML.sub("", content)
    try:
        _refuse_tricks(file, content)
        root = yaml.compose(content, Loader=LOADER)
        blocks = _mapping(root).get("nlu")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise _unreadable(file, f"{place}{getattr(error, 'problem', None) or 'not YAML'}") from error
    if not isinstance(blocks, yaml.SequenceNode):
        raise _unreadable(file, "it has no list `nlu`")
    return [line for block in blocks.value for line in _of_block(file, _mapping(block))]


def _refuse_tricks(file: str, content: str) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            why = "nested too deeply" if depth > DEEPEST else "aliases are not read"
            raise _unreadable(file, f"line {event.start_mark.line + 1 if event.start_mark else 0}: {why}")


def _unreadable(file: str, why: str) -> NotAllowed:
    return NotAllowed(f"{file} is not training data of Rasa: {why}", "import_unreadable")


def _mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _of_block(file: str, block: dict[str, yaml.Node]) -> Iterator[Line]:
    label, examples = block.get("intent"), block.get("examples")
    if not isinstance(label, yaml.ScalarNode) or examples is None:
        return
    for number, text in _examples(examples):
        yield sentence(file, number, text, label.value.strip())


def _examples(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """Yield (line, example) of a block of dashes, or of a list of texts or of mappings with a `text`."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            inner = _mapping(item).get("text", item)
            if isinstance(inner, yaml.ScalarNode):
                yield inner.start_mark.line + 1, inner.value.strip()
    elif isinstance(node, yaml.ScalarNode):
        first = node.start_mark.line + (2 if node.style in ("|", ">") else 1)
        for number, line in enumerate(node.value.splitlines(), first):
            if line.strip().startswith("-"):
                yield number, line.strip()[1:].strip()


def sentence(file: str, number: int, example: str, label: str) -> Line:
    """Return an example with its annotations as marks; one whose annotations cannot be read is refused."""
    try:
        question = annotated(example, label, "")
        marks = tuple(Mark(one.start, one.end, one.entity.partition(":")[0].strip()) for one in question.spans)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return Line(file, number, example, label, reason=Reason.MARKS)
    return Line(file, number, question.text, label, marks, Reason.MARKS if _SEVERAL.search(question.text) else None)
