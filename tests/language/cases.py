"""The tables of tests/language/data: tab-separated, a header row, `#` comments."""

from pathlib import Path

DATA = Path(__file__).parent / "data"


def cases(table: str) -> list[tuple[str, ...]]:
    """The rows of a table without its header, every cell with `\\n`, `\\r`, `\\t` and `\\uXXXX` escapes undone."""
    lines = (DATA / f"{table}.tsv").read_text("utf-8").split("\n")
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    width = len(body[0].split("\t"))
    rows = [tuple(map(_unescaped, line.split("\t"))) for line in body[1:]]
    assert all(len(row) == width for row in rows), [row for row in rows if len(row) != width]
    assert len(set(rows)) == len(rows), "the same case twice"
    return rows


def _unescaped(cell: str) -> str:
    head, *rest = cell.split("\\u")
    plain = head + "".join(chr(int(part[:4], 16)) + part[4:] for part in rest)
    return plain.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
