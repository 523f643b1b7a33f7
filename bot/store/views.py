"""What is only looked at: read straight from the tables, without the domain's objects."""

import sqlalchemy as sa

from bot.store import tables


def is_there(engine: sa.Engine) -> bool:
    """Whether the database answers."""
    with engine.execution_options(read_only=True).connect() as connection:
        return bool(connection.scalar(sa.text("SELECT 1")))


def newest_message(engine: sa.Engine) -> int:
    """Return the id of the newest message of all conversations, 0 if there is none."""
    with engine.execution_options(read_only=True).connect() as connection:
        return connection.scalar(sa.select(sa.func.max(tables.message.c.id))) or 0


def messages_since(engine: sa.Engine, message_id: int) -> list[tuple[int, str]]:
    """Return the messages after `message_id` as (id, conversation), oldest first."""
    query = sa.select(tables.message.c.id, tables.message.c.conversation_id).where(tables.message.c.id > message_id)
    with engine.execution_options(read_only=True).connect() as connection:
        return [(row.id, row.conversation_id) for row in connection.execute(query.order_by(tables.message.c.id))]
