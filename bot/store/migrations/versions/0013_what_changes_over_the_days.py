"""Readings counted by day, words that are new, the variety of what was said, and what a candidate reads along."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNCOUNTED = sa.text("variety IS NULL")


def upgrade() -> None:
    op.add_column("reading", sa.Column("variety", sa.String(16), nullable=True))
    op.create_index("ix_reading_uncounted", "reading", ["message_id"], sqlite_where=UNCOUNTED, postgresql_where=UNCOUNTED)
    op.add_column("utterance", sa.Column("variety", sa.String(16), nullable=True))
    op.create_table(
        "reading_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("variety", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("with_new_words", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "model", "intent", "variety", name=op.f("pk_reading_day")),
    )
    op.create_table(
        "new_word",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("utterance_id", Id, nullable=False),
        sa.Column("variety", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["utterance_id"], ["utterance.id"], name=op.f("fk_new_word_utterance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "word", "utterance_id", name=op.f("pk_new_word")),
    )
    op.create_index(op.f("ix_new_word_utterance_id"), "new_word", ["utterance_id"])
    _add_shadow()


def _add_shadow() -> None:
    op.create_table(
        "shadow_switch",
        sa.Column("id", Id, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("after_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_switch")),
    )
    op.create_table(
        "shadow_reading",
        sa.Column("message_id", Id, nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_shadow_reading_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "model", name=op.f("pk_shadow_reading")),
    )
    op.create_index(op.f("ix_shadow_reading_model_message_id"), "shadow_reading", ["model", "message_id"])


def downgrade() -> None:
    for table in ("shadow_reading", "shadow_switch", "new_word"):
        op.drop_table(table)
    op.drop_table("reading_day")
    op.drop_column("utterance", "variety")
    op.drop_index("ix_reading_uncounted", "reading")
    op.drop_column("reading", "variety")
