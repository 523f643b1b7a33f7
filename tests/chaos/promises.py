"""Checks every promise of a store on any database: what the auditor checks, over a copy, and what only a walk knows."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.store import tables
from tests.system.auditor import Problems, broken_promises, success_words
from tests.system.running import Acknowledged

COPIED = (tables.conversation, tables.turn, tables.message, tables.draft, tables.complaint, tables.outbox)


def problems_in(engine: sa.Engine, acknowledged: Iterable[Acknowledged], now: datetime) -> Problems:
    """Return every broken promise as a sentence."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        copy(engine, db)
        return [
            *broken_promises(engine, acknowledged, now),
            *replies_of_an_overtaken_claim(db),
            *drafts_filed_without_a_complaint(db),
            *orders_filed_twice(db),
            *complaints_without_their_event(db),
            *successes_without_a_number(db),
        ]


def copy(engine: sa.Engine, db: sqlite3.Connection) -> None:
    """Write the rows into tables that constrain nothing, as they would stand in a file of ours."""
    with engine.connect() as connection:
        for table in COPIED:
            names = [column.name for column in table.columns]
            db.execute(f"CREATE TABLE {table.name} ({', '.join(names)})")
            rows = [tuple(map(_written, row)) for row in connection.execute(sa.select(table))]
            db.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(names))})", rows)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value if value is None or isinstance(value, int | float | str) else json.dumps(value, default=str)


def replies_of_an_overtaken_claim(db: sqlite3.Connection) -> Problems:
    """What is kept was brought by the claim that held the turn last: the engine notes which one asked it."""
    query = """SELECT m.seq, m.custom, t.id, t.epoch FROM message m JOIN turn t ON t.id = m.turn_id"""
    return [
        f"message {row['seq']} is of claim {told} of turn {row['id']}, which claim {row['epoch']} has overtaken"
        for row in db.execute(query)
        if (told := json.loads(row["custom"]).get("epoch")) != row["epoch"]
    ]


SHELLS = "(SELECT id FROM conversation WHERE channel = 'erased')"
"""What stands for erased shoppers whose complaints are kept: their events are gone, and their order numbers."""


def drafts_filed_without_a_complaint(db: sqlite3.Connection) -> Problems:
    query = """SELECT d.id FROM draft d LEFT JOIN complaint c ON c.draft_id = d.id
               WHERE (d.state = 'filed') != (c.id IS NOT NULL)"""
    return [f"draft {row['id']} and its complaint do not agree that it is filed" for row in db.execute(query)]


def orders_filed_twice(db: sqlite3.Connection) -> Problems:
    """Each run through the form has an order number of its own."""
    query = f"""SELECT order_number, count(*) AS times FROM complaint
                WHERE order_number IS NOT NULL AND conversation_id NOT IN {SHELLS}
                GROUP BY order_number HAVING times > 1"""
    return [f"order {row['order_number']} was filed {row['times']} times" for row in db.execute(query)]


def complaints_without_their_event(db: sqlite3.Connection) -> Problems:
    """An erased shopper's complaints may be kept; what others were told of them goes."""
    filed = sorted(
        row["number"] for row in db.execute(f"SELECT number FROM complaint WHERE conversation_id NOT IN {SHELLS}")
    )
    query = "SELECT payload FROM outbox WHERE topic = 'complaint.filed'"
    told = sorted(json.loads(row["payload"])["number"] for row in db.execute(query))
    return [] if filed == told else [f"complaints {filed} have the events {told}"]


def successes_without_a_number(db: sqlite3.Connection) -> Problems:
    said = db.execute("SELECT seq, text, custom FROM message WHERE sender = 'bot'")
    return [
        f"message {row['seq']} tells of a success without its number"
        for row in said
        if any(word in row["text"] for word in success_words()) and "complaint_number" not in json.loads(row["custom"])
    ]
