"""Alembic's entry: runs the migrations on the engine that `bot.store.schema` hands over."""

from alembic import context

from bot.store import tables
from bot.store.engine import foreign_keys_aside
from bot.store.search import is_described

engine = context.config.attributes["engine"]

with engine.connect() as connection, foreign_keys_aside(connection):
    context.configure(
        connection=connection, target_metadata=tables.metadata, render_as_batch=True, include_name=is_described
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
