"""Rasa's SQL tracker store, made strict: short waits, and nobody's events are lost unnoticed."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

BUSY_TIMEOUT_SECONDS = 3


class TrackerOvertaken(Exception):
    """Somebody else saved the same tracker meanwhile."""


class StrictTrackerStore(SQLTrackerStore):
    """Rasa's SQL store with short waits, and a save that fails where another has come between."""

    def __init__(self, domain: Domain | None = None, host: str = "", event_broker: Any = None, **kwargs: Any) -> None:
        """`host` is what endpoints.yml calls `url`, in SQLAlchemy's form; for SQLite the folder of the file is made."""
        location = sa.engine.make_url(host)
        if location.get_backend_name() == "sqlite" and location.database:
            Path(location.database).parent.mkdir(parents=True, exist_ok=True)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)
        self.engine = _open(location)
        self.Base.metadata.create_all(self.engine)
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the tracker's new events in one transaction; raise TrackerOvertaken if others were appended."""
        known = getattr(tracker, "stored_events", 0)
        with self.sessionmaker.begin() as session:
            stored = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
            if stored != known:
                raise TrackerOvertaken(f"{stored} events are stored, {known} were read")
            session.add_all(self._row(tracker.sender_id, event) for event in list(tracker.events)[stored:])
        tracker.stored_events = len(tracker.events)

    def _row(self, sender_id: str, event: Event) -> SQLTrackerStore.SQLEvent:
        data = event.as_dict()
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=event.type_name,
            timestamp=data.get("timestamp"),
            intent_name=data.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=data.get("name"),
            data=json.dumps(data),
        )


def _open(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
