"""How transactions begin, what SQLite promises, and that moments come back as they went in."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from bot.store import tables
from bot.store.engine import BUSY_TIMEOUT_MS, open_engine
from bot.store.unit_of_work import Store
from bot.store.views import messages_since, newest_message
from tests.builders import PATIENCE_SECONDS, Talk, an_answer, at_once

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@ON_SQLITE
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", BUSY_TIMEOUT_MS)],
)
def test_sqlite_is_durable_waits_and_checks_references(database: sa.Engine, pragma: str, value: object) -> None:
    with database.connect() as one, database.connect() as other:
        for connection in (one, other):
            connection.rollback()
            assert connection.connection.driver_connection is not None
            assert connection.connection.driver_connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@ON_SQLITE
def test_a_second_writer_waits_at_its_first_word_and_readers_do_not(store: Store) -> None:
    began = threading.Event()

    def second() -> None:
        with store.engine.begin():
            began.set()

    with store.engine.begin() as first:
        writer = threading.Thread(target=second)
        writer.start()
        with store.read() as work:
            assert work.complaints.newest(1) == []
        assert not began.wait(0.2)
        first.execute(sa.select(1))
    assert began.wait(PATIENCE_SECONDS)
    writer.join(PATIENCE_SECONDS)


@ON_SQLITE
def test_a_writer_gives_up_after_the_busy_timeout(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engine.BUSY_TIMEOUT_MS", 100)
    impatient = open_engine(str(store.engine.url))
    started = time.monotonic()
    with store.engine.begin(), pytest.raises(sa.exc.OperationalError, match="database is locked"), impatient.begin():
        pass
    assert time.monotonic() - started < BUSY_TIMEOUT_MS / 1000
    impatient.dispose()


@ON_SQLITE
def test_however_a_writer_ends_the_next_one_need_not_wait(store: Store) -> None:
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError), store.engine.begin():
        raise ZeroDivisionError
    with store.engine.connect() as connection:
        connection.begin()
        connection.invalidate()
    with store.engine.connect() as connection:
        for _ in range(2):  # and one that writes again without giving its connection back
            connection.execute(sa.select(1))
            connection.commit()

    def write(number: int) -> int | None:
        with store.engine.begin() as connection:
            return connection.scalar(sa.select(sa.literal(number)))

    assert at_once(8, write) == list(range(8))
    assert time.monotonic() - began < BUSY_TIMEOUT_MS / 1000


@ON_SQLITE
def test_a_writer_that_was_refused_holds_nobody_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engine.BUSY_TIMEOUT_MS", 100)
    other = open_engine(str(store.engine.url))
    with store.engine.begin(), pytest.raises(sa.exc.OperationalError, match="database is locked"), other.begin():
        pass
    with other.begin() as connection:
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == 100
    other.dispose()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_on_postgresql_nobody_waits_for_a_lock_without_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engine.LOCK_TIMEOUT_MS", 100)
    impatient = open_engine(store.engine.url.render_as_string(hide_password=False))
    started = time.monotonic()
    with store.engine.begin() as holder:
        holder.exec_driver_sql("LOCK TABLE message IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"), impatient.connect() as waits:
            waits.execute(sa.select(tables.message))
    assert time.monotonic() - started < BUSY_TIMEOUT_MS / 1000
    impatient.dispose()


def test_what_was_not_committed_did_not_happen(store: Store) -> None:
    with store.write() as work:
        work.outbox.add("t", {}, datetime.now(UTC))
    with store.read() as work:
        assert work.outbox.waiting(1) == []


def test_an_error_undoes_what_came_before_it(store: Store) -> None:
    def broken() -> None:
        with store.write() as work:
            work.outbox.add("t", {}, datetime.now(UTC))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with store.read() as work:
        assert work.outbox.waiting(1) == []


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 9, 0, 0, 123456, UTC),
        datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=3))),
        datetime(2026, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=-11))),
    ],
    ids=str,
)
def test_a_moment_comes_back_as_the_same_moment_with_its_zone(store: Store, moment: datetime) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(tables.outbox).values(topic="t", payload={}, created_at=moment))
        read = connection.scalar(sa.select(tables.outbox.c.created_at))
        later = sa.select(tables.outbox.c.id).where(tables.outbox.c.created_at > moment - timedelta(microseconds=1))
        assert connection.scalar(later) is not None
        assert connection.scalar(sa.select(tables.outbox.c.done_at)) is None
    assert read == moment
    assert read.utcoffset() is not None


def test_a_row_that_refers_to_nothing_is_refused(store: Store) -> None:
    row = {"id": "d", "conversation_id": "nobody", "created_at": datetime.now(UTC), "state": "open", "version": 0}
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(sa.insert(tables.draft).values(row))


def test_errors_of_the_database_do_not_repeat_what_a_shopper_wrote(store: Store) -> None:
    row = {"id": "سر", "conversation_id": "نص سري", "created_at": datetime.now(UTC), "state": "open", "version": 0}
    with pytest.raises(sa.exc.IntegrityError) as refused, store.engine.begin() as connection:
        connection.execute(sa.insert(tables.draft).values(row))
    assert "parameters hidden" in str(refused.value)


def test_what_is_new_is_found_by_conversation(store: Store, talk: Talk) -> None:
    assert newest_message(store.engine) == 0
    talk.ask("طلبي تأخر")
    newest = newest_message(store.engine)
    assert messages_since(store.engine, 0)[-1] == (newest, talk.id)
    assert messages_since(store.engine, newest) == []
    talk.engine.outcomes = [an_answer("أ", "ب")]
    talk.ask("طيب")
    assert messages_since(store.engine, newest) == [(newest + number, talk.id) for number in (1, 2, 3)]
