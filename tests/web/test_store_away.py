"""A store that is full, locked or read-only acknowledges nothing and says so; afterwards it goes on by itself."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

import bot.store.engine
from bot.domain.shop import Shop
from bot.language.search import search_form
from bot.services.words import Words
from bot.store.engine import open_engine
from bot.store.schema import migrate
from bot.store.unit_of_work import Store
from tests.builders import wait_for
from tests.conftest import Clock, empty, missing
from tests.postgres_server import OwnPostgres
from tests.web.site import Shopper, Site

FULL = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"""
LONG = "وصلت الغسالة مكسورة " * 90


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store of the test's own, in which nobody waits longer for a lock than a busy machine makes them."""
    migrated = request.getfixturevalue(f"migrated_{backend}")
    empty(migrated)
    for limit in ("BUSY_TIMEOUT_MS", "LOCK_TIMEOUT_MS"):
        monkeypatch.setattr(bot.store.engine, limit, 4_000)
    engine = open_engine(migrated.url.render_as_string(hide_password=False))
    yield Store(engine, search_form)
    engine.dispose()


@contextmanager
def full(engine: sa.Engine) -> Iterator[None]:
    """Let the database grow no more; PostgreSQL's disk is not ours to fill, so it says what it would say then."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(FULL)
            connection.exec_driver_sql("CREATE TRIGGER full_disk BEFORE INSERT ON message EXECUTE FUNCTION full_disk()")
        yield
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION full_disk CASCADE")
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection  # no transaction has begun on it
        driver.execute("VACUUM")  # what other tests have left empty would be filled first
    most = [1]  # it is never less than the file has
    sa.event.listen(engine, "checkout", lambda driver, *_: driver.execute(f"PRAGMA max_page_count = {most[0]}"))
    yield
    most[0] = 1_000_000


@contextmanager
def read_only(engine: sa.Engine) -> Iterator[None]:
    """The database takes nothing, as a replica that has not been promoted yet."""
    state = ["on"]

    def set_it(driver: Any, *_: object) -> None:
        on_server = engine.dialect.name == "postgresql"
        driver.execute(f"SET default_transaction_read_only = {state[0]}" if on_server else f"PRAGMA query_only = {state[0]}")
        driver.commit()

    sa.event.listen(engine, "checkout", set_it)
    yield
    state[0] = "off"


@contextmanager
def locked(engine: sa.Engine) -> Iterator[None]:
    """Somebody else writes, and does not finish."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE conversation, message, turn IN ACCESS EXCLUSIVE MODE")
        else:
            connection.exec_driver_sql("SELECT 1")  # it begins IMMEDIATE
        yield
        connection.rollback()


def refused(response: httpx.Response) -> bool:
    """Whether a message was refused as it should be, and not acknowledged."""
    if response.status_code == 202:
        return False
    assert response.status_code == 503, response.text
    error = response.json()["error"]
    assert error["code"] == "try_again"
    assert "حاول مرة أخرى" in error["message"]
    assert int(response.headers["retry-after"]) > 0
    return True


@pytest.mark.parametrize(
    ("breaks", "causes"),
    [
        (full, ("SQLITE_FULL", "DiskFull")),
        (locked, ("SQLITE_BUSY", "LockNotAvailable")),
        (read_only, ("SQLITE_READONLY", "ReadOnlySqlTransaction")),
    ],
)
def test_what_is_not_kept_is_not_acknowledged_and_the_same_message_is_taken_later(
    shopper: Shopper, store: Store, breaks: Any, causes: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    acknowledged = [shopper.say("السلام عليكم")["seq"]]
    client_id = uuid.uuid4().hex
    with breaks(store.engine):
        for _ in range(50):  # pages that are there already are filled first
            response = shopper.post(client_id=client_id, text=LONG)
            if refused(response):
                break
            acknowledged.append(response.json()["message"]["seq"])
            client_id = uuid.uuid4().hex
        else:
            pytest.fail("it was never full")
    assert logged(capsys, causes)
    kept = [message["seq"] for message in shopper.history() if message["from"] == "shopper"]
    assert kept == acknowledged
    assert not refused(shopper.post(client_id=client_id, text=LONG))
    assert [message["text"] for message in shopper.history() if message["from"] == "shopper"][len(kept) :] == [LONG.strip()]


def logged(capsys: pytest.CaptureFixture[str], causes: tuple[str, str]) -> list[str]:
    return [
        line
        for line in capsys.readouterr().out.splitlines()
        if "web.store.away" in line and line.endswith(tuple(f"cause='{cause}'" for cause in causes))
    ]


def test_a_session_that_cannot_be_kept_is_not_opened(http: httpx.Client, store: Store) -> None:
    with locked(store.engine):
        assert refused(http.post("/api/session", json={}))
    assert http.post("/api/session", json={}).status_code == 201


@pytest.fixture
def own_postgres() -> Iterator[OwnPostgres]:
    if not OwnPostgres.is_installed():
        missing("PostgreSQL's server")
    with OwnPostgres() as server:
        yield server


def test_a_postgresql_that_crashes_and_comes_back_has_everything_it_acknowledged_and_the_gateway_stays(
    own_postgres: OwnPostgres, clock: Clock, words: Words, shop: Shop, tmp_path: Path
) -> None:
    engine = open_engine(own_postgres.url)
    migrate(engine)
    with Site(Store(engine, search_form), clock, words, shop, tmp_path).open() as http:
        shopper, texts = Shopper(http), []
        for number in range(3):
            texts += [f"طلبي تأخر {number}", f"وينه {number}"]
            shopper.say(texts[-2])
            own_postgres.crash()
            client_id = uuid.uuid4().hex
            assert refused(shopper.post(client_id=client_id, text=texts[-1]))
            own_postgres.start()
            assert shopper.post(client_id=client_id, text=texts[-1]).status_code == 202
        clock.turn(minutes=5)  # past every lease and pause of turns that the crashes have broken off
        wait_for(lambda: [one["from"] for one in shopper.history()].count("bot") == len(texts))
        assert [one["text"] for one in shopper.history() if one["from"] == "shopper"] == texts
    engine.dispose()
