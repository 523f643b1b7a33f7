"""Who sees a shopper's words leaves a line, once in ten minutes; nobody changes one."""

import json

import pytest
import sqlalchemy as sa

from bot.domain.audit import Action
from bot.domain.user import Role, User
from bot.services.audit import Audit
from bot.store.privacy_tables import audit as table
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import a_user, users_of


@pytest.fixture
def audit(store: Store, clock: Clock) -> Audit:
    return Audit(store, clock)


@pytest.fixture
def sara(store: Store, clock: Clock) -> User:
    return a_user(users_of(store, clock))


def told(audit: Audit, **wanted: str) -> list[tuple[str, str, str]]:
    return [(line.by, str(line.action), line.subject) for line in audit.page(**wanted).lines]


def test_looking_again_within_ten_minutes_is_one_look(audit: Audit, sara: User, clock: Clock) -> None:
    for minutes in (0, 9, 1):  # the last of them ten minutes after the first
        clock.turn(minutes=minutes)
        audit.saw(sara, Action.READ, ["one"])
    assert told(audit) == [("sara", "read", "one"), ("sara", "read", "one")]
    [newest, first] = audit.page().lines
    assert (newest.at - first.at).total_seconds() == 600
    assert newest.user_id == sara.id


def test_another_way_another_conversation_and_another_user_are_looks_of_their_own(
    audit: Audit, sara: User, store: Store, clock: Clock
) -> None:
    omar = a_user(users_of(store, clock), Role.ANALYST, "omar", "عمر")
    audit.saw(sara, Action.FOUND, ["one", "two", "one"])
    audit.saw(sara, Action.READ, ["one"], complaint="SH-1")
    audit.saw(omar, Action.SEEN_IN, ["one"])
    assert told(audit) == [
        ("omar", "seen_in", "one"), ("sara", "read", "one"), ("sara", "found", "two"), ("sara", "found", "one"),
    ]  # fmt: skip
    assert told(audit, subject="two") == [("sara", "found", "two")]
    assert told(audit, by="omar") == [("omar", "seen_in", "one")]
    assert audit.page(subject="one", by="sara").lines[0].details == {"complaint": "SH-1"}


def test_looks_at_the_same_moment_are_one_line(audit: Audit, sara: User) -> None:
    assert errors_in(at_once(6, lambda _: audit.saw(sara, Action.READ, ["one"]))) == []
    assert told(audit) == [("sara", "read", "one")]


def test_lines_come_a_page_at_a_time(audit: Audit) -> None:
    for number in range(7):
        audit.note("command line", Action.EXPORTED, f"c-{number}")
    page = audit.page(limit=3)
    assert [line.subject for line in page.lines] == ["c-6", "c-5", "c-4"]
    page = audit.page(before=page.before, limit=3)
    assert [line.subject for line in page.lines] == ["c-3", "c-2", "c-1"]
    page = audit.page(before=page.before, limit=3)
    assert [line.subject for line in page.lines] == ["c-0"]
    assert page.before is None


def test_a_line_is_never_changed(audit: Audit, store: Store) -> None:
    audit.note("command line", Action.ERASED, "one")
    with pytest.raises(sa.exc.DatabaseError, match="never changed"), store.engine.begin() as connection:
        connection.execute(sa.update(table).values(by=json.dumps("nobody")))
    assert told(audit) == [("command line", "erased", "one")]
