"""The life of a complaint: levels, contacts had elsewhere, its file, who proved what, and requests beside it."""

import secrets

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_columns()
    _fill()
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.alter_column("severity", existing_type=sa.String(length=24), nullable=False)
        batch_op.alter_column("file_secret", existing_type=sa.String(length=43), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_complaint_file_secret"), ["file_secret"])
        batch_op.drop_index(batch_op.f("ix_complaint_order_number"))
        batch_op.create_index(batch_op.f("ix_complaint_order_number_kind"), ["order_number", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_status"), ["status"], unique=False)
    with op.batch_alter_table("complaint_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn_id", Id, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_complaint_entry_turn_id"), "turn", ["turn_id"], ["id"])
        batch_op.create_unique_constraint(
            batch_op.f("uq_complaint_entry_complaint_id_turn_id_action"), ["complaint_id", "turn_id", "action"]
        )
    _create_tables()


def downgrade() -> None:
    """Drafts that are paused or merged, which the older code does not know, become abandoned ones."""
    for table in ("request", "failed_proof", "complaint_proof", "contact_log"):
        op.drop_table(table)
    op.execute("UPDATE draft SET state = 'abandoned' WHERE state IN ('paused', 'merged')")
    with op.batch_alter_table("complaint_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_complaint_entry_complaint_id_turn_id_action"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_complaint_entry_turn_id"), type_="foreignkey")
        batch_op.drop_column("turn_id")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_status"))
        batch_op.drop_index(batch_op.f("ix_complaint_order_number_kind"))
        batch_op.create_index(batch_op.f("ix_complaint_order_number"), ["order_number"], unique=False)
        batch_op.drop_constraint(batch_op.f("uq_complaint_file_secret"), type_="unique")
        for column in ("file_secret", "closed_at", "first_answered_at", "severity", "affected", "expected"):
            batch_op.drop_column(column)


def _add_columns() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expected", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("affected", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("severity", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("first_answered_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", Utc(), nullable=True))
        batch_op.add_column(sa.Column("file_secret", sa.String(length=43), nullable=True))


def _fill() -> None:
    """Give the complaints there are a severity and a secret each."""
    complaint = sa.table("complaint", sa.column("id"), sa.column("severity"), sa.column("file_secret"))
    connection = op.get_bind()
    for (complaint_id,) in connection.execute(sa.select(complaint.c.id)).all():
        given = {"severity": "normal", "file_secret": secrets.token_urlsafe(24)}
        connection.execute(sa.update(complaint).where(complaint.c.id == complaint_id).values(**given))


def _create_tables() -> None:
    _create_contact_log()
    _create_proofs()
    _create_request()


def _create_contact_log() -> None:
    op.create_table(
        "contact_log",
        sa.Column("id", Id, nullable=False),
        sa.Column("complaint_id", Id, nullable=False),
        sa.Column("at_typed", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("added_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_contact_log_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_log")),
    )
    op.create_index(op.f("ix_contact_log_complaint_id"), "contact_log", ["complaint_id"], unique=False)


def _create_proofs() -> None:
    op.create_table(
        "complaint_proof",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_complaint_proof_conversation_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_proof_complaint_id")),
        sa.PrimaryKeyConstraint("conversation_id", "complaint_id", name=op.f("pk_complaint_proof")),
    )
    op.create_table(
        "failed_proof",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_failed_proof_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_proof")),
    )
    op.create_index(op.f("ix_failed_proof_conversation_id_at"), "failed_proof", ["conversation_id", "at"], unique=False)


def _create_request() -> None:
    op.create_table(
        "request",
        sa.Column("id", Id, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("turn_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_request_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], name=op.f("fk_request_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_request_reference")),
        sa.UniqueConstraint("turn_id", "kind", name=op.f("uq_request_turn_id_kind")),
    )
    op.create_index(op.f("ix_request_conversation_id"), "request", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_request_created_at"), "request", ["created_at"], unique=False)
