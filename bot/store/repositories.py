"""Finding and keeping the domain's objects inside one unit of work."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.complaint import Complaint
from bot.domain.conversation import Choice, Conversation, Message, Reading, Sender
from bot.domain.draft import Draft, DraftState
from bot.domain.life import OPEN
from bot.domain.proof import Door
from bot.domain.request import Request, RequestKind
from bot.domain.turn import BEYOND, Turn, TurnState
from bot.store import statements, tables
from bot.store.inserting import insert_into
from bot.store.lists import Lists
from bot.store.statements import OPEN_TURN

PEOPLE = (Sender.SHOPPER, Sender.AGENT)
SEARCHED = ("number", "order_number", "product", "seller", "contact", "description")
"""What of a complaint can be searched for."""


class Conversations:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, conversation: Conversation) -> Conversation:
        """Keep a new conversation; return it, or the one that another has just begun for the same sender."""
        try:
            with self._session.begin_nested():
                self._session.add(conversation)
        except sa.exc.IntegrityError:
            return self._session.scalars(sa.select(Conversation).filter_by(sender_key=conversation.sender_key)).one()
        return conversation

    def locked(self, conversation_id: str) -> Conversation | None:
        """Return the conversation and keep every other writer of it out until the unit of work ends.

        Rows that only refer to it can still be added: whoever files a complaint holds its turn, and would wait here
        for one who waits for the turn. Where both are locked, the conversation is first.
        """
        found = self._session.scalars(statements.CONVERSATION, {"conversation_id": conversation_id})
        return found.one_or_none()

    def get(self, conversation_id: str) -> Conversation | None:
        return self._session.get(Conversation, conversation_id)

    def by_token(self, token_hash: str) -> Conversation | None:
        return self._session.scalars(statements.CONVERSATION_OF_TOKEN, {"token_hash": token_hash}).one_or_none()

    def by_sender_key(self, sender_key: str) -> Conversation | None:
        return self._session.scalars(sa.select(Conversation).filter_by(sender_key=sender_key)).one_or_none()


class Messages:
    def __init__(self, session: Session, lists: Lists) -> None:
        self._session = session
        self._lists = lists

    def add(self, message: Message) -> None:
        """Keep a message; what people said can be found by its words."""
        self._session.add(message)
        self._session.flush()
        assert message.id is not None
        if message.sender in PEOPLE:
            self._lists.index_message(message.id, message.text)

    def by_client_id(self, conversation_id: str, client_id: str) -> Message | None:
        where = {"conversation_id": conversation_id, "client_id": client_id}
        return self._session.scalars(statements.MESSAGE_OF_CLIENT, where).one_or_none()

    def at(self, conversation_id: str, seq: int) -> Message:
        return self._session.scalars(statements.MESSAGE_AT, {"conversation_id": conversation_id, "seq": seq}).one()

    def after(self, conversation_id: str, seq: int, limit: int) -> list[Message]:
        where = {"conversation_id": conversation_id, "seq": seq, "limit": limit}
        return list(self._session.scalars(statements.MESSAGES_AFTER, where))

    def offer(self, choices: list[Choice]) -> None:
        if choices:
            self._session.execute(sa.insert(tables.choice), [_columns(choice) for choice in choices])

    def offered(self, conversation_id: str, choice_id: str) -> Choice | None:
        where = {"conversation_id": conversation_id, "id": choice_id}
        row = self._session.execute(sa.select(tables.choice).filter_by(**where)).one_or_none()
        return Choice(**row._mapping) if row else None

    def last_offered(self, conversation_id: str) -> list[Choice]:
        """Return the choices under the newest message that had any."""
        rows = self._session.execute(statements.CHOICES_LAST_OFFERED, {"conversation_id": conversation_id})
        return [Choice(**row._mapping) for row in rows]

    def keep_reading(self, message_id: int, reading: Reading) -> None:
        """Keep how a message was read; what was kept of it before is replaced."""
        read = _columns(reading)
        insert = insert_into(self._session, tables.reading).values(message_id=message_id, **read)
        self._session.execute(insert.on_conflict_do_update(index_elements=["message_id"], set_=read))

    def last_reading_before(self, conversation_id: str, seq: int) -> tuple[int, str] | None:
        """Return (message id, intent) of the newest message before number `seq` that was read."""
        message, reading = tables.message.c, tables.reading.c
        query = sa.select(message.id, reading.intent).join(tables.reading, reading.message_id == message.id)
        query = query.where(message.conversation_id == conversation_id, message.seq < seq).order_by(message.seq.desc())
        row = self._session.execute(query.limit(1)).one_or_none()
        return (row[0], row[1]) if row else None

    def last_reading(self, conversation_id: str) -> tuple[str, Reading] | None:
        """Return the text of the newest message that was read, and how it was read."""
        message, reading = tables.message.c, tables.reading.c
        columns = [reading[name] for name in Reading.__slots__]
        query = sa.select(message.text, *columns).join(tables.reading, reading.message_id == message.id)
        query = query.where(message.conversation_id == conversation_id).order_by(message.seq.desc()).limit(1)
        row = self._session.execute(query).one_or_none()
        return (row[0], Reading(*row[1:])) if row else None


class Turns:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, turn: Turn) -> None:
        self._session.add(turn)
        self._session.flush()

    def get(self, turn_id: int) -> Turn | None:
        return self._session.scalars(statements.TURN, {"turn_id": turn_id}).one_or_none()

    def first_open(self, conversation_id: str) -> Turn | None:
        """Return the oldest turn of the conversation that is not settled: no later one may overtake it."""
        return self._session.scalars(statements.FIRST_OPEN_TURN, {"conversation_id": conversation_id}).one_or_none()

    def waiting(self, now: datetime, limit: int = 200) -> list[str]:
        """Return the conversations that have a turn to claim now."""
        turn = tables.turn.c
        waits = sa.case((turn.state == TurnState.PENDING, turn.not_before), else_=turn.lease_until)
        ready = sa.or_(waits.is_(None), waits <= now, waits > now + BEYOND)
        query = sa.select(turn.conversation_id).where(turn.state.in_(OPEN_TURN), ready)
        return list(self._session.scalars(query.distinct().limit(limit)))


class Drafts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: Draft) -> None:
        self._session.add(draft)

    def get(self, draft_id: str) -> Draft | None:
        return self._session.scalars(statements.DRAFT, {"draft_id": draft_id}).unique().one_or_none()

    def open_of(self, conversation_id: str) -> Draft | None:
        found = self._session.scalars(statements.OPEN_DRAFT, {"conversation_id": conversation_id})
        return found.unique().one_or_none()

    def paused_of(self, conversation_id: str) -> list[Draft]:
        """Return the drafts put aside, the newest first."""
        query = sa.select(Draft).filter_by(conversation_id=conversation_id, state=DraftState.PAUSED)
        return list(self._session.scalars(query.order_by(tables.draft.c.created_at.desc())).unique())


class Complaints:
    def __init__(self, session: Session, lists: Lists) -> None:
        self._session = session
        self._lists = lists

    def add(self, complaint: Complaint) -> None:
        self._session.add(complaint)
        self._session.flush()
        assert complaint.id is not None
        self._lists.index_complaint(complaint.id, *(getattr(complaint, name) for name in SEARCHED))

    def to_mark(self, now: datetime, limit: int) -> list[str]:
        """Return the numbers of complaints of which a clock has to be looked at."""
        complaint = tables.complaint.c
        query = sa.select(complaint.number).where(complaint.next_mark_at <= now).order_by(complaint.next_mark_at)
        return list(self._session.scalars(query.limit(limit)))

    def by_draft(self, draft_id: str) -> Complaint | None:
        return self._session.scalars(sa.select(Complaint).filter_by(draft_id=draft_id)).one_or_none()

    def by_number(self, number: str) -> Complaint | None:
        return self._session.scalars(sa.select(Complaint).filter_by(number=number)).one_or_none()

    def by_secret(self, secret: str) -> Complaint | None:
        return self._session.scalars(sa.select(Complaint).filter_by(file_secret=secret)).one_or_none()

    def get(self, complaint_id: int) -> Complaint | None:
        return self._session.get(Complaint, complaint_id)

    def locked(self, number: str) -> Complaint | None:
        """Return the complaint and keep every other writer of it out until the unit of work ends."""
        query = sa.select(Complaint).filter_by(number=number).with_for_update(of=tables.complaint)
        return self._session.scalars(query).one_or_none()

    def door(self, number: str, conversation_id: str) -> Door | None:
        """Return what decides whether this conversation may see the complaint; one query whatever there is."""
        complaint, proof = tables.complaint.c, tables.complaint_proof.c
        proved = sa.exists().where(proof.complaint_id == complaint.id, proof.conversation_id == conversation_id)
        known = sa.or_(complaint.conversation_id == conversation_id, proved)
        row = self._session.execute(
            sa.select(complaint.id, complaint.contact, known).where(complaint.number == number)
        ).one_or_none()
        return Door(row[0], row[1], bool(row[2])) if row else None

    def known_to(self, conversation_id: str) -> list[Complaint]:
        """Return what was filed in this conversation or proved in it, oldest first."""
        query = sa.select(Complaint).where(_known_to(conversation_id)).order_by(tables.complaint.c.id)
        return list(self._session.scalars(query))

    def like(self, kind: str, order_number: str, conversation_id: str) -> Complaint | None:
        """Return the newest open complaint of this kind about this order that the conversation may see."""
        complaint = tables.complaint.c
        query = sa.select(Complaint).filter_by(kind=kind, order_number=order_number)
        query = query.where(complaint.status.in_(OPEN), _known_to(conversation_id)).order_by(complaint.id.desc()).limit(1)
        return self._session.scalars(query).one_or_none()

    def of(self, conversation_id: str) -> list[Complaint]:
        query = sa.select(Complaint).filter_by(conversation_id=conversation_id)
        return list(self._session.scalars(query.order_by(tables.complaint.c.id)))

    def newest(self, limit: int) -> list[Complaint]:
        return list(self._session.scalars(sa.select(Complaint).order_by(tables.complaint.c.id.desc()).limit(limit)))


def _known_to(conversation_id: str) -> sa.ColumnElement[bool]:
    complaint, proof = tables.complaint.c, tables.complaint_proof.c
    proved = sa.select(proof.complaint_id).where(proof.conversation_id == conversation_id)
    return sa.or_(complaint.conversation_id == conversation_id, complaint.id.in_(proved))


class Proofs:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, conversation_id: str, complaint_id: int, now: datetime) -> None:
        row = {"conversation_id": conversation_id, "complaint_id": complaint_id, "at": now}
        self._session.execute(sa.insert(tables.complaint_proof).values(**row))

    def miss(self, conversation_id: str, number: str, now: datetime) -> None:
        row = {"conversation_id": conversation_id, "number": number, "at": now}
        self._session.execute(sa.insert(tables.failed_proof).values(**row))

    def missed(self, conversation_id: str, number: str, since: datetime) -> list[datetime]:
        """Return when a wrong contact was given here, or anywhere for this number, after `since`; oldest first."""
        missed = tables.failed_proof.c
        either = sa.or_(missed.conversation_id == conversation_id, missed.number == number)
        query = sa.select(missed.at).where(either, missed.at > since)
        return list(self._session.scalars(query.order_by(missed.at)))


class Requests:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, request: Request) -> None:
        self._session.add(request)
        self._session.flush()

    def by_turn(self, turn_id: int, kind: RequestKind) -> Request | None:
        return self._session.scalars(sa.select(Request).filter_by(turn_id=turn_id, kind=kind)).one_or_none()

    def by_reference(self, reference: str) -> Request | None:
        return self._session.scalars(sa.select(Request).filter_by(reference=reference)).one_or_none()

    def newest(self, limit: int) -> list[Request]:
        return list(self._session.scalars(sa.select(Request).order_by(tables.request.c.id.desc()).limit(limit)))


class Outbox:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, topic: str, payload: dict[str, Any], now: datetime) -> None:
        row = {"topic": topic, "payload": payload, "created_at": now}
        self._session.execute(sa.insert(tables.outbox).values(**row))

    def waiting(self, limit: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Return (id, topic, payload) of what is not published yet, oldest first; another who asks waits."""
        outbox = tables.outbox.c
        query = sa.select(outbox.id, outbox.topic, outbox.payload).where(outbox.done_at.is_(None))
        return [tuple(row) for row in self._session.execute(query.order_by(outbox.id).limit(limit).with_for_update())]

    def done(self, event_id: int, now: datetime) -> None:
        self._session.execute(sa.update(tables.outbox).filter_by(id=event_id).values(done_at=now))


def _columns(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
