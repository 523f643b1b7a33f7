"""The audit, which takes no change, and what erasures leave to be swept up outside the database."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Id, Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFUSES = """
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'lines of the audit are never changed'; END $$
"""
REFUSED = "CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()"
REFUSED_BY_SQLITE = """
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'lines of the audit are never changed'); END
"""


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("user_id", Id, nullable=True),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_audit_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    for columns in (["at"], ["by", "at"], ["subject", "at"]):
        op.create_index(op.f(f"ix_audit_{'_'.join(columns)}"), "audit", columns)
    op.create_table(
        "unswept",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_unswept")),
    )
    _keep_lines()


def _keep_lines() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSES)
        op.execute(REFUSED)
    else:
        op.execute(REFUSED_BY_SQLITE)


def downgrade() -> None:
    op.drop_table("unswept")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_kept()")
