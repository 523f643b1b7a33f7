"""The lead is with one process, and with another once that one has ended."""

from pathlib import Path

import sqlalchemy as sa

from bot.store.lead import Lead
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in


def test_one_has_the_lead_and_keeps_it_until_it_ends(store: Store, tmp_path: Path) -> None:
    first, second = Lead(store.engine, tmp_path), Lead(store.engine, tmp_path)
    assert [first.is_mine(), second.is_mine(), first.is_mine()] == [True, False, True]
    first.give_up()
    assert [second.is_mine(), first.is_mine()] == [True, False]
    second.give_up()


def test_of_many_at_once_one_takes_it(store: Store, tmp_path: Path) -> None:
    leads = [Lead(store.engine, tmp_path) for _ in range(8)]
    outcomes = at_once(8, lambda number: leads[number].is_mine())
    assert errors_in(outcomes) == []
    assert sorted(outcomes) == [False] * 7 + [True]
    for lead in leads:
        lead.give_up()


def test_who_loses_the_connection_loses_the_lead(store: Store, tmp_path: Path) -> None:
    if store.engine.dialect.name != "postgresql":
        return  # a file's lock ends with its process alone
    first, second = Lead(store.engine, tmp_path), Lead(store.engine, tmp_path)
    assert first.is_mine()
    assert first._connection is not None
    pid = first._connection.scalar(sa.text("SELECT pg_backend_pid()"))
    with store.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert second.is_mine()
    assert not first.is_mine()
    second.give_up()
