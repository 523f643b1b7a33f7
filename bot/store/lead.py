"""One process of all has the lead; it goes to another when that process ends, however it ends."""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

import sqlalchemy as sa

LOCK = sa.text("SELECT pg_try_advisory_lock(hashtext(current_schema() || :name))")
"""Held as long as the connection lives."""
UNLOCK = sa.text("SELECT pg_advisory_unlock_all()")


class Lead:
    """Who has the lead is known to PostgreSQL; on SQLite, where all processes are on one machine, to a file's lock."""

    def __init__(self, engine: sa.Engine, folder: Path, name: str = "lead") -> None:
        self._engine = engine
        self._file = folder / f"{name}.lock"
        self._name = name
        self._connection: sa.Connection | None = None
        self._opened: IO[bytes] | None = None

    def is_mine(self) -> bool:
        """Return whether this process has the lead, taking it if nobody has; raise where the store cannot be reached."""
        return self._on_server() if self._engine.dialect.name == "postgresql" else self._on_file()

    def give_up(self) -> None:
        if self._connection is not None:
            with suppress(sa.exc.SQLAlchemyError):  # a connection that is gone holds nothing
                self._connection.execute(UNLOCK)
            self._connection.close()
            self._connection = None
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _on_server(self) -> bool:
        if self._connection is not None:
            with suppress(sa.exc.DBAPIError):
                self._connection.execute(sa.text("SELECT 1"))
                return True
            self.give_up()  # the connection is gone, and the lead with it
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(LOCK, {"name": self._name}):
            self._connection = connection
            return True
        connection.close()
        return False

    def _on_file(self) -> bool:
        if self._opened is not None:
            return True
        opened = self._file.open("ab")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return False
        self._opened = opened
        return True
