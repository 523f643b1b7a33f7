"""The project as data: its modules with what they import, its domain, stories and training sentences."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

NOT_OURS = ("bot/store/migrations/versions", "bot/engine/stock/")
"""Written by Alembic; the project of stock Rasa that ours is measured beside."""


@dataclass(frozen=True)
class Module:
    name: str
    file: str
    tree: ast.Module
    lines: int

    def imports(self) -> list[str]:
        """Every module imported anywhere in this one, whole names."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [f"{node.module}.{alias.name}" for alias in node.names]
        return found

    def package(self) -> str:
        """`bot.nlu` of `bot.nlu.linear`; `bot.cli` of itself; `actions` of all of its modules."""
        return self.name.split(".")[0] if self.name.startswith("actions") else ".".join(self.name.split(".")[:2])


@cache
def modules() -> tuple[Module, ...]:
    files = sorted(file for top in ("bot", "actions") for file in (ROOT / top).rglob("*.py"))
    return tuple(_module(file) for file in files if not _path(file).startswith(NOT_OURS))


def _path(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _module(file: Path) -> Module:
    text = file.read_text("utf-8")
    name = _path(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(name, _path(file), ast.parse(text), len(text.splitlines()))


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


@cache
def domain() -> dict[str, Any]:
    return read("domain.yml")


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """Every rule and story: `{"name", "condition", "steps"}`, alternatives of `or` side by side in `steps`."""
    found = []
    for file in sorted((ROOT / "data" / "stories").glob("*.yml")):
        content = yaml.safe_load(file.read_text("utf-8"))
        for entry in content.get("rules", []) + content.get("stories", []):
            steps = [one for step in entry["steps"] for one in step.get("or", [step])]
            found.append({"name": entry.get("rule"), "condition": entry.get("condition", []), "steps": steps})
    return tuple(found)


def steps(key: str) -> set[str]:
    """What the rules name under `key`: `intent` or `action`."""
    return {step[key] for rule in rules() for step in rule["steps"] if key in step}


@dataclass(frozen=True)
class Sentence:
    """A training sentence without its marks; `marks` are (start, end, entity)."""

    intent: str
    text: str
    marks: tuple[tuple[int, int, str], ...]
    where: str


MARK = re.compile(r"\[(?P<words>[^\]]+)\](?:\((?P<entity>[^)]+)\)|\{(?P<json>[^}]+)\})")


@cache
def sentences() -> tuple[Sentence, ...]:
    found = []
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            lines = block["examples"].splitlines() if "intent" in block else []
            found += [_sentence(block["intent"], line.strip()[2:], file.name) for line in lines if line.strip()]
    return tuple(found)


def _sentence(intent: str, marked: str, where: str) -> Sentence:
    text, marks, place = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[place : match.start()]
        entity = match["entity"] or yaml.safe_load("{" + match["json"] + "}")["entity"]
        marks.append((len(text), len(text) + len(match["words"]), entity))
        text, place = text + match["words"], match.end()
    return Sentence(intent, text + marked[place:], tuple(marks), where)
