"""Alembic's entry: runs the migrations on the engine that `bot.store.schema` hands over."""

from alembic import context

from bot.store import tables

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
