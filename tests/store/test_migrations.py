"""The migrations lead from nothing to exactly the tables of `bot.store.tables`, and back to nothing."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store import tables
from bot.store.mapping import map_domain
from bot.store.schema import config_for, is_current, migrate
from bot.store.unit_of_work import Store


def differences(database: sa.Engine) -> list[Any]:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, tables.metadata))


def test_migrating_from_nothing_makes_the_tables_as_they_are_described(database: sa.Engine) -> None:
    assert differences(database) != []
    migrate(database)
    assert differences(database) == []


def test_the_comparison_sees_a_column_an_index_and_a_unique_key_that_are_missing(database: sa.Engine) -> None:
    migrate(database)
    with database.begin() as connection:
        connection.execute(sa.text("DROP INDEX ix_reading_intent"))
        connection.execute(sa.text("ALTER TABLE outbox DROP COLUMN done_at"))
    assert {str(difference[0]) for difference in differences(database)} == {"add_index", "add_column"}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_comparison_sees_a_column_of_another_length_also_where_it_holds_a_name(database: sa.Engine) -> None:
    map_domain()
    migrate(database)
    with database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE turn ALTER COLUMN state TYPE varchar(8)"))
    [[difference]] = differences(database)
    assert difference[:4] == ("modify_type", None, "turn", "state")


def test_migrating_again_changes_nothing(database: sa.Engine) -> None:
    migrate(database)
    with database.begin() as connection:
        connection.execute(sa.insert(tables.outbox).values(topic="t", payload={}, created_at=sa.func.now()))
    migrate(database)
    with database.connect() as connection:
        assert connection.scalar(sa.select(tables.outbox.c.topic)) == "t"


def test_migrating_back_leaves_nothing_but_alembics_own_table(database: sa.Engine) -> None:
    migrate(database)
    command.downgrade(config_for(database), "base")
    assert sa.inspect(database).get_table_names() == ["alembic_version"]
    migrate(database)
    assert differences(database) == []


def test_a_database_is_current_after_its_migration_and_not_before(database: sa.Engine) -> None:
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    command.downgrade(config_for(database), "base")
    assert not is_current(database)


def test_a_database_of_another_version_is_not_current(database: sa.Engine) -> None:
    migrate(database)
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(database)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("message", ["conversation_id", "client_id"]),
        ("message", ["conversation_id", "seq"]),
        ("message", ["turn_id", "part"]),
        ("turn", ["conversation_id", "message_seq"]),
        ("complaint", ["draft_id"]),
        ("complaint", ["number"]),
        ("conversation", ["sender_key"]),
        ("conversation", ["token_hash"]),
    ],
)
def test_the_promises_of_the_store_are_unique_keys(store: Store, table: str, columns: list[str]) -> None:
    keys = sa.inspect(store.engine).get_unique_constraints(table)
    assert columns in [key["column_names"] for key in keys]
