"""Finding and keeping handoffs and the notes on conversations."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.conversation import Conversation, Reading
from bot.domain.desk import Note
from bot.domain.handoff import Handoff, HandoffState, QueueLine
from bot.store import console_tables, statements, tables


class Handoffs:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, handoff: Handoff) -> Handoff:
        """Keep a new handoff; return it, or the one that another has just begun for the same conversation."""
        try:
            with self._session.begin_nested():
                self._session.add(handoff)
        except sa.exc.IntegrityError:
            return self._session.scalars(statements.OPEN_HANDOFF, {"conversation_id": handoff.conversation_id}).one()
        return handoff

    def open_of(self, conversation_id: str) -> Handoff | None:
        """Return the conversation's handoff that has not ended; whoever writes has locked the conversation first."""
        return self._session.scalars(statements.OPEN_HANDOFF, {"conversation_id": conversation_id}).one_or_none()

    def open(self) -> list[Handoff]:
        return list(
            self._session.scalars(sa.select(Handoff).where(statements.HANDOFF_IS_OPEN).order_by(console_tables.handoff.c.id))
        )

    def of(self, conversation_id: str) -> list[Handoff]:
        """Return the conversation's handoffs, oldest first."""
        query = sa.select(Handoff).filter_by(conversation_id=conversation_id)
        return list(self._session.scalars(query.order_by(console_tables.handoff.c.id)))

    def board(self) -> list[QueueLine]:
        """Return every handoff that has not ended with what it is about: one query, however many there are."""
        handoff, user = console_tables.handoff.c, console_tables.user.c
        query = (
            sa.select(
                Handoff, tables.conversation.c.known, user.name, _newest_words(), _draft_kind(),
                _newest_complaint("kind"), _newest_complaint("number"),
            )
            .join(tables.conversation, tables.conversation.c.id == handoff.conversation_id)
            .outerjoin(console_tables.user, user.id == handoff.agent_id)
            .where(statements.HANDOFF_IS_OPEN)
        )  # fmt: skip
        return [
            QueueLine(one, known.get("name"), agent, words, draft or kind, number)
            for one, known, agent, words, draft, kind, number in self._session.execute(query)
        ]

    def readings(self, conversation_id: str, after: int) -> dict[int, Reading]:
        """Return how the shopper's messages after number `after` were read, by number."""
        message, reading = tables.message.c, tables.reading.c
        columns = [reading[name] for name in Reading.__slots__]
        query = sa.select(message.seq, *columns).join(tables.reading, reading.message_id == message.id)
        query = query.where(message.conversation_id == conversation_id, message.seq > after, message.sender == "shopper")
        return {row[0]: Reading(*row[1:]) for row in self._session.execute(query)}

    def others_of(self, conversation: Conversation, contacts: list[str], limit: int = 20) -> list[Conversation]:
        """Return the other conversations of the same shopper, newest first: by the shop's word, or by the same contact."""
        one, complaint = tables.conversation.c, tables.complaint.c
        same: list[sa.ColumnElement[bool]] = []
        if contacts:
            same.append(one.id.in_(sa.select(complaint.conversation_id).where(complaint.contact.in_(contacts))))
        if conversation.customer:
            same.append(one.customer == conversation.customer)
        if not same:
            return []
        query = sa.select(Conversation).where(one.id != conversation.id, sa.or_(*same))
        return list(self._session.scalars(query.order_by(one.created_at.desc()).limit(limit)))

    def unanswered(self, since: datetime) -> list[str]:
        """Return the held conversations whose shopper has waited since before `since` for a word of who holds them."""
        handoff, message = console_tables.handoff.c, tables.message.c

        def newest(sender: str) -> sa.ScalarSelect[datetime]:
            query = sa.select(sa.func.max(message.created_at)).where(
                message.conversation_id == handoff.conversation_id, message.sender == sender
            )
            return query.scalar_subquery()

        spoke, heard = newest("shopper"), newest("agent")
        never = sa.and_(handoff.answered_at.is_(None), handoff.claimed_at < since)
        waits = sa.and_(handoff.answered_at.is_not(None), spoke > heard, spoke < since, handoff.claimed_at < since)
        query = sa.select(handoff.conversation_id).where(handoff.state == HandoffState.HELD, sa.or_(never, waits))
        return list(self._session.scalars(query))

    def add_note(self, note: Note, mentioned: list[int]) -> None:
        self._session.add(note)
        self._session.flush()
        for user_id in mentioned:
            self._session.execute(sa.insert(console_tables.mention).values(note_id=note.id, user_id=user_id))

    def notes(self, conversation_id: str) -> list[Note]:
        query = sa.select(Note).filter_by(conversation_id=conversation_id)
        return list(self._session.scalars(query.order_by(console_tables.note.c.id)))

    def mentions(self, user_id: int) -> list[Note]:
        """Return the notes that mention a user who has not seen them, oldest first."""
        mention = console_tables.mention.c
        query = sa.select(Note).join(console_tables.mention, mention.note_id == console_tables.note.c.id)
        query = query.where(mention.user_id == user_id, mention.seen_at.is_(None))
        return list(self._session.scalars(query.order_by(console_tables.note.c.id).limit(50)))

    def saw_mentions(self, user_id: int, conversation_id: str, now: datetime) -> None:
        """Note that a user has seen what mentions them in a conversation."""
        notes = sa.select(console_tables.note.c.id).filter_by(conversation_id=conversation_id)
        mention = console_tables.mention
        where = (mention.c.user_id == user_id, mention.c.seen_at.is_(None), mention.c.note_id.in_(notes))
        self._session.execute(sa.update(mention).where(*where).values(seen_at=now))


def _newest_words() -> sa.ScalarSelect[str]:
    message = tables.message.c
    mine = (message.conversation_id == console_tables.handoff.c.conversation_id, message.sender == "shopper")
    return sa.select(message.text).where(*mine).order_by(message.seq.desc()).limit(1).scalar_subquery()


def _draft_kind() -> sa.ScalarSelect[str]:
    draft, slot = tables.draft.c, tables.draft_slot.c
    query = sa.select(slot.value).join(tables.draft, draft.id == slot.draft_id)
    mine = draft.conversation_id == console_tables.handoff.c.conversation_id
    return query.where(mine, draft.state == "open", slot.slot == "complaint_kind").limit(1).scalar_subquery()


def _newest_complaint(column: str) -> sa.ScalarSelect[str]:
    complaint = tables.complaint.c
    query = sa.select(complaint[column]).where(complaint.conversation_id == console_tables.handoff.c.conversation_id)
    return query.order_by(complaint.id.desc()).limit(1).scalar_subquery()
