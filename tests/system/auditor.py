"""Checks what a run has left behind: the store's promises, and that no word of a shopper's stands in a log."""

import re
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bot.domain.promises import Acknowledged
from bot.engine import promised
from bot.settings import ROOT
from bot.store import auditor
from bot.store.engine import open_engine

TYPED_WORD = re.compile(r"[\w.+-]+@[\w.-]+|[^\W\d_A-Za-z]{4,}|\d[\d-]{6,}\d")
"""What would be known again in a log: addresses, long numbers, longer words. Latin ones are those of our own logs, too."""
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


Problems = list[str]


@cache
def success_words() -> list[str]:
    return promised.success_words(ROOT)


def broken_promises(engine: sa.Engine, acknowledged: Iterable[Acknowledged], now: datetime) -> Problems:
    """Return what can be seen whatever the clocks have shown."""
    with engine.connect() as db:
        return auditor.broken_promises(db, list(acknowledged), now)


def audit(store: Path, acknowledged: Collection[Acknowledged], now: datetime | None = None) -> list[str]:
    """Return every broken promise in a SQLite file as a sentence; an empty list is what one hopes for."""
    engine = open_engine(f"sqlite:///{store}")
    try:
        return auditor.audit(engine, acknowledged, success_words(), now or datetime.now(UTC))
    finally:
        engine.dispose()


def typed_words_in(store: Path, logs: str) -> list[str]:
    """Name the words shoppers typed, in any conversation, that stand in `logs`, as they are or escaped as in JSON."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        typed = " ".join(text for (text,) in db.execute("SELECT text FROM message WHERE sender = 'shopper'"))
    logged = set(TYPED_WORD.findall(ESCAPED.sub(lambda code: chr(int(code[1], 16)), logs)))
    return sorted(f"a shopper's word was logged: {word}" for word in set(TYPED_WORD.findall(typed)) & logged)
