"""Finding complaints and messages by their words, however they are spelled, and messages by their day."""

from alembic import op

from bot.store.search import create, drop

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(op.get_bind())
    op.create_index(op.f("ix_message_created_at"), "message", ["created_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_message_created_at"), "message")
    drop(op.get_bind())
