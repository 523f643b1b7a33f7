"""Reads what waits in the store: counts alone, nothing of anybody."""

from datetime import datetime

import sqlalchemy as sa

from bot.domain.vitals import Vitals
from bot.store import console_tables, tables, webhook_tables


def vitals(engine: sa.Engine, now: datetime) -> Vitals:
    """Return the figures of this moment."""
    waits, turn, outbox = console_tables.handoff.c.state == "waiting", tables.turn.c, tables.outbox.c
    delivery = webhook_tables.delivery.c
    open_turns = sa.select(sa.func.count(), sa.func.min(turn.created_at)).where(turn.state.in_(("pending", "running")))
    with engine.execution_options(read_only=True).connect() as connection:
        pending, oldest = connection.execute(open_turns).one()
        return Vitals(
            shoppers_waiting=_count(connection, waits),
            turns_pending=pending,
            oldest_turn_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
            outbox_waiting=_count(connection, outbox.done_at.is_(None)),
            webhooks_waiting=_count(connection, delivery.not_before.is_not(None)),
            webhooks_given_up=_count(connection, delivery.not_before.is_(None), delivery.delivered_at.is_(None)),
            complaints=_by_kind(connection),
        )


def _count(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).where(*conditions)) or 0


def _by_kind(connection: sa.Connection) -> dict[str, int]:
    kind = tables.complaint.c.kind
    return {name: count for name, count in connection.execute(sa.select(kind, sa.func.count()).group_by(kind))}
