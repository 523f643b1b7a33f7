"""The console's lists: complaints by filters and words, messages by words, each a page at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.life import OPEN
from bot.domain.lists import Breach, ComplaintFilter, ComplaintLine, FoundMessage
from bot.domain.sla import WARNING
from bot.store import console_tables, search, tables

COLUMNS = tuple(ComplaintLine.__slots__)


class Lists:
    def __init__(self, session: Session, search_form: Callable[[str], str]) -> None:
        self._session = session
        self._search_form = search_form

    def complaints(self, wanted: ComplaintFilter, now: datetime, before: int | None, limit: int) -> list[ComplaintLine]:
        """Return the newest complaints that fit and have an id below `before`."""
        complaint, user = tables.complaint.c, console_tables.user.c
        columns = [complaint[name] for name in COLUMNS if name != "assignee"]
        query = sa.select(*columns, user.name.label("assignee")).outerjoin(
            console_tables.user, user.id == complaint.assignee_id
        )
        for condition in self._conditions(wanted, now):
            query = query.where(condition)
        if before is not None:
            query = query.where(complaint.id < before)
        rows = self._session.execute(query.order_by(complaint.id.desc()).limit(limit)).mappings()
        return [ComplaintLine(**row) for row in rows]

    def messages(self, text: str, limit: int) -> list[FoundMessage]:
        """Return the newest messages with these words."""
        ids = search.found(self._session, "message_search", self._search_form(text))
        if ids is None:
            return []
        message = tables.message.c
        newest = ids.order_by(ids.selected_columns[0].desc()).limit(limit)
        query = sa.select(message.conversation_id, message.seq, message.sender, message.text, message.created_at)
        rows = self._session.execute(query.where(message.id.in_(newest)).order_by(message.id.desc()))
        return [FoundMessage(*row) for row in rows]

    def _conditions(self, wanted: ComplaintFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
        complaint = tables.complaint.c
        found: list[sa.ColumnElement[bool]] = []
        for name in ("status", "kind", "level", "severity"):
            if values := getattr(wanted, name):
                found.append(complaint[name].in_(values))
        if wanted.open_only:
            found.append(complaint.status.in_(OPEN))
        if wanted.assignee_id is not None:
            found.append(complaint.assignee_id == wanted.assignee_id)
        if wanted.unassigned:
            found.append(complaint.assignee_id.is_(None))
        if wanted.breach is not None:
            limit = now if wanted.breach is Breach.BREACHED else now + WARNING
            found.append(sa.or_(complaint.answer_due_at <= limit, complaint.resolve_by <= limit))
        if wanted.since is not None:
            found.append(complaint.created_at >= wanted.since)
        if wanted.until is not None:
            found.append(complaint.created_at < wanted.until)
        ids = search.found(self._session, "complaint_search", self._search_form(wanted.text))
        return [*found, complaint.id.in_(ids)] if ids is not None else found

    # ------------------------------------------------------------------ the index

    def index_complaint(self, complaint_id: int, *texts: str | None) -> None:
        search.put(
            self._session, "complaint_search", complaint_id, self._search_form(" ".join(text for text in texts if text))
        )

    def index_message(self, message_id: int, text: str) -> None:
        search.put(self._session, "message_search", message_id, self._search_form(text))

    def unindexed(self) -> tuple[list[Any], list[Any]]:
        """Return the complaints and messages that stand before the first one that is indexed."""
        return self._before(tables.complaint, "complaint_search"), self._before(tables.message, "message_search")

    def _before(self, table: sa.Table, index: str) -> list[Any]:
        key = "id" if self._session.get_bind().dialect.name == "postgresql" else "rowid"
        first = self._session.execute(sa.text(f"SELECT min({key}) FROM {index}")).scalar()
        query = sa.select(table).order_by(table.c.id)
        return list(self._session.execute(query if first is None else query.where(table.c.id < first)))
