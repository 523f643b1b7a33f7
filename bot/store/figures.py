"""The rows a supervisor's figures are counted from."""

from collections import Counter, defaultdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.conversation import Sender
from bot.domain.figures import AgentRow, ComplaintRow, Talks
from bot.domain.request import RequestKind
from bot.store import console_tables, tables

SETTLED = ("resolved", "closed")


class Figures:
    def __init__(self, session: Session) -> None:
        self._session = session

    def complaints(self, since: datetime, until: datetime) -> list[ComplaintRow]:
        complaint, conversation = tables.complaint.c, tables.conversation.c
        query = sa.select(
            complaint.id, complaint.created_at, complaint.kind, conversation.channel, complaint.first_answered_at
        ).join(tables.conversation, conversation.id == complaint.conversation_id)
        rows = self._session.execute(query.where(complaint.created_at >= since, complaint.created_at < until)).all()
        settled, breached = self._marks(since, until)
        return [
            ComplaintRow(created, str(kind), channel, answered, settled.get(key), key in breached)
            for key, created, kind, channel, answered in rows
        ]

    def _marks(self, since: datetime, until: datetime) -> tuple[dict[int, datetime], set[int]]:
        """Return when each complaint of the time was settled first, and which had a clock run out."""
        entry, complaint = tables.complaint_entry.c, tables.complaint.c
        query = sa.select(entry.complaint_id, entry.at, entry.action, entry.detail).join(
            tables.complaint, complaint.id == entry.complaint_id
        )
        query = query.where(complaint.created_at >= since, complaint.created_at < until)
        settled: dict[int, datetime] = {}
        breached = set()
        for key, at, action, detail in self._session.execute(
            query.where(entry.action.in_(("status_changed", "breached"))).order_by(entry.id)
        ):
            if action == "breached":
                breached.add(key)
            elif detail.get("to") in SETTLED:
                settled.setdefault(key, at)
        return settled, breached

    def talks(self, since: datetime, until: datetime) -> Talks:
        message, handoff = tables.message.c, console_tables.handoff.c
        spoken = sa.select(sa.func.count(sa.distinct(message.conversation_id))).where(
            message.created_at >= since, message.created_at < until, message.sender == Sender.SHOPPER
        )
        held = sa.select(sa.func.count(sa.distinct(handoff.conversation_id))).where(
            handoff.claimed_at >= since, handoff.claimed_at < until
        )
        return Talks(self._session.scalar(spoken) or 0, self._session.scalar(held) or 0)

    def stars(self, since: datetime, until: datetime) -> dict[int, int]:
        request = tables.request.c
        query = sa.select(request.data).where(request.created_at >= since, request.created_at < until)
        return Counter(int(data["stars"]) for data in self._session.scalars(query.where(request.kind == RequestKind.RATING)))

    def agents(self, since: datetime, until: datetime) -> list[AgentRow]:
        """Return what each agent did who did anything, the busiest first."""
        taken, messages, answers = self._taken(since, until), self._messages(since, until), self._answers(since, until)
        user = console_tables.user.c
        rows = [
            AgentRow(name, len(taken[key]), messages[name], answers[login], [one for one in taken[key] if one is not None])
            for key, login, name in self._session.execute(sa.select(user.id, user.login, user.name))
        ]
        return sorted((row for row in rows if row.taken or row.messages or row.answers), key=lambda row: -row.taken)

    def _taken(self, since: datetime, until: datetime) -> dict[int, list[float | None]]:
        """Return, for each agent, the seconds from each claim to the first word; None where none was said."""
        handoff = console_tables.handoff.c
        query = sa.select(handoff.agent_id, handoff.claimed_at, handoff.answered_at).where(
            handoff.claimed_at >= since, handoff.claimed_at < until, handoff.agent_id.is_not(None)
        )
        taken: dict[int, list[float | None]] = defaultdict(list)
        for agent, claimed, answered in self._session.execute(query):
            taken[agent].append((answered - claimed).total_seconds() if answered else None)
        return taken

    def _messages(self, since: datetime, until: datetime) -> Counter[str]:
        message = tables.message.c
        query = sa.select(message.custom).where(
            message.created_at >= since, message.created_at < until, message.sender == Sender.AGENT
        )
        return Counter(custom.get("agent", "") for custom in self._session.scalars(query))

    def _answers(self, since: datetime, until: datetime) -> Counter[str]:
        entry = tables.complaint_entry.c
        query = sa.select(entry.actor).where(entry.at >= since, entry.at < until, entry.action == "answered")
        return Counter(self._session.scalars(query))
