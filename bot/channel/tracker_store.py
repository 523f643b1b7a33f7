"""Rasa's SQL tracker store, made strict: short waits, and nobody's events are lost unnoticed."""

import itertools
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

from bot import failpoints
from bot.channel.recent import Recent

BUSY_TIMEOUT_SECONDS = 3
EVENTS = SQLTrackerStore.SQLEvent.__table__
OF_SENDER = EVENTS.c.sender_id == sa.bindparam("sender")
NEWEST = sa.select(sa.func.max(EVENTS.c.id)).where(OF_SENDER)
"""The number of a sender's newest event, none before the first."""
BEGAN = NEWEST.where(EVENTS.c.type_name == SessionStarted.type_name)
SINCE = sa.select(EVENTS.c.data).where(OF_SENDER, EVENTS.c.id >= sa.bindparam("began")).order_by(EVENTS.c.id)
APPEND = sa.insert(EVENTS)
LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))")
"""Held until the transaction ends; SQLite's BEGIN IMMEDIATE holds the whole file."""


class TrackerOvertaken(Exception):
    """Somebody else saved the same tracker meanwhile."""


class StrictTrackerStore(SQLTrackerStore):
    """Rasa's SQL store with short waits, and a save that fails where another has come between."""

    def __init__(self, domain: Domain | None = None, host: str = "", event_broker: Any = None, **kwargs: Any) -> None:
        """`host` is what endpoints.yml calls `url`, in SQLAlchemy's form; for SQLite the folder of the file is made.

        Tests name a folder of `failpoints`, which Rasa learns from endpoints.yml alone.
        """
        if orders := kwargs.pop("failpoints", ""):
            failpoints.arm(failpoints.orders_in(Path(orders)))
        location = sa.engine.make_url(host)
        if location.get_backend_name() == "sqlite" and location.database:
            Path(location.database).parent.mkdir(parents=True, exist_ok=True)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)
        self._recent = Recent()
        self.engine = _open(location)
        with self.engine.begin() as connection:
            _hold(connection, "tables")  # several servers may start on an empty database
            self.Base.metadata.create_all(connection)
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the sender's tracker since its session began; the one saved last here, unless others have saved since."""
        with self.engine.connect() as connection:
            newest = connection.scalar(NEWEST, {"sender": sender_id})
            if newest is None:
                return None
            tracker = self._recent.take(sender_id, self.domain, newest) or self._read(connection, sender_id)
        tracker.newest_event, tracker.stored_events = newest, len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the tracker's new events in one transaction; raise TrackerOvertaken if others were appended."""
        known = getattr(tracker, "newest_event", None)
        fresh = list(itertools.islice(tracker.events, getattr(tracker, "stored_events", 0), None))
        failpoints.here("tracker.before_save")
        with self.engine.begin() as connection:
            _hold(connection, tracker.sender_id)
            stored = connection.scalar(NEWEST, {"sender": tracker.sender_id})
            if stored != known:
                raise TrackerOvertaken(f"event {stored} is stored, {known} was read")
            if fresh:
                connection.execute(APPEND, [_row(tracker.sender_id, event) for event in fresh])
                stored = connection.scalar(NEWEST, {"sender": tracker.sender_id})
        failpoints.here("tracker.after_save")
        _cut(tracker)
        tracker.newest_event, tracker.stored_events = stored, len(tracker.events)
        if stored is not None:
            self._recent.put(tracker, self.domain, stored)

    def _read(self, connection: sa.Connection, sender_id: str) -> DialogueStateTracker:
        began = connection.scalar(BEGAN, {"sender": sender_id}) or 0
        events = [json.loads(data) for data in connection.scalars(SINCE, {"sender": sender_id, "began": began})]
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _cut(tracker: DialogueStateTracker) -> None:
    """Leave what was before the session out of memory, as a tracker that is read anew does."""
    began = max((at for at, event in enumerate(tracker.events) if isinstance(event, SessionStarted)), default=0)
    for _ in range(began):
        tracker.events.popleft()


def _open(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_TIMEOUT_SECONDS})
        sa.event.listen(engine, "connect", _prepare_server)
        return engine
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _hold(connection: sa.Connection, name: str) -> None:
    """Keep others from what goes by this name until the transaction ends: PostgreSQL lets two count and insert at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK, {"name": f"shakwa tracker {name}"})


def _prepare_server(connection: Any, _record: Any) -> None:
    """Rasa calls its store on the event loop: nothing may take long, or all shoppers stand still."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{BUSY_TIMEOUT_SECONDS}s'")
        cursor.execute("SET synchronous_commit = off")  # as on SQLite, see there
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Leave it to the system when a commit reaches the disk: that would hold Rasa's event loop, and all shoppers.

    No commit is lost with this process. Should the machine lose power, a form is rebuilt from the draft in the store.
    """
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
