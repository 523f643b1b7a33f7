"""Finding complaints and messages by their words, however they are spelled."""

from alembic import op

from bot.store.search import create, drop

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(op.get_bind())


def downgrade() -> None:
    drop(op.get_bind())
