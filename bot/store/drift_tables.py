"""The tables of what changes over the days, and of what a candidate makes of the messages the live model answers."""

import sqlalchemy as sa

from bot.store.tables import Id, Utc, metadata

reading_day = sa.Table(
    "reading_day",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("model", sa.String(128), primary_key=True),
    sa.Column("intent", sa.String(64), primary_key=True),
    sa.Column("variety", sa.String(16), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("unsure", sa.Integer, nullable=False),
    sa.Column("with_new_words", sa.Integer, nullable=False),
)

new_word = sa.Table(
    "new_word",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("word", sa.String(40), primary_key=True),
    sa.Column("utterance_id", Id, sa.ForeignKey("utterance.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("variety", sa.String(16), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index(None, "utterance_id"),
)
"""Words stand nowhere but with the utterance they were in, and go with it."""

shadow_switch = sa.Table(
    "shadow_switch",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("after_id", Id, nullable=False),
)
"""Each turn of the switch; the newest holds. `after_id` is the newest message then: what came before is not read."""

shadow_reading = sa.Table(
    "shadow_reading",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("model", sa.String(128), primary_key=True),
    sa.Column("intent", sa.String(64), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("ms", sa.Float, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index(None, "model", "message_id"),
)
