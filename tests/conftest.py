"""What many tests share: a store on every database at hand, a clock that can be turned, a conversation."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bootstrap import load_shop, load_words
from bot.domain.complaint import Complaint
from bot.domain.shop import Shop
from bot.language.search import search_form
from bot.logs import set_up_logs
from bot.services.chat import Chat
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.life import ComplaintLife
from bot.services.requests import Requests
from bot.services.words import Words
from bot.settings import ROOT
from bot.store import engine as engine_limits
from bot.store import search, tables
from bot.store.engine import open_engine
from bot.store.schema import migrate
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk
from tests.redis_server import OwnRedis, answers

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
ALL = os.environ.get("SHAKWA_TEST_ALL") == "1"

# Twenty who write at once wait long for each other on a busy machine: that is no failure. Tests of the limits set their own.
engine_limits.BUSY_TIMEOUT_MS = engine_limits.LOCK_TIMEOUT_MS = 60_000


def missing(what: str) -> None:
    """Skip the test, naming what it lacks; where everything must run, fail instead."""
    if ALL:
        pytest.fail(f"{what} is missing, and here nothing may be skipped")
    pytest.skip(f"{what} is missing")


def missing_tool(what: str) -> None:
    """Skip the test, naming the tool of deployment that it would try: no machine needs all of them."""
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Log as the processes do: structlog's own default draws a traceback for seconds."""
    set_up_logs("info")


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def on_postgres() -> Iterator[sa.Engine]:
    """Yield an engine on an empty schema of its own, dropped afterwards."""
    schema = f"t_{uuid.uuid4().hex[:12]}"
    try:
        admin = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    except sa.exc.OperationalError:
        missing("PostgreSQL")
    # Only a crash of PostgreSQL itself could lose what it has not synced yet, and no test brings that about.
    engine = open_engine(f"{POSTGRES}?options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff")
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on: each runs on all of them."""
    return request.param


@pytest.fixture
def database(backend: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database, without a table; `store` is another one."""
    if backend == "postgresql":
        yield from on_postgres()
    else:
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A migrated file for tests to empty: an engine of its own for each would compile every statement again."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('migrated') / 'shakwa.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[sa.Engine]:
    """A migrated schema for tests to empty."""
    for engine in on_postgres():
        migrate(engine)
        yield engine


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest) -> Store:
    """A migrated store without a row."""
    engine = request.getfixturevalue(f"migrated_{backend}")
    empty(engine)
    return Store(engine, search_form)


def empty(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
        for index in search.TABLES:  # which the tables' descriptions leave out
            connection.exec_driver_sql(f"DELETE FROM {index}")


@pytest.fixture(scope="session")
def shop() -> Shop:
    return load_shop(ROOT / "shop.yml")


@pytest.fixture(scope="session")
def words() -> Words:
    return load_words()


@pytest.fixture
def chat(store: Store, clock: Clock) -> Chat:
    return Chat(store, clock, "a secret of the tests")


@pytest.fixture
def drafts(store: Store, clock: Clock) -> Drafts:
    return Drafts(store, clock)


@pytest.fixture
def complaints(store: Store, clock: Clock, shop: Shop) -> Complaints:
    return Complaints(store, clock, shop)


@pytest.fixture
def life(store: Store, clock: Clock, shop: Shop, words: Words) -> ComplaintLife:
    return ComplaintLife(store, clock, shop, words)


@pytest.fixture
def requests(store: Store, clock: Clock) -> Requests:
    return Requests(store, clock)


@pytest.fixture
def a_shopper(chat: Chat) -> Callable[[], str]:
    """Returns conversations, each of a new shopper."""
    return lambda: chat.open("widget").conversation_id


@pytest.fixture
def a_complaint(chat: Chat, drafts: Drafts, complaints: Complaints) -> Callable[..., Complaint]:
    """Returns filed complaints, each of a new shopper; what is given replaces what stands here."""

    def file(**given: str) -> Complaint:
        told = {
            "complaint_kind": "damaged_item", "order_number": "405-1234567-1234567", "product": "غسالة",
            "description": "وصلت الغسالة مكسورة", "remedy": "refund", "contact": "mona@example.com",
        } | given  # fmt: skip
        draft = drafts.open(chat.open("widget").conversation_id, None)
        drafts.record(draft.id, [Given(slot, value, value) for slot, value in told.items()], ["purchase_date"], {}, None)
        return complaints.file(draft.id, None)

    return file


@pytest.fixture
def engine() -> FakeEngine:
    """What answers in place of Rasa."""
    return FakeEngine()


@pytest.fixture
def talk(chat: Chat, store: Store, clock: Clock, words: Words, engine: FakeEngine) -> Talk:
    """A new shopper's conversation, with the bot's turns run by hand."""
    return Talk(chat, store, clock, words, engine)


@pytest.fixture
def redis_url() -> str:
    """The Redis at hand, which other things use, too."""
    if not answers(REDIS):
        missing("Redis")
    return REDIS


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis of the test's own, to be stopped, held still and emptied."""
    if shutil.which("redis-server") is None:
        missing("redis-server")
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.stop()
