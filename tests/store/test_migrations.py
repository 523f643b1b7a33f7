"""The migrations lead from nothing to exactly the tables of `bot.store.tables`, and back to nothing."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.domain.shop import Shop
from bot.language.search import search_form
from bot.services.words import Words
from bot.store import search, tables
from bot.store.mapping import map_domain
from bot.store.schema import config_for, is_current, migrate
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.store.filled import Rows, fill, rows_of


def differences(database: sa.Engine) -> list[Any]:
    with database.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_name": search.is_described}
        context = MigrationContext.configure(connection, opts=compared)
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


def test_what_was_filed_before_its_life_was_kept_goes_up_and_down_whole(database: sa.Engine) -> None:
    command.upgrade(config_for(database), "0001")
    now = "2026-11-22 09:00:00"
    rows = {
        "conversation": {"id": "c", "channel": "widget", "sender_key": "s", "token_hash": "h", "created_at": now},
        "draft": {"id": "d", "conversation_id": "c", "created_at": now, "state": "filed"},
        "complaint": {"id": 1, "number": "SH-1", "draft_id": "d", "conversation_id": "c", "kind": "wrong_item",
                      "description": "غير ما طلبت", "status": "submitted", "level": "first_line", "created_at": now,
                      "due_at": now},
        "complaint_entry": {"id": 1, "complaint_id": 1, "at": now, "actor": "shopper", "action": "filed", "detail": "{}"},
    }  # fmt: skip
    for table, row in rows.items():
        insert_old(database, table, row)
    migrate(database)
    with database.connect() as connection:
        filed = connection.execute(sa.text("SELECT number, severity, file_secret FROM complaint")).one()
    assert (filed.number, filed.severity) == ("SH-1", "normal")
    assert len(filed.file_secret) == 32
    command.downgrade(config_for(database), "0001")
    for table in rows:
        with database.connect() as connection:
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 1


def steps(database: sa.Engine) -> list[str]:
    """Return the revisions, the newest first."""
    return [one.revision for one in ScriptDirectory.from_config(config_for(database)).walk_revisions()]


def lost(before: Rows, after: Rows) -> list[str]:
    """Name each row, and each value of a column that both have, that is not as it was."""
    return [
        f"{table} {key}"
        for table in before.keys() & after.keys()
        for key, row in before[table].items()
        if key not in after[table] or any(row[name] != value for name, value in after[table][key].items() if name in row)
    ]


TOLD_OTHERWISE = {"draft": "the first code knows no draft that is paused or merged"}
"""Tables whose rows an older schema cannot hold as they are, and why."""


def test_a_filled_store_goes_down_step_by_step_and_up_again_and_loses_nothing_that_a_step_can_hold(
    database: sa.Engine, clock: Clock, shop: Shop, words: Words
) -> None:
    migrate(database)
    fill(Store(database, search_form), clock, shop, words)
    kept = [rows_of(database)]
    assert all(kept[0].values()), "every table holds something"
    *_, base = revisions = steps(database)
    for older in revisions[1:]:
        command.downgrade(config_for(database), older)
        kept.append(rows_of(database))
        assert set(kept[-1]) <= set(kept[-2])
        assert [one for one in lost(kept[-2], kept[-1]) if one.split()[0] not in TOLD_OTHERWISE] == []
    assert kept[-1]["complaint"], "what the first schema holds is still there"
    assert base == revisions[-1]
    for newer in reversed(revisions[:-1]):
        before = rows_of(database)
        command.upgrade(config_for(database), newer)
        assert lost(before, rows_of(database)) == []
    assert differences(database) == []
    after = rows_of(database)
    assert {name: len(rows) for name, rows in after.items() if rows} == {name: len(kept[0][name]) for name in kept[-1]}
    with Store(database, search_form).read() as work:
        assert [one.number for one in work.complaints.newest(3)], "the code of today reads it"


def test_that_check_sees_a_row_and_a_value_that_are_gone() -> None:
    before: Rows = {"draft": {("a",): {"id": "a", "state": "open"}, ("b",): {"id": "b", "state": "open"}}}
    assert lost(before, {"draft": {("a",): {"id": "a", "state": "filed"}}}) == ["draft ('a',)", "draft ('b',)"]
    assert lost(before, {"draft": {("a",): {"id": "a"}, ("b",): {"id": "b", "more": 1}}}) == []


def insert_old(database: sa.Engine, table: str, row: dict[str, Any]) -> None:
    """Put a row into a table as it is now; columns that must have a value and are not given get a nought."""
    columns = sa.inspect(database).get_columns(table)
    needed = {c["name"]: 0 for c in columns if not c["nullable"] and c["default"] is None and c["name"] not in row}
    falses = {c["name"]: False for c in columns if isinstance(c["type"], sa.Boolean) and c["name"] in needed}
    values = needed | falses | row
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    with database.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)
