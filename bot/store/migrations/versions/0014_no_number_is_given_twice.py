"""On SQLite the numbers of messages, turns and events are never given again, also where the newest rows were erased.

PostgreSQL's sequences never did. A receiver of events knows by its number one that it has had already, and streams look
for messages after the last number they have seen: both would miss what came under the number of an erased one.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("turn", "message", "outbox")


def upgrade() -> None:
    _rebuild(sqlite_autoincrement=True)


def downgrade() -> None:
    _rebuild()


def _rebuild(**how: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            with op.batch_alter_table(table, recreate="always", table_kwargs=how):
                pass
