"""Laws of the package: where Arabic may stand, what the tables must hold, who imports what."""

import ast
import re
from pathlib import Path

import pytest

import bot.language
from bot.language.phrases import folded
from bot.language.rows import of_kind, rows

PACKAGE = Path(bot.language.__file__).parent
MODULES = sorted(PACKAGE.glob("*.py"))
TABLES = sorted(path.stem for path in (PACKAGE / "tables").glob("*.tsv"))
PHRASES = [table for table in TABLES if {"kind", "phrase"} <= set(rows(table)[0])]
OWNED = {"camel_tools": set(), "phonenumbers": {"contacts.py"}, "hijridate": {"calendars.py", "dates.py"}}
ARABIC_LETTER = re.compile("[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_holds_no_arabic_and_is_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not ARABIC_LETTER.search(source)
    assert source.count("\n") <= 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_imports_nothing_of_ours_from_outside_and_no_library_it_does_not_own(path: Path) -> None:
    for name in imported(path):
        top = name.split(".")[0]
        assert top != "bot" or name.startswith("bot.language")
        assert path.name in OWNED.get(top, {path.name})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, node.name


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_rectangular_and_says_nothing_twice(table: str) -> None:
    lines = (PACKAGE / "tables" / f"{table}.tsv").read_text("utf-8").split("\n")
    body = [line for line in lines if line and not line.startswith("#")]
    columns = body[0].count("\t")
    assert all(line.count("\t") <= columns for line in body)
    assert len(set(body)) == len(body)
    assert all(line == line.strip(" ") for line in body)


@pytest.mark.parametrize("table", PHRASES)
def test_phrases_that_fold_alike_mean_the_same(table: str) -> None:
    """Folding joins letters, and so may join words: the Emirates' dirham and the Jordanian dinar have one abbreviation."""
    meanings: dict[tuple[str, str], str] = {}
    for row in rows(table):
        phrase, value = folded(row["phrase"]), row.get("value", "")
        assert phrase, row
        assert meanings.setdefault((row["kind"], phrase), value) == value, row


def test_a_phrase_of_wishing_has_one_remedy() -> None:
    remedies: dict[str, str] = {}
    for kind in ("ask", "thing", "answer"):
        for row in of_kind("remedies", kind):
            assert remedies.setdefault(folded(row["phrase"]), row["value"]) == row["value"], row


def test_a_month_is_of_one_calendar() -> None:
    gregorian, hijri = ({folded(row["phrase"]) for row in of_kind("months", name)} for name in ("gregorian", "hijri"))
    assert not gregorian & hijri
    assert {int(row["value"]) for row in of_kind("months", "gregorian")} == set(range(1, 13))
    assert {int(row["value"]) for row in of_kind("months", "hijri")} == set(range(1, 13))


def test_asking_for_a_kind_that_a_table_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="no row of kind 'nonsense'"):
        of_kind("months", "nonsense")
