"""Opens the database and says how its transactions begin."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_MS = 3_000
"""How long a writer waits for another: long enough for a neighbour's commit, short enough for a shopper."""
LOOKS_AGAIN_AFTER = 0.0005
"""Seconds. SQLite itself sleeps longer each time it finds another writer, up to 100 ms, most of them for nothing."""
PRIMARY = 0xFF
"""The part of SQLite's result codes that says what happened, without the why."""
LOCK_TIMEOUT_MS = 8_000
"""The same on PostgreSQL, where only writers of the same rows meet, but many of them may queue: half of a turn's time."""


def open_engine(url: str) -> sa.Engine:
    """Open `url`; on SQLite every transaction that may write begins IMMEDIATE.

    A deferred transaction that turns into a writer fails at once when another writes ("database is locked",
    busy timeout or not): 1,674 of 2,000 did in a trial with four processes, none of those begun IMMEDIATE.
    """
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, pool_pre_ping=True, pool_size=10, hide_parameters=True)
        sa.event.listen(engine, "connect", partial(_prepare_postgresql, LOCK_TIMEOUT_MS))
        return engine
    connect = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=connect, hide_parameters=True)
    writers = _Writers(BUSY_TIMEOUT_MS)
    sa.event.listen(engine, "connect", partial(_prepare_sqlite, BUSY_TIMEOUT_MS))
    sa.event.listen(engine, "begin", writers.begin)
    for given_back in ("checkin", "close"):
        sa.event.listen(engine, given_back, writers.end)
    return engine


def _prepare_sqlite(busy_timeout_ms: int, connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"busy_timeout = {busy_timeout_ms}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(lock_timeout_ms: int, connection: Any, _record: Any) -> None:
    """Give up waiting for a lock some time: by itself PostgreSQL never does, and one stuck writer would hold all others."""
    connection.execute(f"SET lock_timeout = {lock_timeout_ms}")
    connection.commit()


def empty_log(engine: sa.Engine) -> None:
    """Bring SQLite's log of changes into its file and empty it, unless somebody reads from it just now."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection  # no transaction of SQLAlchemy's has begun on it
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Writers:
    """The writers of one process, one behind the other; those of other processes are waited for by looking again."""

    def __init__(self, busy_timeout_ms: int) -> None:
        self._busy_timeout_ms = busy_timeout_ms
        self._turn = threading.Lock()
        self._writing: sqlite3.Connection | None = None

    def begin(self, connection: sa.Connection) -> None:
        """Begin a transaction; SQLAlchemy's OperationalError is raised where another writer is not done in time."""
        driver: Any = connection.connection.dbapi_connection
        if connection.get_execution_options().get("read_only", False):
            driver.execute("BEGIN")
            return
        seconds = self._busy_timeout_ms / 1000
        until = time.monotonic() + seconds
        if driver is not self._writing and self._turn.acquire(timeout=seconds):
            self._writing = driver
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            _begin_to_write(connection, driver, until)
        finally:
            driver.execute(f"PRAGMA busy_timeout = {self._busy_timeout_ms}")

    def end(self, driver: sqlite3.Connection | None, _record: Any) -> None:
        """Let the next one write: a connection has been given back or closed."""
        if driver is not None and driver is self._writing:
            self._writing = None
            self._turn.release()


def _begin_to_write(connection: sa.Connection, driver: sqlite3.Connection, until: float) -> None:
    """Begin as soon as no other process writes."""
    while time.monotonic() < until:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY:
                break
            time.sleep(LOOKS_AGAIN_AFTER)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def foreign_keys_aside(connection: sa.Connection) -> Iterator[None]:
    """Leave foreign keys unchecked on SQLite while a migration rebuilds tables; they are checked again before it commits.

    SQLite changes a column by copying its table and dropping the old one, which would take the rows that refer to it along.
    The pragma has no effect inside a transaction: it goes to the driver's own connection, which has begun none.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    sa.event.listen(connection, "commit", _refuse_orphans)
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
        sa.event.remove(connection, "commit", _refuse_orphans)


def _refuse_orphans(connection: sa.Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    orphans = driver.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise sa.exc.IntegrityError("a migration left rows without their parents", None, ValueError(f"{orphans[:5]}"))
