"""Reads sentences from a table: CSV with commas, semicolons or tabs, heads in Arabic, English or missing."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bot.language.rows import rows
from bot.language.spelling import clean, fold

_QUOTED = re.compile('"[^"]*"')
_ENTITY = re.compile("[a-z_]{1,32}")
_SEVERAL = "|"
"""Between two values of one cell."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row, from a line on (counted from 1); `values` are (entity, words) from the columns headed by entities."""

    line: int
    text: str
    label: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)


def read_sheet(content: str) -> list[SheetRow]:
    """Return the rows. Without a head for the text, the first column is the text and the second the label.

    Raise csv.Error where the table is broken. A formula is a text like any other: nothing here calculates.
    """
    found = _rows(content)
    first = next(found, None)
    if first is None:
        return []
    columns = [_column(head) for head in first[1]]
    if "text" in columns:
        return [_row(line, columns, cells) for line, cells in found]
    return [_row(line, ["text", "label"], cells) for line, cells in (first, *found)]


def _rows(content: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which it begins, cells) of each row that is not empty."""
    reader, begins = csv.reader(content.splitlines(keepends=True), delimiter=_delimiter(content), strict=True), 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _delimiter(content: str) -> str:
    """Return what the first row is divided by; an Arabic comma divides nothing."""
    first = _QUOTED.sub("", content.lstrip().partition("\n")[0])
    return max(",;\t", key=first.count)


def _column(head: str) -> str:
    name = clean(head).lower()
    return _heads().get(fold(head), name if _ENTITY.fullmatch(name) else "")


@cache
def _heads() -> dict[str, str]:
    return {fold(row["head"]): row["column"] for row in rows("columns")}


def _row(line: int, columns: list[str], cells: list[str]) -> SheetRow:
    given = [(name, clean(cell)) for name, cell in zip(columns, cells, strict=False) if name and cell.strip()]
    named = dict(given)
    values = [
        (name, words.strip())
        for name, cell in given
        if name not in ("text", "label")
        for words in cell.split(_SEVERAL)
        if words.strip()
    ]
    return SheetRow(line, named.get("text", ""), named.get("label", ""), values)
