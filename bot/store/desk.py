"""Finding and keeping canned replies, saved views and letters."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.desk import TRIES, CannedReply, Letter, SavedView
from bot.store import console_tables as tables


class Canned:
    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, user_id: int) -> list[CannedReply]:
        """Return what a user may use, their own first."""
        owner = tables.canned_reply.c.owner_id
        query = sa.select(CannedReply).where(sa.or_(owner == user_id, owner.is_(None)))
        return list(self._session.scalars(query.order_by(owner.is_(None), tables.canned_reply.c.shortcut)))

    def get(self, reply_id: int) -> CannedReply | None:
        return self._session.get(CannedReply, reply_id)

    def by_shortcut(self, owner_id: int | None, shortcut: str) -> CannedReply | None:
        return self._session.scalars(sa.select(CannedReply).filter_by(owner_id=owner_id, shortcut=shortcut)).one_or_none()

    def add(self, reply: CannedReply) -> None:
        self._session.add(reply)
        self._session.flush()

    def remove(self, reply: CannedReply) -> None:
        self._session.delete(reply)

    def is_empty(self) -> bool:
        return self._session.scalars(sa.select(tables.canned_reply.c.id).limit(1)).one_or_none() is None


class Views:
    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, user_id: int) -> list[SavedView]:
        query = sa.select(SavedView).filter_by(owner_id=user_id)
        return list(self._session.scalars(query.order_by(tables.saved_view.c.id)))

    def named(self, user_id: int, name: str) -> SavedView | None:
        return self._session.scalars(sa.select(SavedView).filter_by(owner_id=user_id, name=name)).one_or_none()

    def add(self, view: SavedView) -> None:
        self._session.add(view)
        self._session.flush()

    def remove(self, view: SavedView) -> None:
        self._session.delete(view)


class Letters:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, letter: Letter) -> None:
        self._session.add(letter)

    def due(self, now: datetime) -> list[Letter]:
        """Return the letters to send now, kept from other workers until the unit of work ends."""
        letter = tables.letter.c
        ready = sa.or_(letter.not_before.is_(None), letter.not_before <= now)
        query = sa.select(Letter).where(letter.sent_at.is_(None), letter.tries < TRIES, ready)
        return list(self._session.scalars(query.order_by(letter.id).limit(20).with_for_update(skip_locked=True)))
