"""Who works with Shakwa: users, handoffs, notes, canned replies, saved views, letters, and the clocks of complaints."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("customer", sa.String(128), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversation_customer"), ["customer"])
    op.create_index(op.f("ix_complaint_contact"), "complaint", ["contact"])
    _add_users()
    _add_handoffs()
    _add_notes()
    _add_desk()
    _add_clocks()
    _wind_clocks()


def _add_users() -> None:
    op.create_table(
        "failed_sign_in",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_in")),
    )
    op.create_index(op.f("ix_failed_sign_in_at"), "failed_sign_in", ["at"], unique=False)
    op.create_index(op.f("ix_failed_sign_in_key_at"), "failed_sign_in", ["key", "at"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", Id, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", Utc, nullable=True),
        sa.Column("signed_in_at", Utc, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("seen_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_staff_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_user_id"), "staff_session", ["user_id"], unique=False)


def _add_handoffs() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=24), nullable=False),
        sa.Column("agent_id", Id, nullable=True),
        sa.Column("claimed_at", Utc, nullable=True),
        sa.Column("answered_at", Utc, nullable=True),
        sa.Column("ended_at", Utc, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_handoff_agent_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_handoff_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
    )
    op.create_index(op.f("ix_handoff_asked_at"), "handoff", ["asked_at"], unique=False)
    op.create_index(op.f("ix_handoff_conversation_id"), "handoff", ["conversation_id"], unique=False)
    op.create_index(
        "ix_handoff_open",
        "handoff",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state != 'ended'"),
        postgresql_where=sa.text("state != 'ended'"),
    )
    op.create_index(
        "uq_handoff_open",
        "handoff",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("state != 'ended'"),
        postgresql_where=sa.text("state != 'ended'"),
    )


def _add_notes() -> None:
    op.create_table(
        "note",
        sa.Column("id", Id, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_note_author_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_note_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_conversation_id"), "note", ["conversation_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("note_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("seen_at", Utc, nullable=True),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_mention_note_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_mention_user_id")),
        sa.PrimaryKeyConstraint("note_id", "user_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_user_id_seen_at"), "mention", ["user_id", "seen_at"], unique=False)


def _add_desk() -> None:
    op.create_table(
        "letter",
        sa.Column("id", Id, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", Utc, nullable=True),
        sa.Column("sent_at", Utc, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index(
        "ix_letter_waiting",
        "letter",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "canned_reply",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=True),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_canned_reply_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
        sa.UniqueConstraint("owner_id", "shortcut", name=op.f("uq_canned_reply_owner_id_shortcut")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_saved_view_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )


def _add_clocks() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_due_at", Utc, nullable=True))
        batch_op.add_column(sa.Column("resolve_by", Utc, nullable=True))
        batch_op.add_column(sa.Column("next_mark_at", Utc, nullable=True))
        batch_op.add_column(sa.Column("offer", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("offer_accepted", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("assignee_id", Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_complaint_answer_due_at"), ["answer_due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_next_mark_at"), ["next_mark_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_resolve_by"), ["resolve_by"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_complaint_assignee_id"), "staff", ["assignee_id"], ["id"])


def _wind_clocks() -> None:
    """Have the worker look at every open complaint: it winds the clocks of those filed before there were any."""
    settled = "('resolved', 'closed', 'withdrawn')"
    op.execute(f"UPDATE complaint SET next_mark_at = created_at WHERE status NOT IN {settled}")


def downgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_complaint_assignee_id"), type_="foreignkey")
        for column in ("resolve_by", "next_mark_at", "assignee_id", "answer_due_at"):
            batch_op.drop_index(batch_op.f(f"ix_complaint_{column}"))
        for column in ("assignee_id", "offer_accepted", "offer", "next_mark_at", "resolve_by", "answer_due_at"):
            batch_op.drop_column(column)
    for table in ("mention", "staff_session", "saved_view", "note", "handoff", "canned_reply", "staff", "letter"):
        op.drop_table(table)
    op.drop_table("failed_sign_in")
    op.drop_index(op.f("ix_complaint_contact"), "complaint")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_customer"))
        batch_op.drop_column("customer")
