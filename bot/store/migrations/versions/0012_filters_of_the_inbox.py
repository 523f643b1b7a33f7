"""The index of the inbox holds what it is filtered by."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ORDER = ["state", "priority", "count", "id"]


def upgrade() -> None:
    op.drop_index("ix_utterance_inbox", "utterance")
    op.create_index("ix_utterance_inbox", "utterance", [*ORDER, "intent", "last_seen"])


def downgrade() -> None:
    op.drop_index("ix_utterance_inbox", "utterance")
    op.create_index("ix_utterance_inbox", "utterance", ORDER)
