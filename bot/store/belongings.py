"""What belongs to a shopper, table by table: the one list by which it is counted, handed out and erased."""

from typing import Any

import sqlalchemy as sa

from bot.domain.privacy import Owned
from bot.store import console_tables, label_tables, tables, webhook_tables

SECRETS = frozenset({"token_hash", "sender_key", "file_secret"})
"""Columns that are keys to something: nobody is handed them."""

Belongings = list[tuple[sa.Table, sa.ColumnElement[bool]]]


def belongings(owned: Owned) -> Belongings:
    """Return the tables with the rows that go, those first that refer to others."""
    message, draft, note = tables.message.c, tables.draft.c, console_tables.note.c
    notes = sa.select(note.id).where(_of(console_tables.note, owned))
    complaints = list(owned.complaints.values())
    filed = sa.select(tables.complaint.c.id).where(_of(tables.complaint, owned))
    return [
        (label_tables.decision, label_tables.decision.c.utterance_id.in_(owned.utterances)),
        (label_tables.seen, label_tables.seen.c.message_id.in_(sa.select(message.id).where(_of(tables.message, owned)))),
        (label_tables.utterance, label_tables.utterance.c.id.in_(owned.utterances)),
        (tables.reading, tables.reading.c.message_id.in_(sa.select(message.id).where(_of(tables.message, owned)))),
        (tables.choice, _of(tables.choice, owned)),
        (tables.evidence_file, _of(tables.evidence_file, owned) | tables.evidence_file.c.complaint_id.in_(complaints)),
        (tables.request, _of(tables.request, owned)),
        (tables.complaint_proof, _of(tables.complaint_proof, owned) | tables.complaint_proof.c.complaint_id.in_(complaints)),
        (tables.failed_proof, _of(tables.failed_proof, owned)),
        (tables.contact_log, tables.contact_log.c.complaint_id.in_(filed)),
        (tables.complaint_entry, tables.complaint_entry.c.complaint_id.in_(filed)),
        (tables.complaint, _of(tables.complaint, owned)),
        (tables.draft_slot, tables.draft_slot.c.draft_id.in_(sa.select(draft.id).where(_of(tables.draft, owned)))),
        (tables.draft, _of(tables.draft, owned)),
        (console_tables.mention, console_tables.mention.c.note_id.in_(notes)),
        (console_tables.note, _of(console_tables.note, owned)),
        (console_tables.handoff, _of(console_tables.handoff, owned)),
        (console_tables.letter, _told_of(console_tables.letter, owned)),
        (webhook_tables.delivery, _names(webhook_tables.delivery, owned)),
        (tables.outbox, _names(tables.outbox, owned)),
        (tables.message, _of(tables.message, owned)),
        (tables.turn, _of(tables.turn, owned)),
        (tables.conversation, tables.conversation.c.id.in_(owned.conversations)),
    ]  # fmt: skip


def _of(table: sa.Table, owned: Owned) -> sa.ColumnElement[bool]:
    return table.c.conversation_id.in_(owned.conversations)


def _told_of(letter: sa.Table, owned: Owned) -> sa.ColumnElement[bool]:
    """Every letter names the complaint it is about."""
    named = [column.contains(number) for number in owned.complaints for column in (letter.c.subject, letter.c.body)]
    return sa.or_(sa.false(), *named)


def _names(table: sa.Table, owned: Owned) -> sa.ColumnElement[bool]:
    """An event names what it is about in its payload."""
    payload: Any = table.c.payload
    return sa.or_(
        payload["conversation"].as_string().in_(owned.conversations),
        payload["number"].as_string().in_(list(owned.complaints)),
        payload["reference"].as_string().in_(owned.references),
    )
