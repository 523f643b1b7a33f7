"""A wrong contact is counted against the complaint's number too: new conversations are no new tries."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("failed_proof", sa.Column("number", sa.Text))
    op.create_index(op.f("ix_failed_proof_number_at"), "failed_proof", ["number", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_failed_proof_number_at"), "failed_proof")
    op.drop_column("failed_proof", "number")
