"""Writers that run as processes of their own. Each says what it was acknowledged, one line a message."""

import itertools
import multiprocessing
import os
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext

import sqlalchemy as sa

import bot.store.engine
from bot.language.search import search_form
from bot.services.chat import Chat, Incoming
from bot.store.engine import open_engine
from bot.store.mapping import map_domain
from bot.store.unit_of_work import Store

map_domain()
sa.orm.configure_mappers()  # once, in the process that is forked


@cache
def processes() -> ForkServerContext:
    """Return what starts writers: forks of one process that has imported all this and has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def write(url: str, conversation_id: str, prefix: str, count: int) -> None:
    """Say `count` things in a conversation; the process ends with 1 where one of them is refused.

    SQLite lets waiting writers in by chance, and on a busy machine one may wait longer than a shopper would. A deferred
    transaction that turns into a writer is refused at once, however long it was willing to wait.
    """
    bot.store.engine.BUSY_TIMEOUT_MS = 60_000
    for acknowledged in _said(url, conversation_id, prefix, count):
        assert acknowledged


def write_until_killed(url: str, conversation_id: str, prefix: str, acknowledgements: Connection) -> None:
    for client_id in _said(url, conversation_id, prefix, 1_000_000):
        acknowledgements.send(client_id)


def _said(url: str, conversation_id: str, prefix: str, count: int) -> "itertools.chain[str]":
    chat = Chat(Store(open_engine(url), search_form), lambda: datetime.now(UTC), "a secret of the tests")

    def say(number: int) -> str:
        client_id = f"{prefix}-{number}-{os.getpid()}"
        _, new = chat.receive(conversation_id, Incoming(client_id, f"رسالة {number}"))
        assert new
        return client_id

    return itertools.chain(map(say, range(count)))
