"""The tables of those who work with Shakwa: users, handoffs, notes, canned replies, saved views, letters."""

import sqlalchemy as sa

from bot.store.tables import Id, Utc, metadata


def _conversation_id(**options: object) -> "sa.Column[str]":
    return sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversation.id"), **options)  # type: ignore[arg-type]


def _user_id(name: str, **options: object) -> "sa.Column[int]":
    return sa.Column(name, Id, sa.ForeignKey("staff.id"), **options)  # type: ignore[arg-type]


user = sa.Table(
    "staff",  # `user` is a reserved word of SQL
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("one_time", sa.Boolean, nullable=False),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("disabled_at", Utc),
    sa.Column("signed_in_at", Utc),
)

user_session = sa.Table(
    "staff_session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    _user_id("user_id", nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
)

failed_sign_in = sa.Table(
    "failed_sign_in",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.String(128), nullable=False),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Index(None, "key", "at"),
)

handoff = sa.Table(
    "handoff",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _conversation_id(nullable=False, index=True),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("asked_at", Utc, nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("severity", sa.String(24), nullable=False),
    _user_id("agent_id"),
    sa.Column("claimed_at", Utc),
    sa.Column("answered_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("outcome", sa.String(16)),
    sa.Column("returns", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("uq_handoff_open", "conversation_id", unique=True, sqlite_where=sa.text("state != 'ended'"),
             postgresql_where=sa.text("state != 'ended'")),
    sa.Index("ix_handoff_open", "state", sqlite_where=sa.text("state != 'ended'"),
             postgresql_where=sa.text("state != 'ended'")),
)  # fmt: skip

note = sa.Table(
    "note",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _conversation_id(nullable=False, index=True),
    _user_id("author_id", nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
)

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("note_id", Id, sa.ForeignKey("note.id"), primary_key=True),
    _user_id("user_id", primary_key=True),
    sa.Column("seen_at", Utc),
    sa.Index(None, "user_id", "seen_at"),
)

canned_reply = sa.Table(
    "canned_reply",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _user_id("owner_id"),
    sa.Column("shortcut", sa.String(32), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.UniqueConstraint("owner_id", "shortcut"),
)

saved_view = sa.Table(
    "saved_view",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _user_id("owner_id", nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.JSON, nullable=False),
    sa.UniqueConstraint("owner_id", "name"),
)

letter = sa.Table(
    "letter",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("not_before", Utc),
    sa.Column("sent_at", Utc),
    sa.Column("error", sa.Text),
    sa.Index("ix_letter_waiting", "not_before", sqlite_where=sa.text("sent_at IS NULL"),
             postgresql_where=sa.text("sent_at IS NULL")),
)  # fmt: skip
