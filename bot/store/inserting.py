"""Inserts that say what becomes of a row that is there already."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert with `on_conflict_…`: the two databases write it alike, and SQLAlchemy has a class for each."""
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)
