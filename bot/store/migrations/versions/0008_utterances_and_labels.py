"""Distinct utterances, where they were said, and what analysts decided about them."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_utterances()
    op.create_table(
        "label_decision",
        sa.Column("id", Id, nullable=False),
        sa.Column("utterance_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("label", sa.String(64), nullable=True),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_label_decision_user_id")),
        sa.ForeignKeyConstraint(["utterance_id"], ["utterance.id"], name=op.f("fk_label_decision_utterance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_decision")),
    )
    op.create_index(op.f("ix_label_decision_user_id"), "label_decision", ["user_id"])
    op.create_index(op.f("ix_label_decision_utterance_id"), "label_decision", ["utterance_id"])
    op.create_table(
        "utterance_seen",
        sa.Column("utterance_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_utterance_seen_message_id")),
        sa.ForeignKeyConstraint(["utterance_id"], ["utterance.id"], name=op.f("fk_utterance_seen_utterance_id")),
        sa.PrimaryKeyConstraint("utterance_id", "message_id", name=op.f("pk_utterance_seen")),
    )
    op.create_index(op.f("ix_utterance_seen_message_id"), "utterance_seen", ["message_id"])


def _add_utterances() -> None:
    op.create_table(
        "utterance",
        sa.Column("id", Id, nullable=False),
        sa.Column("folded_hash", sa.String(40), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("ranking", sa.JSON(), nullable=False),
        sa.Column("first_seen", Utc, nullable=False),
        sa.Column("last_seen", Utc, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("suggestion", sa.String(64), nullable=True),
        sa.Column("badly_rated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("label", sa.String(64), nullable=True),
        sa.Column("entities", sa.JSON(), nullable=False),
        sa.Column("labelled_by", Id, nullable=True),
        sa.Column("labelled_at", Utc, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["labelled_by"], ["staff.id"], name=op.f("fk_utterance_labelled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_utterance")),
        sa.UniqueConstraint("folded_hash", name=op.f("uq_utterance_folded_hash")),
    )
    op.create_index("ix_utterance_inbox", "utterance", ["state", "priority", "count", "id"])
    op.create_index("ix_utterance_label", "utterance", ["state", "label", "id"])


def downgrade() -> None:
    for table in ("utterance_seen", "label_decision", "utterance"):
        op.drop_table(table)
