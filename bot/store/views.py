"""What is only looked at: read straight from the tables, without the domain's objects."""

import sqlalchemy as sa

from bot.store import tables


def newest_message(engine: sa.Engine) -> int:
    """Return the id of the newest message of all conversations, 0 if there is none."""
    with engine.execution_options(read_only=True).connect() as connection:
        return connection.scalar(sa.select(sa.func.max(tables.message.c.id))) or 0


def conversations_since(engine: sa.Engine, message_id: int) -> tuple[int, set[str]]:
    """Return the newest message id and the conversations that got a message after `message_id`."""
    query = sa.select(tables.message.c.id, tables.message.c.conversation_id).where(tables.message.c.id > message_id)
    with engine.execution_options(read_only=True).connect() as connection:
        rows = connection.execute(query.order_by(tables.message.c.id)).all()
    return (rows[-1].id if rows else message_id), {row.conversation_id for row in rows}
