"""What a candidate that reads along has read, and what it has not yet."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.conversation import Sender
from bot.domain.shadow import Difference, Guess, Pair, Switch
from bot.store import drift_tables, label_tables, tables

WINDOW = 500
"""Messages before the newest that was read in which some may still be unread: turns do not end in the order of messages."""


class Shadow:
    def __init__(self, session: Session) -> None:
        self._session = session

    def switch(self) -> Switch:
        one = drift_tables.shadow_switch.c
        query = sa.select(one.is_on, one.by, one.at, one.after_id).order_by(one.id.desc()).limit(1)
        row = self._session.execute(query).one_or_none()
        return Switch(*row) if row else Switch()

    def turn(self, switch: Switch) -> None:
        values = {"is_on": switch.is_on, "by": switch.by, "at": switch.at, "after_id": switch.after_id}
        self._session.execute(sa.insert(drift_tables.shadow_switch).values(values))

    def newest_message(self) -> int:
        return self._session.scalar(sa.select(sa.func.max(tables.message.c.id))) or 0

    def unread(self, model: str, after_id: int, limit: int) -> list[tuple[int, str]]:
        """Return (id, text) of messages that the live model has read and this one has not, the oldest first.

        A new candidate begins with the last WINDOW messages of the one before.
        """
        message, reading, shadow = tables.message.c, tables.reading.c, drift_tables.shadow_reading.c
        newest = self._session.scalar(sa.select(sa.func.max(shadow.message_id))) or 0
        query = sa.select(message.id, message.text).join(tables.reading, reading.message_id == message.id)
        query = query.where(message.id > max(after_id, newest - WINDOW), message.sender == Sender.SHOPPER)
        done = sa.exists().where(shadow.message_id == message.id, shadow.model == model)
        query = query.where(message.payload.is_(None), ~done).order_by(message.id).limit(limit)
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def keep(self, model: str, read: dict[int, Guess], now: datetime) -> None:
        """Keep what was read of messages that are still there."""
        there = set(self._session.scalars(sa.select(tables.message.c.id).where(tables.message.c.id.in_(read))))
        rows = [
            {"message_id": key, "model": model, "intent": one.intent, "confidence": one.confidence, "ms": one.ms, "at": now}
            for key, one in read.items()
            if key in there
        ]
        if rows:
            self._session.execute(sa.insert(drift_tables.shadow_reading), rows)

    def pairs(self, model: str) -> list[Pair]:
        shadow, reading = drift_tables.shadow_reading.c, tables.reading.c
        query = sa.select(reading.intent, shadow.intent, sa.func.count()).join(
            tables.reading, reading.message_id == shadow.message_id
        )
        query = query.where(shadow.model == model).group_by(reading.intent, shadow.intent)
        return [Pair(*row) for row in self._session.execute(query)]

    def differences(self, model: str, limit: int) -> list[Difference]:
        """Return the newest messages the two read otherwise."""
        shadow, reading, seen = drift_tables.shadow_reading.c, tables.reading.c, label_tables.seen.c
        message = tables.message.c
        query = sa.select(
            seen.utterance_id, message.text, reading.intent, reading.confidence, shadow.intent, shadow.confidence,
            message.created_at,
        ).join(tables.reading, reading.message_id == shadow.message_id)  # fmt: skip
        query = query.join(tables.message, message.id == shadow.message_id)
        query = query.join(label_tables.seen, seen.message_id == shadow.message_id)
        query = query.where(shadow.model == model, shadow.intent != reading.intent)
        return [Difference(*row) for row in self._session.execute(query.order_by(shadow.message_id.desc()).limit(limit))]

    def times(self, model: str, limit: int) -> list[float]:
        """Return the milliseconds each of the newest readings took."""
        shadow = drift_tables.shadow_reading.c
        query = sa.select(shadow.ms).where(shadow.model == model).order_by(shadow.message_id.desc()).limit(limit)
        return list(self._session.scalars(query))

    def last_model(self) -> str:
        """Return the model that read along last, empty where none did."""
        shadow = drift_tables.shadow_reading.c
        query = sa.select(shadow.model).order_by(shadow.at.desc(), shadow.message_id.desc()).limit(1)
        return self._session.scalar(query) or ""
