"""The tables, one place. Every change here needs a migration in `migrations/versions/`."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column of the exact type INTEGER."""


class Utc(sa.types.TypeDecorator[datetime]):
    """A moment, stored in UTC and read back with its zone (SQLite forgets it)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        moment: datetime | None = value
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _conversation_id(**options: Any) -> "sa.Column[str]":
    return sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversation.id"), nullable=False, **options)


conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("sender_key", sa.String(64), nullable=False, unique=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("holder", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("delivered_seq", sa.Integer, nullable=False),
    sa.Column("told_kept", sa.Boolean, nullable=False),
    sa.Column("known", sa.JSON, nullable=False),
    sa.Column("customer", sa.String(128), index=True),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _conversation_id(),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("sender", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False, index=True),
    sa.Column("client_id", sa.String(64)),
    sa.Column("payload", sa.Text),
    sa.Column("turn_id", Id, sa.ForeignKey("turn.id")),
    sa.Column("part", sa.Integer),
    sa.Column("buttons", sa.JSON, nullable=False),
    sa.Column("custom", sa.JSON, nullable=False),
    sa.UniqueConstraint("conversation_id", "seq"),
    sa.UniqueConstraint("conversation_id", "client_id"),
    sa.UniqueConstraint("turn_id", "part"),
    sqlite_autoincrement=True,  # see migration 0014
)

choice = sa.Table(
    "choice",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _conversation_id(index=True),
    sa.Column("message_seq", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
)

turn = sa.Table(
    "turn",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _conversation_id(),
    sa.Column("message_seq", sa.Integer, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("pauses", sa.Integer, nullable=False),
    sa.Column("not_before", Utc),
    sa.Column("lease_until", Utc),
    sa.UniqueConstraint("conversation_id", "message_seq"),
    sa.Index("ix_turn_open", "conversation_id", "message_seq", sqlite_where=sa.text("state IN ('pending', 'running')"),
             postgresql_where=sa.text("state IN ('pending', 'running')")),
    sqlite_autoincrement=True,
)  # fmt: skip

reading = sa.Table(
    "reading",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("message.id"), primary_key=True),
    sa.Column("intent", sa.String(64), nullable=False, index=True),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("ranking", sa.JSON, nullable=False),
    sa.Column("entities", sa.JSON, nullable=False),
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("taken_as", sa.String(64), nullable=False),
    sa.Column("variety", sa.String(16)),
    sa.Index("ix_reading_uncounted", "message_id", sqlite_where=sa.text("variety IS NULL"),
             postgresql_where=sa.text("variety IS NULL")),
)  # fmt: skip
"""A reading without a variety has not been counted by day yet."""

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _conversation_id(),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("asked", sa.String(32)),
    sa.Index("uq_draft_open", "conversation_id", unique=True, sqlite_where=sa.text("state = 'open'"),
             postgresql_where=sa.text("state = 'open'")),
)  # fmt: skip

draft_slot = sa.Table(
    "draft_slot",
    metadata,
    sa.Column("draft_id", sa.String(32), sa.ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("slot", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text),
    sa.Column("typed", sa.Text),
    sa.Column("skipped", sa.Boolean, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

complaint = sa.Table(
    "complaint",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", sa.String(24), nullable=False, unique=True),
    sa.Column("draft_id", sa.String(32), sa.ForeignKey("draft.id"), nullable=False, unique=True),
    _conversation_id(index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("order_number", sa.Text),
    sa.Column("purchase_date", sa.Date),
    sa.Column("purchase_date_typed", sa.Text),
    sa.Column("product", sa.Text),
    sa.Column("seller", sa.Text),
    sa.Column("amount", sa.Text),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("remedy", sa.String(32)),
    sa.Column("prior_contact", sa.Text),
    sa.Column("contact", sa.Text, index=True),
    sa.Column("expected", sa.Text),
    sa.Column("affected", sa.Text),
    sa.Column("status", sa.String(24), nullable=False, index=True),
    sa.Column("level", sa.String(24), nullable=False),
    sa.Column("severity", sa.String(24), nullable=False),
    sa.Column("created_at", Utc, nullable=False, index=True),
    sa.Column("due_at", Utc, nullable=False),
    sa.Column("first_answered_at", Utc),
    sa.Column("answer_due_at", Utc, index=True),
    sa.Column("resolve_by", Utc, index=True),
    sa.Column("next_mark_at", Utc, index=True),
    sa.Column("offer", sa.Text),
    sa.Column("offer_accepted", sa.Boolean),
    sa.Column("assignee_id", Id, sa.ForeignKey("staff.id"), index=True),
    sa.Column("closed_at", Utc),
    sa.Column("file_secret", sa.String(43), nullable=False, unique=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(None, "order_number", "kind"),
)

complaint_entry = sa.Table(
    "complaint_entry",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("complaint_id", Id, sa.ForeignKey("complaint.id"), nullable=False, index=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("turn_id", Id, sa.ForeignKey("turn.id")),
    sa.UniqueConstraint("complaint_id", "turn_id", "action"),
)

contact_log = sa.Table(
    "contact_log",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("complaint_id", Id, sa.ForeignKey("complaint.id"), nullable=False, index=True),
    sa.Column("at_typed", sa.Text),
    sa.Column("at", Utc),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("who", sa.Text),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("added_at", Utc, nullable=False),
)

complaint_proof = sa.Table(
    "complaint_proof",
    metadata,
    _conversation_id(primary_key=True),
    sa.Column("complaint_id", Id, sa.ForeignKey("complaint.id"), primary_key=True),
    sa.Column("at", Utc, nullable=False),
)

failed_proof = sa.Table(
    "failed_proof",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _conversation_id(),
    sa.Column("number", sa.Text),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "conversation_id", "at"),
    sa.Index(None, "number", "at"),
)

evidence_file = sa.Table(
    "evidence_file",
    metadata,
    sa.Column("id", sa.String(48), primary_key=True),
    _conversation_id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("message_seq", sa.Integer),
    sa.Column("complaint_id", Id, sa.ForeignKey("complaint.id"), index=True),
    sa.Index(None, "conversation_id", "complaint_id"),
)

request = sa.Table(
    "request",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    _conversation_id(index=True),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("created_at", Utc, nullable=False, index=True),
    sa.Column("turn_id", Id, sa.ForeignKey("turn.id")),
    sa.UniqueConstraint("turn_id", "kind"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("topic", sa.String(64), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("done_at", Utc),
    sqlite_autoincrement=True,
)
