"""Copies a database while it is written to, and puts a copy in its place, with what SQLite and PostgreSQL bring for it."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.domain.errors import BackupUnusable
from bot.store.schema import config_for

FILLED = ("conversation", "staff")
"""A database with a row in one of these is somebody's."""

FUNCTIONS = """SELECT CAST(CAST(p.oid AS regprocedure) AS text) FROM pg_proc p
    WHERE p.pronamespace = CAST(current_schema() AS regnamespace)
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""


def dump(engine: sa.Engine, copy: Path) -> None:
    """Write a consistent copy of the database; whoever writes meanwhile is not held up."""
    if engine.dialect.name == "sqlite":
        copy_sqlite(Path(str(engine.url.database)), copy)
    else:
        url = engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        _run(engine, ["pg_dump", "--format=custom", f"--schema={_schema(engine)}", f"--file={copy}", f"--dbname={url}"])


def load(engine: sa.Engine, copy: Path) -> None:
    """Put a copy in the place of what the database holds."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        copy_sqlite(copy, Path(str(engine.url.database)))
        return
    _clear(engine)
    url = engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    own = [f"--schema={_schema(engine)}", "--no-owner", "--no-privileges", f"--dbname={url}"]
    _run(engine, ["pg_restore", "--single-transaction", "--exit-on-error", *own, str(copy)])


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database file as it is at one moment, also while others write; raise BackupUnusable where it is damaged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            [(state,)] = new.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupUnusable(f"{source} cannot be copied: {error}") from error
    if state != "ok":
        raise BackupUnusable(f"{source} is damaged: {state}")


def is_empty(engine: sa.Engine) -> bool:
    """Whether nobody has used the database yet, or it has no tables."""
    with engine.execution_options(read_only=True).connect() as connection:
        present = set(sa.inspect(connection).get_table_names())
        return not any(connection.scalar(sa.text(f"SELECT 1 FROM {table} LIMIT 1")) for table in FILLED if table in present)


def revision(engine: sa.Engine) -> str:
    """Return the revision of its schema; empty where it has none."""
    with engine.execution_options(read_only=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def knows(engine: sa.Engine, wanted: str) -> bool:
    """Whether this version can read, or migrate, a schema of that revision."""
    script = ScriptDirectory.from_config(config_for(engine))
    return wanted in {one.revision for one in script.walk_revisions()}


def _schema(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(sa.text("SELECT current_schema()")))


def _clear(engine: sa.Engine) -> None:
    """Drop all tables and functions but those of extensions; the schema itself may belong to another."""
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        for table in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
        for function in connection.scalars(sa.text(FUNCTIONS)).all():
            connection.exec_driver_sql(f"DROP FUNCTION {function} CASCADE")


def _run(engine: sa.Engine, command: list[str]) -> None:
    """Run a tool of PostgreSQL; the password goes through its environment, where no list of processes shows it."""
    if shutil.which(command[0]) is None:
        raise BackupUnusable(f"{command[0]} is not installed: it comes with PostgreSQL's client, e.g. postgresql-client")
    password = {"PGPASSWORD": engine.url.password} if engine.url.password else {}
    ran = subprocess.run(command, env=os.environ | password, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise BackupUnusable(f"{command[0]} ended with {ran.returncode}: {' '.join(ran.stderr.split())[:500]}")
