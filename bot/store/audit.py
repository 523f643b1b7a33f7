"""Writing and reading the audit; nothing here changes or deletes a line."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.audit import Action, AuditLine
from bot.store.privacy_tables import audit


class Audit:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, line: AuditLine) -> None:
        values = {name: getattr(line, name) for name in AuditLine.__slots__ if name != "id"}
        self._session.execute(sa.insert(audit).values(**values | {"action": str(line.action)}))

    def hold(self, user_id: int) -> None:
        """Keep other looks of the same user waiting until the unit of work ends; SQLite has one writer anyway."""
        if self._session.get_bind().dialect.name == "postgresql":
            lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"audit:{user_id}", 0))
            self._session.execute(sa.select(lock))

    def seen(self, user_id: int, action: Action, subjects: list[str], since: datetime) -> set[str]:
        """Return which subjects the user has seen in this way after `since`."""
        line = audit.c
        mine = (line.user_id == user_id, line.action == action, line.subject.in_(subjects), line.at > since)
        return set(self._session.scalars(sa.select(line.subject).where(*mine)))

    def has(self, action: Action, subject: str) -> bool:
        query = sa.select(audit.c.id).where(audit.c.subject == subject, audit.c.action == action).limit(1)
        return self._session.scalar(query) is not None

    def lines(self, subject: str, by: str, before: int | None, limit: int) -> list[AuditLine]:
        """Return the newest lines with an id below `before`; an empty subject or `by` asks for all."""
        query = sa.select(*(audit.c[name] for name in AuditLine.__slots__))
        if subject:
            query = query.where(audit.c.subject == subject)
        if by:
            query = query.where(audit.c.by == by)
        if before is not None:
            query = query.where(audit.c.id < before)
        rows = self._session.execute(query.order_by(audit.c.id.desc()).limit(limit)).mappings()
        return [AuditLine(**{**row, "action": Action(row["action"])}) for row in rows]
