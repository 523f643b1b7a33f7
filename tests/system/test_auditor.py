"""The auditor is silent over a clean store, and names each broken promise that is planted in one."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.promises import Acknowledged
from bot.engine.promised import success_words
from bot.settings import ROOT
from bot.store.engine import open_engine
from bot.store.schema import migrate
from tests.system.auditor import audit, typed_words_in

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NUMBER = "SH-48210-77301-9154"
TOLD = Acknowledged("client-1", "وصلت مكسورة", 1)

A_FILED_COMPLAINT = f"""
INSERT INTO conversation (id, channel, last_seq) VALUES ('c', 'widget', 3), ('empty', 'widget', 0);
INSERT INTO message (id, conversation_id, seq, sender, text, client_id, turn_id, part, custom, created_at) VALUES
    (1, 'c', 1, 'shopper', 'وصلت مكسورة', 'client-1', NULL, NULL, '{{}}', '2026-11-22 08:59:00.000000'),
    (2, 'c', 2, 'bot', 'وصلت الأولى', NULL, 7, 0, '{{}}', '2026-11-22 08:59:10.000000'),
    (3, 'c', 3, 'bot', '{success_words(ROOT)[0]} {NUMBER}', NULL, 7, 1, '{{"complaint_number": "{NUMBER}"}}',
     '2026-11-22 08:59:10.000000');
INSERT INTO complaint (id, number, draft_id, conversation_id, created_at)
    VALUES (1, '{NUMBER}', 'd', 'c', '2026-11-22 08:59:05.000000');
INSERT INTO outbox (id, topic, created_at, done_at)
    VALUES (1, 'complaint.filed', '2026-11-22 08:59:05.000000', '2026-11-22 09:00:00.000000'),
           (2, 'complaint.filed', '2026-11-22 08:59:30.000000', NULL);
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with the true columns and none of its constraints: what they forbid can be planted."""
    file = tmp_path / "store.db"
    guarded = open_engine(f"sqlite:///{tmp_path / 'guarded.db'}")
    migrate(guarded)
    guarded.dispose()
    with closing(sqlite3.connect(file)) as db:
        db.execute("ATTACH ? AS guarded", (str(tmp_path / "guarded.db"),))
        for table in ("conversation", "turn", "message", "complaint", "outbox"):
            db.execute(f"CREATE TABLE {table} AS SELECT * FROM guarded.{table}")
        db.executescript(A_FILED_COMPLAINT)
        db.commit()
    return file


@pytest.fixture
def db(store: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(store, isolation_level=None)) as db:
        yield db


def test_a_clean_store_is_passed_in_silence(store: Path) -> None:
    assert audit(store, [TOLD, Acknowledged("client-1", "وصلت مكسورة")], NOW) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("DELETE FROM message WHERE seq = 1; UPDATE conversation SET last_seq = 0", "client-1 is stored 0 times"),
        ("INSERT INTO message SELECT * FROM message WHERE seq = 1", "client-1 is stored 2 times"),
        ("UPDATE message SET text = 'وصلت' WHERE seq = 1", "client-1 is stored as another"),
        ("UPDATE message SET seq = 2 WHERE seq = 1", "client-1 is stored as another"),
        ("DELETE FROM message WHERE seq = 2", "counts 3 messages and holds numbers [1, 3]"),
        ("UPDATE message SET seq = 2 WHERE seq = 3", "counts 3 messages and holds numbers [1, 2, 2]"),
        ("UPDATE conversation SET last_seq = 4", "counts 4 messages and holds numbers [1, 2, 3]"),
        ("UPDATE conversation SET last_seq = 0", "counts 0 messages and holds numbers [1, 2, 3]"),
        (
            "INSERT INTO complaint (number, draft_id, conversation_id) VALUES ('SH-2', 'd', 'c')",
            "draft d became 2 complaints",
        ),
        ("DELETE FROM complaint", f"{NUMBER} was shown in conversation c"),
        ("UPDATE complaint SET conversation_id = 'empty'", f"{NUMBER} was shown in conversation c"),
        ("""UPDATE message SET custom = '{"complaint_number": "SH-1"}' WHERE seq = 2""", "SH-1 was shown in conversation c"),
        ("UPDATE message SET part = 0", "part 0 of turn 7 was said 2 times"),
        ("DELETE FROM complaint", "told of a success that did not happen (message 3)"),
        ("UPDATE complaint SET created_at = '2026-11-22 08:59:11'", "told of a success that did not happen (message 3)"),
        ("UPDATE outbox SET created_at = '2026-11-22 08:57:59.000000' WHERE id = 2", "event 2 has waited since"),
    ],
)
def test_every_broken_promise_is_named(store: Path, db: sqlite3.Connection, planted: str, found: str) -> None:
    db.executescript(planted)
    assert any(found in problem for problem in audit(store, [TOLD], NOW))


def test_an_answer_that_comes_after_that_of_a_later_message_is_named(store: Path, db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO turn (id, conversation_id, message_seq) VALUES (7, 'c', 2), (8, 'c', 1)")
    assert audit(store, [TOLD], NOW) == []
    db.execute("UPDATE message SET turn_id = 8 WHERE seq = 3")
    assert audit(store, [TOLD], NOW) == ["I4: message 3 of conversation c is of an older turn"]


def test_an_event_may_wait_for_two_minutes(store: Path) -> None:
    assert audit(store, [TOLD], NOW + timedelta(seconds=90)) == []
    assert audit(store, [TOLD], NOW + timedelta(seconds=91)) == ["I8: event 2 has waited since 2026-11-22T08:59:30+00:00"]


@pytest.mark.parametrize("typed", ["سماعتي مكسورة", "mona.adel@example.com", "رقم 405-1234567-1234567", "0501234567"])
def test_a_typed_word_in_a_log_is_found(store: Path, db: sqlite3.Connection, typed: str) -> None:
    db.execute("UPDATE message SET text = ? WHERE seq = 1", (typed,))
    word = typed.split()[-1]
    logged = f"level='info' event='turn.engine.failed' text='{word}' conversation_id='c'"
    assert typed_words_in(store, logged) == [f"a shopper's word was logged: {word}"]
    assert typed_words_in(store, logged.replace(word, "")) == []


def test_a_word_that_was_logged_as_json_is_found(store: Path) -> None:
    assert typed_words_in(store, json.dumps("مكسورة")) == ["a shopper's word was logged: مكسورة"]


def test_what_the_bot_said_is_not_a_shoppers_word(store: Path) -> None:
    assert typed_words_in(store, "الأولى") == []


def test_a_bot_that_speaks_over_an_agent_is_named(store: Path, db: sqlite3.Connection) -> None:
    db.execute("UPDATE conversation SET last_seq = 7 WHERE id = 'c'")
    for seq, sender, custom in (
        (4, "system", '{"notice": "agent_joined", "agent": "سارة"}'),
        (5, "agent", "{}"),
        (6, "system", '{"notice": "handed_back"}'),
        (7, "bot", "{}"),
    ):
        columns = "id, conversation_id, seq, sender, text, custom, created_at"
        values = (seq, "c", seq, sender, "x", custom, "2026-11-22 08:59:20.000000")
        db.execute(f"INSERT INTO message ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    assert audit(store, [TOLD], NOW) == []
    db.execute("UPDATE message SET sender = 'bot' WHERE seq = 5")
    assert audit(store, [TOLD], NOW) == ["I5: the bot spoke over an agent in conversation c (message 5)"]
