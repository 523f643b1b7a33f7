"""What Rasa remembers of conversations, in a database of its own: read and erased from outside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.store.engine import empty_log, open_engine

events = sa.table("events", sa.column("id"), sa.column("sender_id"), sa.column("data"))
"""The table of Rasa's SQL tracker store; an event is JSON."""


class Trackers:
    def __init__(self, url: str) -> None:
        """`url` is Rasa's tracker store; where there is none yet, nothing is remembered."""
        self._url = sa.make_url(url)

    def of(self, senders: list[str]) -> list[dict[str, Any]]:
        """Return the events of senders, in the order in which they were kept."""
        query = sa.select(events.c.data).where(events.c.sender_id.in_(senders)).order_by(events.c.id)
        with self._opened() as engine:
            if engine is None:
                return []
            with engine.connect() as connection:
                return [json.loads(data) for data in connection.scalars(query)]

    def forget(self, senders: list[str]) -> None:
        """Delete the events of senders, also out of the file itself."""
        with self._opened() as engine:
            if engine is None:
                return
            with engine.begin() as connection:
                connection.execute(sa.delete(events).where(events.c.sender_id.in_(senders)))
            empty_log(engine)

    @contextmanager
    def _opened(self) -> Iterator[sa.Engine | None]:
        if self._url.get_backend_name() == "sqlite" and not Path(self._url.database or "").exists():
            yield None
            return
        engine = open_engine(self._url.render_as_string(hide_password=False))
        try:
            yield engine if sa.inspect(engine).has_table(events.name) else None
        finally:
            engine.dispose()
