"""The tables of privacy: who saw what, and what of an erasure is still to be swept up."""

import sqlalchemy as sa

from bot.store.tables import Id, Utc, metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("user_id", Id, sa.ForeignKey("staff.id")),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("action", sa.String(24), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index(None, "by", "at"),
    sa.Index(None, "subject", "at"),
)

unswept = sa.Table(
    "unswept",
    metadata,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("at", Utc, nullable=False),
)
