"""Full-text search with what each database brings: FTS5 in SQLite, a GIN index over tsvector in PostgreSQL.

Both get the same words, in the form that `bot.language.search` gives them, so that both find the same: every word asked
for must begin a word of the text. What is indexed is looked up by the row's id.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.engine import empty_log

TABLES = ("complaint_search", "message_search")
MERGED_AT_ONCE = 500
"""Pages of an index: others who write wait some milliseconds."""
MOST_WORDS = 8
"""Words of a question that count; more would only make it slow."""


def is_described(name: str | None, kind: str, _: Any) -> bool:
    """Whether the tables' descriptions speak of it: each database's own tables for search are made here alone."""
    return kind != "table" or not str(name).startswith(TABLES)


def create(connection: sa.Connection) -> None:
    for table in TABLES:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"CREATE TABLE {table} (id bigint PRIMARY KEY, words text NOT NULL)"))
            index = f"CREATE INDEX ix_{table}_words ON {table} USING gin (to_tsvector('simple', words))"
            connection.execute(sa.text(index))
        else:
            connection.execute(sa.text(f"CREATE VIRTUAL TABLE {table} USING fts5(words, prefix='2 3 4')"))


def drop(connection: sa.Connection) -> None:
    for table in TABLES:
        connection.execute(sa.text(f"DROP TABLE {table}"))


def put(session: Session, table: str, row_id: int, words: str) -> None:
    """Index words under a row's id; what was there is replaced."""
    if session.get_bind().dialect.name == "postgresql":
        query = f"INSERT INTO {table} (id, words) VALUES (:id, :words) ON CONFLICT (id) DO UPDATE SET words = :words"
    else:
        query = f"INSERT OR REPLACE INTO {table} (rowid, words) VALUES (:id, :words)"
    session.execute(sa.text(query), {"id": row_id, "words": words})


def remove(session: Session, table: str, ids: sa.Select[Any]) -> None:
    """Take rows out of an index; SQLite's lets go of their words only when `tidy` has gone over it."""
    key: sa.ColumnClause[int] = sa.column("id" if session.get_bind().dialect.name == "postgresql" else "rowid")
    session.execute(sa.delete(sa.table(table, key)).where(key.in_(ids)))


def tidy(engine: sa.Engine) -> None:
    """Drop from SQLite's files what was deleted: words out of the indexes, step by step, then the log of changes.

    PostgreSQL does the like by itself (autovacuum).
    """
    if engine.dialect.name == "postgresql":
        return
    for table in TABLES:
        step = -MERGED_AT_ONCE  # negative: begin anew with all there is
        while _merge(engine, table, step):
            step = MERGED_AT_ONCE
    empty_log(engine)


def _merge(engine: sa.Engine, table: str, step: int) -> bool:
    """Merge about so many pages of an index; return whether there is more to merge. FTS5 says so by its changes."""
    with engine.begin() as connection:
        before = connection.scalar(sa.text("SELECT total_changes()"))
        connection.execute(sa.text(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', :step)"), {"step": step})
        return int(connection.scalar(sa.text("SELECT total_changes()")) or 0) - int(before or 0) >= 2


def found(session: Session, table: str, asked_for: str) -> sa.Select[Any] | None:
    """Return a query for the ids of the texts in which every word asked for begins a word; None where there is no word."""
    words = asked_for.split()[:MOST_WORDS]
    if not words:
        return None
    if session.get_bind().dialect.name == "postgresql":
        asked = sa.func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
        vector = sa.func.to_tsvector(sa.literal_column("'simple'"), sa.column("words"))
        return sa.select(sa.column("id")).select_from(sa.table(table)).where(vector.op("@@")(asked))
    matched = " ".join(f'"{word}"*' for word in words)
    return sa.select(sa.column("rowid")).select_from(sa.table(table)).where(sa.column(table).op("MATCH")(matched))
