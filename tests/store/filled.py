"""A store that services have filled with something in every table, and what all of it holds."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.shop import Shop
from bot.services.chat import Chat
from bot.services.complaints import Complaints
from bot.services.console import console_over
from bot.services.demo import Calendar, Demo
from bot.services.drafts import Drafts
from bot.services.requests import Requests
from bot.services.turns import Turns
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.store import tables
from bot.store.mapping import Named
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Nobody
from tests.conftest import Clock
from tests.services.staff import users_of

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
"""Table → primary key → column → value."""


def fill(store: Store, clock: Clock, shop: Shop, words: Words) -> None:
    """Have the demonstration's two weeks in the store, and a webhook with its deliveries."""
    calendar = Calendar(clock.now)
    console = console_over(store, calendar, shop, words, lambda _: "", frozenset, users_of(store, calendar))
    chat = Chat(store, calendar, "a secret of the tests")
    Demo(
        calendar, store, chat, Drafts(store, calendar), Complaints(store, calendar, shop), Requests(store, calendar),
        console, Turns(store, calendar, FakeEngine(), Nobody(), words),
    ).fill(lambda: None)  # fmt: skip
    console.canned.stock()
    hook = Webhooks(store, clock, lambda _: Outcome(200), lambda _: None).add(
        "https://erp.shop.example", ["complaint.filed"]
    )
    assert hook.id
    with store.write() as work:
        for event_id, topic, payload in work.outbox.waiting(10):
            work.webhooks.fan_out(event_id, topic, payload, clock())
        work.commit()
    _fill_the_rest(store.engine)


def rows_of(engine: sa.Engine) -> Rows:
    """Return everything the database holds, but Alembic's own table and the insides of an index."""
    metadata = sa.MetaData()
    metadata.reflect(engine, only=lambda name, _: not name.startswith(("alembic", "message_search", "complaint_search")))
    with engine.connect() as connection:
        return {name: _rows(connection, table) for name, table in metadata.tables.items()}


def _rows(connection: sa.Connection, table: sa.Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    found = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    return {tuple(row[key.name] for key in table.primary_key): row for row in found}


def _fill_the_rest(engine: sa.Engine) -> None:
    """Put a row into each table that is still empty: tables of tomorrow, too."""
    with engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            if connection.execute(sa.select(table).limit(1)).first() is None:
                row = {column.name: _value(connection, column) for column in table.columns if _needed(column)}
                connection.execute(table.insert().values(row))


def _needed(column: "sa.Column[Any]") -> bool:
    return not (column.primary_key and isinstance(column.type, sa.BigInteger | sa.Integer) and not column.foreign_keys)


def _value(connection: sa.Connection, column: "sa.Column[Any]") -> Any:
    for key in column.foreign_keys:
        return connection.scalar(sa.select(key.column).limit(1))
    if isinstance(column.type, Named):
        return next(iter(column.type.names))
    kinds: list[tuple[type, Any]] = [
        (tables.Utc, datetime(2026, 11, 22, 9, 0, tzinfo=UTC)), (sa.JSON, {"some": "شيء"}), (sa.Boolean, True),
        (sa.Date, date(2026, 11, 22)), (sa.Float, 0.5), (sa.Integer, 3), (sa.String, "x"), (sa.LargeBinary, b"x"),
    ]  # fmt: skip
    return next(value for kind, value in kinds if isinstance(column.type, kind))
