"""How fast lists and search stay as the store grows: fills one with made-up complaints and messages, and measures."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from bot.domain.lists import Breach, ComplaintFilter
from bot.domain.names import Kind, Level, Status
from bot.domain.severity import Severity
from bot.store import tables
from bot.store.unit_of_work import Store

BATCH = 5_000
A_PAGE = 51
MESSAGES_A_TALK = 10
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Measured:
    name: str
    p50: float
    p95: float
    """Milliseconds."""


def fill(store: Store, sentences: Sequence[str], complaints: int, messages: int, done: Callable[[int], object]) -> None:
    """Put so many rows into an empty store, with their search index; `done` hears how many rows each step brought."""
    chance = random.Random(1)
    talks = max(complaints, messages // MESSAGES_A_TALK)
    with store.engine.begin() as connection:
        for table, rows in (
            (tables.conversation, (conversation_row(number) for number in range(talks))),
            (tables.draft, (_draft(number) for number in range(complaints))),
            (tables.complaint, (_complaint(number, sentences, chance) for number in range(complaints))),
            (tables.message, (_message(number, talks, sentences, chance) for number in range(messages))),
        ):
            for some in batches(rows):
                connection.execute(sa.insert(table), some)
                done(len(some))
    _index(store, "complaint_search", tables.complaint, ("number", "order_number", "description"), done)
    _index(store, "message_search", tables.message, ("text",), done)
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text("ANALYZE"))


def measure(store: Store, words: Sequence[str], rounds: int) -> list[Measured]:
    """Return how long each list and search takes; `words` are a common one, a middling one and a rare one."""
    common, middling, rare = words
    before = 1_000
    asked: dict[str, Callable[[Any], Any]] = {
        "list, first page": lambda lists: lists.complaints(ComplaintFilter(), NOW, None, A_PAGE),
        "list, last pages": lambda lists: lists.complaints(ComplaintFilter(), NOW, before, A_PAGE),
        "open ones": lambda lists: lists.complaints(ComplaintFilter(open_only=True), NOW, None, A_PAGE),
        "rare status": lambda lists: lists.complaints(ComplaintFilter(status=(Status.REOPENED,)), NOW, None, A_PAGE),
        "kind and level": lambda lists: lists.complaints(
            ComplaintFilter(kind=(Kind.NO_REPLY,), level=(Level.FORMAL,)), NOW, None, A_PAGE
        ),
        "breached": lambda lists: lists.complaints(ComplaintFilter(breach=Breach.BREACHED), NOW, None, A_PAGE),
        "search, a number": lambda lists: lists.complaints(ComplaintFilter(text="405-0012345"), NOW, None, A_PAGE),
        "search, common word": lambda lists: lists.complaints(ComplaintFilter(text=common), NOW, None, A_PAGE),
        "search, two words": lambda lists: lists.complaints(ComplaintFilter(text=f"{common} {middling}"), NOW, None, A_PAGE),
        "search, none": lambda lists: lists.complaints(ComplaintFilter(text="zzzzqq"), NOW, None, A_PAGE),
        "messages, common word": lambda lists: lists.messages(common, A_PAGE),
        "messages, middling word": lambda lists: lists.messages(middling, A_PAGE),
        "messages, rare word": lambda lists: lists.messages(rare, A_PAGE),
        "messages, two words": lambda lists: lists.messages(f"{common} {rare}", A_PAGE),
    }
    return [timed(name, partial(_asked, store, ask), rounds) for name, ask in asked.items()]


def _asked(store: Store, ask: Callable[[Any], Any]) -> None:
    with store.read() as work:
        ask(work.lists)


def timed(name: str, ask: Callable[[], object], rounds: int) -> Measured:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(times, n=20, method="inclusive")
    return Measured(name, cuts[9], cuts[18])


def _index(store: Store, index: str, table: sa.Table, columns: Sequence[str], done: Callable[[int], object]) -> None:
    key = "id" if store.engine.dialect.name == "postgresql" else "rowid"
    put = sa.text(f"INSERT INTO {index} ({key}, words) VALUES (:id, :words)")
    with store.engine.begin() as connection:
        rows = connection.execute(sa.select(table.c.id, *(table.c[name] for name in columns)))
        for some in batches(rows):
            words = [{"id": row[0], "words": store.search_form(" ".join(filter(None, row[1:])))} for row in some]
            connection.execute(put, words)
            done(len(some))


def batches(rows: Any) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while some := list(islice(waiting, BATCH)):
        yield some


def conversation_row(number: int) -> dict[str, Any]:
    return {
        "id": f"{number:032x}", "channel": "widget", "sender_key": f"s{number}", "token_hash": f"t{number}",
        "created_at": NOW, "holder": "bot", "version": 0, "last_seq": MESSAGES_A_TALK, "delivered_seq": 0,
        "told_kept": False, "known": {}, "customer": None,
    }  # fmt: skip


def _draft(number: int) -> dict[str, Any]:
    key = f"{number:032x}"
    return {"id": key, "conversation_id": key, "created_at": NOW, "state": "filed", "version": 1, "asked": None}


def _complaint(number: int, sentences: Sequence[str], chance: random.Random) -> dict[str, Any]:
    filed = NOW - timedelta(minutes=number % 500_000)
    weights = (4, 10, 5, 3, 30, 40, 5, 1)
    status = chance.choices(list(Status), weights)[0]
    is_open = status not in (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN)
    due = filed + timedelta(hours=48) if is_open else None
    return {
        "id": number + 1, "number": f"SH-{number:05d}-{chance.randrange(100_000):05d}-{chance.randrange(10_000):04d}",
        "draft_id": f"{number:032x}", "conversation_id": f"{number:032x}", "kind": chance.choice(list(Kind)),
        "order_number": f"405-{number:07d}-{chance.randrange(10_000_000):07d}", "description": chance.choice(sentences),
        "status": status, "level": chance.choices(list(Level), (90, 7, 2, 1))[0], "severity": chance.choice(list(Severity)),
        "created_at": filed, "due_at": filed + timedelta(hours=48), "answer_due_at": due, "resolve_by": due,
        "file_secret": f"secret-{number}", "version": 1,
    }  # fmt: skip


def _message(number: int, talks: int, sentences: Sequence[str], chance: random.Random) -> dict[str, Any]:
    return {
        "id": number + 1, "conversation_id": f"{number % talks:032x}", "seq": number // talks + 1,
        "sender": "shopper" if number % 2 else "agent", "text": chance.choice(sentences), "created_at": NOW,
        "buttons": [], "custom": {},
    }  # fmt: skip
