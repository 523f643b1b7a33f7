"""Finding and keeping users, their sessions and the tries to sign in."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.user import User, UserSession
from bot.store import console_tables as tables


class Users:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User) -> None:
        self._session.add(user)
        self._session.flush()

    def get(self, user_id: int) -> User | None:
        return self._session.get(User, user_id)

    def by_login(self, login: str) -> User | None:
        return self._session.scalars(sa.select(User).filter_by(login=login)).one_or_none()

    def all(self) -> list[User]:
        return list(self._session.scalars(sa.select(User).order_by(tables.user.c.id)))

    def names(self) -> dict[int, str]:
        """Return every user's name by id, also of those who are shut out."""
        return {row.id: row.name for row in self._session.execute(sa.select(tables.user.c.id, tables.user.c.name))}

    def session(self, token_hash: str) -> UserSession | None:
        return self._session.get(UserSession, token_hash)

    def begin_session(self, session: UserSession) -> None:
        self._session.add(session)

    def end_session(self, session: UserSession) -> None:
        self._session.delete(session)

    def end_sessions(self, user_id: int) -> None:
        self._session.execute(sa.delete(tables.user_session).filter_by(user_id=user_id))

    def seen_since(self, since: datetime) -> set[int]:
        """Return the users who did something after `since`."""
        session = tables.user_session.c
        return set(self._session.scalars(sa.select(session.user_id).where(session.seen_at > since)))

    def hold_tries(self, key: str) -> None:
        """Keep everybody else who tries with this key waiting until the unit of work ends; SQLite has one writer anyway."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))

    def count_try(self, key: str, now: datetime) -> None:
        self._session.execute(sa.insert(tables.failed_sign_in).values(key=key, at=now))

    def tries(self, key: str, since: datetime) -> list[datetime]:
        """Return the moments of the tries after `since`, oldest first."""
        tried = tables.failed_sign_in.c
        query = sa.select(tried.at).where(tried.key == key, tried.at > since).order_by(tried.at)
        return list(self._session.scalars(query))

    def forget_tries(self, key: str) -> None:
        self._session.execute(sa.delete(tables.failed_sign_in).filter_by(key=key))

    def forget_newest_try(self, key: str) -> None:
        newest = sa.select(sa.func.max(tables.failed_sign_in.c.id)).filter_by(key=key).scalar_subquery()
        self._session.execute(sa.delete(tables.failed_sign_in).where(tables.failed_sign_in.c.id == newest))

    def forget_tries_before(self, moment: datetime) -> None:
        self._session.execute(sa.delete(tables.failed_sign_in).where(tables.failed_sign_in.c.at < moment))
