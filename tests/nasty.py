"""Texts that have broken programs (`tests/nasty.tsv`, by kind), and texts that want to be run (`tests/scripts.tsv`)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Nasty:
    kind: str
    text: str


@cache
def nasty() -> tuple[Nasty, ...]:
    rows = [line.split("\t") for line in _lines("nasty.tsv")]
    return tuple(Nasty(kind, json.loads(text) * int(times)) for kind, text, times in rows)


@cache
def scripts() -> tuple[str, ...]:
    """Return payloads each of which sets `top.hit` where a page takes it for more than a text."""
    return tuple(json.loads(line) for line in _lines("scripts.tsv"))


def _lines(file: str) -> list[str]:
    lines = (HERE / file).read_text("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]
