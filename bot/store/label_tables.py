"""The tables of analysts: distinct utterances, where they were said, and what was decided about them."""

import sqlalchemy as sa

from bot.store.tables import Id, Utc, metadata

utterance = sa.Table(
    "utterance",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("folded_hash", sa.String(40), nullable=False, unique=True),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("intent", sa.String(64), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("ranking", sa.JSON, nullable=False),
    sa.Column("first_seen", Utc, nullable=False),
    sa.Column("last_seen", Utc, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("suggestion", sa.String(64)),
    sa.Column("badly_rated", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("label", sa.String(64)),
    sa.Column("entities", sa.JSON, nullable=False),
    sa.Column("labelled_by", Id, sa.ForeignKey("staff.id")),
    sa.Column("labelled_at", Utc),
    sa.Column("variety", sa.String(16)),
    sa.Column("version", sa.Integer, nullable=False),
    # Its last two columns only say which rows fit: without them every row of a state is fetched to be counted.
    sa.Index("ix_utterance_inbox", "state", "priority", "count", "id", "intent", "last_seen"),
    sa.Index("ix_utterance_label", "state", "label", "id"),
)

seen = sa.Table(
    "utterance_seen",
    metadata,
    sa.Column("utterance_id", Id, sa.ForeignKey("utterance.id"), primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("message.id"), primary_key=True),
    sa.Index(None, "message_id"),
)

decision = sa.Table(
    "label_decision",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("utterance_id", Id, sa.ForeignKey("utterance.id"), nullable=False, index=True),
    sa.Column("user_id", Id, sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("label", sa.String(64)),
    sa.Column("entities", sa.JSON, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
)
