"""One shopper's data: found, counted, handed out, erased; and what is too old to be kept."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.complaint import Complaint
from bot.domain.conversation import Conversation
from bot.domain.label import Utterance
from bot.domain.life import OPEN
from bot.domain.privacy import ERASED, Holdings, Owned, Rest
from bot.store import console_tables, search, tables, webhook_tables
from bot.store.belongings import SECRETS, belongings
from bot.store.label_tables import seen, utterance
from bot.store.privacy_tables import unswept


class Privacy:
    def __init__(self, session: Session) -> None:
        self._session = session

    # ------------------------------------------------------------------ whose it is

    def of_contact(self, contact: str) -> list[str]:
        """Return the conversations in which a telephone number or address was given as the shopper's own."""
        complaint, slot, conversation = tables.complaint.c, tables.draft_slot.c, tables.conversation.c
        known: Any = conversation.known
        data: Any = tables.request.c.data
        asked = sa.or_(data["contact"].as_string() == contact, data["phone"].as_string() == contact)
        given = sa.select(tables.draft.c.conversation_id).join(tables.draft_slot, slot.draft_id == tables.draft.c.id)
        queries: list[sa.Select[Any]] = [
            sa.select(complaint.conversation_id).where(complaint.contact == contact),
            sa.select(conversation.id).where(known["contact"].as_string() == contact),
            given.where(slot.slot == "contact", slot.value == contact),
            sa.select(tables.request.c.conversation_id).where(asked),
        ]
        return sorted({one for query in queries for one in self._session.scalars(query)})

    def related(self, conversations: Iterable[str]) -> list[str]:
        """Add the conversations of the same shopper: by the shop's signed word, or by a complaint proved to be theirs.

        A contact that somebody has only typed adds none: anybody can type another's number.
        """
        found: set[str] = set()
        fresh = set(conversations)
        while fresh:
            found |= fresh
            fresh = set(self._session.scalars(_same_customer(fresh))) | set(self._session.scalars(_proved(fresh)))
            fresh -= found
        there = tables.conversation.c
        query = sa.select(there.id).where(there.id.in_(found), there.channel != ERASED)
        return sorted(self._session.scalars(query))

    def lock(self, conversations: list[str]) -> list[str]:
        """Keep every other writer out of the conversations until the unit of work ends; return those that are there."""
        one = tables.conversation.c.id
        return list(self._session.scalars(sa.select(one).where(one.in_(conversations)).order_by(one).with_for_update()))

    def stale(self, before: datetime, limit: int) -> list[str]:
        """Return conversations in which nothing was said since `before` and no complaint is open."""
        return list(self._session.scalars(_stale(before).order_by(tables.conversation.c.id).limit(limit)))

    def count_stale(self, before: datetime) -> int:
        return self._session.scalar(sa.select(sa.func.count()).select_from(_stale(before).subquery())) or 0

    # ------------------------------------------------------------------ what there is

    def owned(self, conversations: list[str]) -> Owned:
        complaint, request = tables.complaint.c, tables.request.c
        filed = sa.select(complaint.number, complaint.id).where(complaint.conversation_id.in_(conversations))
        made = sa.select(request.reference).where(request.conversation_id.in_(conversations))
        numbers = {row.number: row.id for row in self._session.execute(filed.order_by(complaint.id))}
        said = [row.utterance_id for row in self._session.execute(_said(conversations)) if row.alone]
        return Owned(conversations, numbers, list(self._session.scalars(made)), said)

    def holdings(self, owned: Owned) -> Holdings:
        complaint = tables.complaint.c
        still = sa.select(complaint.number).where(complaint.number.in_(list(owned.complaints)), complaint.status.in_(OPEN))
        counts = {}
        for table, mine in belongings(owned):
            counts[table.name] = self._session.scalar(sa.select(sa.func.count()).select_from(table).where(mine)) or 0
        some = {name: count for name, count in counts.items() if count}
        return Holdings(owned.conversations, list(owned.complaints), sorted(self._session.scalars(still)), some)

    def rows(self, owned: Owned) -> dict[str, list[dict[str, Any]]]:
        """Return everything that is stored, by table, without the columns that are keys to something."""
        found = {}
        for table, mine in belongings(owned):
            shown = [column for column in table.columns if column.name not in SECRETS]
            rows = self._session.execute(sa.select(*shown).where(mine).order_by(*table.primary_key.columns)).mappings()
            found[table.name] = [dict(row) for row in rows]
        return {name: rows for name, rows in found.items() if rows}

    def said_alone(self, owned: Owned) -> list[Utterance]:
        """Return the utterances that nobody else has said."""
        return list(self._session.scalars(sa.select(Utterance).where(utterance.c.id.in_(owned.utterances))))

    def senders(self, conversations: list[str]) -> list[str]:
        """Return what Rasa calls the conversations."""
        one = tables.conversation.c
        return list(self._session.scalars(sa.select(one.sender_key).where(one.id.in_(conversations))))

    def files(self, owned: Owned) -> list[tuple[str, str]]:
        """Return (id, name) of the files that were shown."""
        file = tables.evidence_file.c
        mine = dict((table.name, mine) for table, mine in belongings(owned))["evidence_file"]
        return [(row.id, row.name) for row in self._session.execute(sa.select(file.id, file.name).where(mine))]

    # ------------------------------------------------------------------ what goes

    def erase(self, owned: Owned, now: datetime, mark: str | None) -> None:
        """Delete everything; with a `mark`, complaints stay without their shopper and have it where words were."""
        messages = sa.select(tables.message.c.id).where(tables.message.c.conversation_id.in_(owned.conversations))
        complaints = sa.select(tables.complaint.c.id).where(tables.complaint.c.number.in_(list(owned.complaints)))
        search.remove(self._session, "message_search", messages)
        search.remove(self._session, "complaint_search", complaints)
        self._count_less(owned)
        if mark is not None:
            self._anonymise(owned, now, mark)
        turns = sa.select(tables.turn.c.id).where(tables.turn.c.conversation_id.in_(owned.conversations))
        entry = tables.complaint_entry
        self._session.execute(sa.update(entry).where(entry.c.turn_id.in_(turns)).values(turn_id=None))
        for table, mine in belongings(owned):
            self._session.execute(sa.delete(table).where(mine))

    def _count_less(self, owned: Owned) -> None:
        """What others have said too stays, and was said less often."""
        for row in self._session.execute(_said(owned.conversations)).all():
            if not row.alone:
                fewer = sa.update(utterance).where(utterance.c.id == row.utterance_id)
                self._session.execute(fewer.values(count=utterance.c.count - row.times))

    def _anonymise(self, owned: Owned, now: datetime, mark: str) -> None:
        complaint = tables.complaint.c
        drafts = sa.select(complaint.draft_id).where(complaint.number.in_(list(owned.complaints)))
        logged = tables.contact_log
        self._session.execute(sa.delete(tables.draft_slot).where(tables.draft_slot.c.draft_id.in_(drafts)))
        self._session.execute(sa.delete(logged).where(logged.c.complaint_id.in_(list(owned.complaints.values()))))
        shells: dict[str, str] = {}
        for kept in list(self._session.scalars(sa.select(Complaint).where(complaint.number.in_(list(owned.complaints))))):
            before = kept.conversation_id
            shell = shells[before] = shells.get(before) or self._shell(before)
            kept.conversation_id = shell
            kept.anonymise(now, mark)
            moved = sa.update(tables.draft).where(tables.draft.c.id == kept.draft_id)
            self._session.execute(moved.values(conversation_id=shell))
        self._session.flush()

    def _shell(self, conversation_id: str) -> str:
        """Keep in a conversation's place one that says when it was, under an id that nobody knows."""
        begun = sa.select(tables.conversation.c.created_at).where(tables.conversation.c.id == conversation_id)
        key, token = secrets.token_hex(16), secrets.token_hex(32)
        shell = Conversation(secrets.token_hex(16), ERASED, key, token, self._session.scalars(begun).one())
        self._session.add(shell)
        self._session.flush()
        return shell.id

    def forget_sent(self, before: datetime) -> None:
        """Delete letters, events and deliveries that are long done."""
        letter, outbox, delivery = console_tables.letter, tables.outbox, webhook_tables.delivery
        for done in (letter.c.sent_at, outbox.c.done_at, delivery.c.delivered_at):
            self._session.execute(sa.delete(done.table).where(done < before))

    # ------------------------------------------------------------------ what is left to sweep

    def leave(self, kind: Rest, names: Iterable[str], now: datetime) -> None:
        rows = [{"kind": str(kind), "name": name, "at": now} for name in dict.fromkeys(names)]
        there = set(self._session.scalars(sa.select(unswept.c.name).filter_by(kind=str(kind))))
        if new := [row for row in rows if row["name"] not in there]:
            self._session.execute(sa.insert(unswept), new)

    def unswept(self) -> list[tuple[Rest, str, datetime]]:
        query = sa.select(unswept.c.kind, unswept.c.name, unswept.c.at).order_by(unswept.c.kind, unswept.c.name)
        return [(Rest(row.kind), row.name, row.at) for row in self._session.execute(query)]

    def swept(self, kind: Rest, name: str) -> None:
        self._session.execute(sa.delete(unswept).filter_by(kind=str(kind), name=name))


def _same_customer(conversations: set[str]) -> sa.Select[tuple[str]]:
    one = tables.conversation.c
    customers = sa.select(one.customer).where(one.id.in_(conversations), one.customer.is_not(None))
    return sa.select(one.id).where(one.customer.in_(customers))


def _proved(conversations: set[str]) -> sa.Select[tuple[str]]:
    """Where a complaint of these conversations was proved, and where one was filed that was proved in them."""
    proof, complaint = tables.complaint_proof.c, tables.complaint.c
    filed = sa.select(complaint.id).where(complaint.conversation_id.in_(conversations))
    proved = sa.select(proof.complaint_id).where(proof.conversation_id.in_(conversations))
    here = sa.select(proof.conversation_id.label("id")).where(proof.complaint_id.in_(filed))
    return sa.select(here.union(sa.select(complaint.conversation_id).where(complaint.id.in_(proved))).subquery().c.id)


def _stale(before: datetime) -> sa.Select[tuple[str]]:
    one, message, complaint = tables.conversation.c, tables.message.c, tables.complaint.c
    later = sa.exists().where(message.conversation_id == one.id, message.created_at >= before)
    proof = tables.complaint_proof.c
    proved = sa.select(proof.complaint_id).where(proof.conversation_id == one.id).correlate(tables.conversation)
    theirs = sa.or_(complaint.conversation_id == one.id, complaint.id.in_(proved))
    owing = sa.exists().where(theirs, complaint.status.in_(OPEN))
    return sa.select(one.id).where(one.created_at < before, one.channel != ERASED, ~later, ~owing)


def _said(conversations: list[str]) -> sa.Select[Any]:
    """Return the utterances of conversations: in how many of these they were said, and whether nowhere else.

    An utterance counts its conversations, each once however often it was said there, and where it was imported, one more.
    """
    message = tables.message.c
    times = sa.func.count(message.conversation_id.distinct()).label("times")
    there = sa.select(seen.c.utterance_id, times).join(tables.message, message.id == seen.c.message_id)
    there = there.where(message.conversation_id.in_(conversations)).group_by(seen.c.utterance_id)
    said = there.subquery()
    others = sa.exists().where(
        seen.c.utterance_id == utterance.c.id, message.id == seen.c.message_id, message.conversation_id.not_in(conversations)
    )
    alone = sa.and_(utterance.c.count <= said.c.times, ~others).label("alone")
    return sa.select(said.c.utterance_id, said.c.times, alone).join(utterance, utterance.c.id == said.c.utterance_id)
