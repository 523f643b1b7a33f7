"""Files that shoppers show."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.String(48), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("message_seq", sa.Integer(), nullable=True),
        sa.Column("complaint_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_evidence_file_complaint_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_evidence_file_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    op.create_index(op.f("ix_evidence_file_complaint_id"), "evidence_file", ["complaint_id"])
    op.create_index(
        op.f("ix_evidence_file_conversation_id_complaint_id"), "evidence_file", ["conversation_id", "complaint_id"]
    )


def downgrade() -> None:
    """The files themselves stay on the disk."""
    op.drop_table("evidence_file")
