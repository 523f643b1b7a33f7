"""The runs that train and compare models."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("train", sa.Boolean(), nullable=False),
        sa.Column("replay", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("under_way", sa.Boolean(), nullable=True),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("started_at", Utc, nullable=True),
        sa.Column("ended_at", Utc, nullable=True),
        sa.Column("trained_in", sa.Float(), nullable=True),
        sa.Column("candidate", sa.String(128), nullable=False),
        sa.Column("failure", sa.String(64), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_model_run_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_run")),
        sa.UniqueConstraint("under_way", name=op.f("uq_model_run_under_way")),
    )


def downgrade() -> None:
    op.drop_table("model_run")
