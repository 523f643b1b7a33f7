"""Checks the promises of the store after a run: plain functions over its SQLite file, each naming what it found broken.

What a promise needs from the other side (what clients were told, what was logged) comes in as an argument.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from bot.settings import ROOT
from tests.system.running import Acknowledged

NUMBER = re.compile(r"SH-\d{5}-\d{5}-\d{4}")
TYPED_WORD = re.compile(r"[\w.+-]+@[\w.-]+|[^\W\d_A-Za-z]{4,}|\d[\d-]{6,}\d")
"""What would be known again in a log: addresses, long numbers, longer words. Latin ones are those of our own logs, too."""
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
OUTBOX_MAY_WAIT = timedelta(seconds=120)

Problems = list[str]


def audit(store: Path, acknowledged: Iterable[Acknowledged], now: datetime | None = None) -> Problems:
    """Return every broken promise in the store as a sentence; an empty list is what one hopes for."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [
            *acknowledged_and_not_stored_once(db, acknowledged),
            *gaps_in_numbers(db),
            *drafts_filed_twice(db),
            *numbers_without_a_complaint(db),
            *replies_given_twice(db),
            *replies_over_an_agent(db),
            *success_without_a_complaint(db),
            *events_left_in_the_outbox(db, now or datetime.now(UTC)),
        ]


def acknowledged_and_not_stored_once(db: sqlite3.Connection, acknowledged: Iterable[Acknowledged]) -> Problems:
    problems = []
    for told in acknowledged:
        rows = db.execute("SELECT seq, text FROM message WHERE client_id = ?", (told.client_id,)).fetchall()
        if len(rows) != 1:
            problems.append(f"the acknowledged message {told.client_id} is stored {len(rows)} times")
        elif told.text not in (None, rows[0]["text"]) or told.seq not in (None, rows[0]["seq"]):
            problems.append(f"the acknowledged message {told.client_id} is stored as another than its sender was told")
    return problems


def gaps_in_numbers(db: sqlite3.Connection) -> Problems:
    """The messages of a conversation are numbered 1, 2, 3 … up to what the conversation says."""
    held: dict[str, list[int]] = defaultdict(list)
    for row in db.execute("SELECT conversation_id, seq FROM message ORDER BY seq"):
        held[row["conversation_id"]].append(row["seq"])
    return [
        f"conversation {row['id']} counts {row['last_seq']} messages and holds numbers {held[row['id']]}"
        for row in db.execute("SELECT id, last_seq FROM conversation")
        if held[row["id"]] != list(range(1, row["last_seq"] + 1))
    ]


def drafts_filed_twice(db: sqlite3.Connection) -> Problems:
    query = "SELECT draft_id, count(*) AS times FROM complaint GROUP BY draft_id HAVING times > 1"
    return [f"draft {row['draft_id']} became {row['times']} complaints" for row in db.execute(query)]


def numbers_without_a_complaint(db: sqlite3.Connection) -> Problems:
    """A number that was shown is that of a complaint, filed in the same conversation."""
    filed = {(row["conversation_id"], row["number"]) for row in db.execute("SELECT conversation_id, number FROM complaint")}
    return [
        f"{number} was shown in conversation {row['conversation_id']} and no such complaint was filed there"
        for row in _said(db)
        for number in sorted({*NUMBER.findall(row["text"]), *_told(row)})
        if (row["conversation_id"], number) not in filed
    ]


def replies_given_twice(db: sqlite3.Connection) -> Problems:
    query = """SELECT turn_id, part, count(*) AS times FROM message WHERE turn_id IS NOT NULL
               GROUP BY turn_id, part HAVING times > 1"""
    return [f"part {row['part']} of turn {row['turn_id']} was said {row['times']} times" for row in db.execute(query)]


def replies_over_an_agent(db: sqlite3.Connection) -> Problems:
    """From the notice that an agent has come to the one that they have gone, the bot says nothing."""
    held: dict[str, bool] = defaultdict(bool)
    problems = []
    query = """SELECT conversation_id, seq, sender, custom FROM message WHERE sender IN ('bot', 'system')
               ORDER BY conversation_id, seq"""
    for row in db.execute(query):
        notice = json.loads(row["custom"] or "{}").get("notice")
        if notice == "agent_joined":
            held[row["conversation_id"]] = True
        elif notice in ("handed_back", "closed", "back_in_queue"):
            held[row["conversation_id"]] = False
        elif row["sender"] == "bot" and held[row["conversation_id"]]:
            problems.append(f"the bot spoke over an agent in conversation {row['conversation_id']} (message {row['seq']})")
    return problems


def success_without_a_complaint(db: sqlite3.Connection) -> Problems:
    """Whoever was told that a complaint is filed has one, filed no later than it was said."""
    words = success_words()
    query = "SELECT count(*) FROM complaint WHERE conversation_id = ? AND created_at <= ?"
    return [
        f"conversation {row['conversation_id']} was told of a success that did not happen (message {row['seq']})"
        for row in _said(db)
        if any(word in row["text"] for word in words)
        and not db.execute(query, (row["conversation_id"], row["created_at"])).fetchone()[0]
    ]


def events_left_in_the_outbox(db: sqlite3.Connection, now: datetime) -> Problems:
    """Events are published within two minutes."""
    waiting = db.execute("SELECT id, created_at FROM outbox WHERE done_at IS NULL").fetchall()
    return [
        f"event {row['id']} has waited since {row['created_at']}"
        for row in waiting
        if now - datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC) > OUTBOX_MAY_WAIT
    ]


def typed_words_in(store: Path, logs: str) -> Problems:
    """Name the words shoppers typed, in any conversation, that stand in `logs`, as they are or escaped as in JSON."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        typed = " ".join(text for (text,) in db.execute("SELECT text FROM message WHERE sender = 'shopper'"))
    logged = set(TYPED_WORD.findall(ESCAPED.sub(lambda code: chr(int(code[1], 16)), logs)))
    return sorted(f"a shopper's word was logged: {word}" for word in set(TYPED_WORD.findall(typed)) & logged)


def success_words() -> list[str]:
    """Return how the bot begins to say that a complaint is filed, from the domain."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["responses"]
    openings = [variant["text"].split("{")[0].strip() for variant in responses["utter_filed"]]
    assert all(len(opening) > 8 for opening in openings), openings
    return openings


def _said(db: sqlite3.Connection) -> list[sqlite3.Row]:
    query = "SELECT conversation_id, seq, text, custom, created_at FROM message WHERE sender IN ('bot', 'system', 'agent')"
    return db.execute(query).fetchall()


def _told(row: sqlite3.Row) -> list[str]:
    number = json.loads(row["custom"] or "{}").get("complaint_number")
    return [number] if number else []
