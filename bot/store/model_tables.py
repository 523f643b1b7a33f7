"""The table of the runs that train and compare models."""

import sqlalchemy as sa

from bot.store.tables import Id, Utc, metadata

model_run = sa.Table(
    "model_run",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
    sa.Column("train", sa.Boolean, nullable=False),
    sa.Column("replay", sa.Integer, nullable=False),
    sa.Column("margin", sa.Float, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("under_way", sa.Boolean, unique=True),
    sa.Column("step", sa.String(32), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("started_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("trained_in", sa.Float),
    sa.Column("candidate", sa.String(128), nullable=False),
    sa.Column("failure", sa.String(64), nullable=False),
    sa.Column("about", sa.JSON, nullable=False),
    sa.Column("cancel_wanted", sa.Boolean, nullable=False),
)
