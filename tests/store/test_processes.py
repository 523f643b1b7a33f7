"""Processes that write at once do not fail one another, and a killed one loses nothing that was acknowledged."""

import random
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa

from bot.services.chat import Chat
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import PATIENCE_SECONDS
from tests.store.writer import processes, write, write_until_killed

WRITERS, WRITES, KILLS = 4, 100, 20


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def stored(store: Store) -> list[sa.Row[tuple[str, int]]]:
    """Return (client_id, seq) of every message, by number."""
    message = tables.message.c
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(message.client_id, message.seq).order_by(message.seq)))


def test_four_processes_write_a_hundred_messages_each(store: Store, a_shopper: Callable[[], str]) -> None:
    shopper, url = a_shopper(), url_of(store)
    writers = [processes().Process(target=write, args=(url, shopper, f"w{number}", WRITES)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE_SECONDS * 10)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert [row.seq for row in stored(store)] == list(range(1, WRITERS * WRITES + 1))
    written = Counter(row.client_id.split("-")[0] for row in stored(store))
    assert written == {f"w{number}": WRITES for number in range(WRITERS)}


def test_a_killed_writer_loses_nothing_that_was_acknowledged(chat: Chat, store: Store, a_shopper: Callable[[], str]) -> None:
    shopper, url, seed = a_shopper(), url_of(store), random.randrange(1_000_000)
    draw, acknowledged = random.Random(seed), []
    for number in range(KILLS):
        acknowledged += killed_after(draw.randint(1, 5), draw.random() * 0.005, url, shopper, f"k{number}")
    kept = Counter(row.client_id for row in stored(store))
    assert set(acknowledged) <= set(kept), f"seed {seed}"
    assert max(kept.values()) == 1
    assert [row.seq for row in stored(store)] == list(range(1, len(kept) + 1))
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.turn)) == len(kept)


def killed_after(count: int, pause: float, url: str, shopper: str, prefix: str) -> list[str]:
    """Let a writer write, kill it in the middle of what follows its acknowledgement number `count`, return them all."""
    ours, theirs = processes().Pipe(duplex=False)
    writer = processes().Process(target=write_until_killed, args=(url, shopper, prefix, theirs))
    writer.start()
    theirs.close()
    acknowledged = []
    while len(acknowledged) < count:
        assert ours.poll(PATIENCE_SECONDS)
        acknowledged.append(ours.recv())
    writer.join(pause)
    writer.kill()
    writer.join(PATIENCE_SECONDS)
    assert writer.exitcode == -9
    try:
        while ours.poll():
            acknowledged.append(ours.recv())
    except EOFError:
        pass
    ours.close()
    return acknowledged
