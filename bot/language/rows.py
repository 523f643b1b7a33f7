"""Reading the tables: tab-separated, a header row, `#` comments; each is read once, at first use."""

from functools import cache
from importlib.resources import files

Row = dict[str, str]


@cache
def rows(table: str) -> tuple[Row, ...]:
    """The rows of `tables/<table>.tsv` by column name; a missing last cell reads as the empty string."""
    lines = (files(__package__) / "tables" / f"{table}.tsv").read_text("utf-8").splitlines()
    header, *body = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return tuple(dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True)) for cells in body)


def of_kind(table: str, kind: str) -> list[Row]:
    """The rows whose `kind` column is `kind`; asking for a kind that is nowhere in the table is an error."""
    chosen = [row for row in rows(table) if row["kind"] == kind]
    if not chosen:
        raise KeyError(f"tables/{table}.tsv has no row of kind {kind!r}")
    return chosen
