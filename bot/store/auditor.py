"""Checks the promises of the store after a run: plain functions over the tables, each naming what it found broken.

What a promise needs from the other side (what clients were told, how success is worded) comes in as an argument. What
readers were shown (I4 order, I6 nobody else's text) only they can tell: those who read check it as they go.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa

from bot.domain.promises import OUTBOX_MAY_WAIT, Acknowledged
from bot.store.tables import complaint, conversation, message, outbox, turn

NUMBER = re.compile(r"SH-\d{5}-\d{5}-\d{4}")
ENDS_OF_A_TALK = ("handed_back", "closed", "back_in_queue")
"""Notices after which the bot may speak again."""

Problems = list[str]


def audit(
    engine: sa.Engine, acknowledged: Collection[Acknowledged], success_words: Collection[str], now: datetime
) -> Problems:
    """Return every broken promise in the store as a sentence, led by its number; an empty list is what one hopes for."""
    with engine.connect().execution_options(read_only=True) as db:
        lied = [f"I7: {problem}" for problem in success_without_a_complaint(db, success_words)]
        return [*broken_promises(db, acknowledged, now), *lied]


def broken_promises(db: sa.Connection, acknowledged: Collection[Acknowledged], now: datetime) -> Problems:
    """Return what can be seen whatever the clocks have shown."""
    checks = {
        "I1": acknowledged_and_not_stored_once(db, acknowledged),
        "I2": drafts_filed_twice(db),
        "I3": numbers_without_a_complaint(db),
        "I4": [*gaps_in_numbers(db), *replies_of_an_older_turn(db)],
        "I5": [*replies_given_twice(db), *replies_over_an_agent(db)],
        "I8": events_left_in_the_outbox(db, now),
    }
    return [f"{number}: {problem}" for number, problems in checks.items() for problem in problems]


def acknowledged_and_not_stored_once(db: sa.Connection, acknowledged: Collection[Acknowledged]) -> Problems:
    stored = _stored(db, {told.client_id for told in acknowledged})
    problems = []
    for told in acknowledged:
        rows = stored[told.client_id]
        if len(rows) != 1:
            problems.append(f"the acknowledged message {told.client_id} is stored {len(rows)} times")
        elif told.text not in (None, rows[0].text) or told.seq not in (None, rows[0].seq):
            problems.append(f"the acknowledged message {told.client_id} is stored as another than its sender was told")
    return problems


def _stored(db: sa.Connection, client_ids: set[str]) -> dict[str, list[sa.Row[tuple[str | None, int, str]]]]:
    found: dict[str, list[sa.Row[tuple[str | None, int, str]]]] = defaultdict(list)
    if client_ids:
        for row in db.execute(sa.select(message.c.client_id, message.c.seq, message.c.text)):
            if row.client_id in client_ids:
                found[row.client_id].append(row)
    return found


def gaps_in_numbers(db: sa.Connection) -> Problems:
    """The messages of a conversation are numbered 1, 2, 3 … up to what the conversation says."""
    held: dict[str, list[int]] = defaultdict(list)
    for row in db.execute(sa.select(message.c.conversation_id, message.c.seq).order_by(message.c.seq)):
        held[row.conversation_id].append(row.seq)
    return [
        f"conversation {row.id} counts {row.last_seq} messages and holds numbers {held[row.id]}"
        for row in db.execute(sa.select(conversation.c.id, conversation.c.last_seq))
        if held[row.id] != list(range(1, row.last_seq + 1))
    ]


def drafts_filed_twice(db: sa.Connection) -> Problems:
    times = sa.func.count()
    query = sa.select(complaint.c.draft_id, times).group_by(complaint.c.draft_id).having(times > 1)
    return [f"draft {draft} became {count} complaints" for draft, count in db.execute(query)]


def numbers_without_a_complaint(db: sa.Connection) -> Problems:
    """A number that was shown is that of a complaint, filed in the same conversation."""
    filed = {tuple(row) for row in db.execute(sa.select(complaint.c.conversation_id, complaint.c.number))}
    return [
        f"{number} was shown in conversation {row.conversation_id} and no such complaint was filed there"
        for row in _said(db, "bot", "system", "agent")
        for number in sorted({*NUMBER.findall(row.text), *_told(row.custom)})
        if (row.conversation_id, number) not in filed
    ]


def _told(custom: dict[str, str] | None) -> list[str]:
    number = (custom or {}).get("complaint_number")
    return [number] if number else []


def replies_given_twice(db: sa.Connection) -> Problems:
    of, part, times = message.c.turn_id, message.c.part, sa.func.count()
    query = sa.select(of, part, times).where(of.is_not(None)).group_by(of, part).having(times > 1)
    return [f"part {part} of turn {of} was said {count} times" for of, part, count in db.execute(query)]


def replies_of_an_older_turn(db: sa.Connection) -> Problems:
    """Messages are answered in their order: once a later one has its answer, an earlier one gets none."""
    said, newest = message.c, defaultdict[str, int](int)
    problems = []
    query = sa.select(said.conversation_id, said.seq, turn.c.message_seq).join_from(message, turn, turn.c.id == said.turn_id)
    for row in db.execute(query.order_by(said.conversation_id, said.seq)):
        if row.message_seq < newest[row.conversation_id]:
            problems.append(f"message {row.seq} of conversation {row.conversation_id} is of an older turn")
        newest[row.conversation_id] = max(newest[row.conversation_id], row.message_seq)
    return problems


def replies_over_an_agent(db: sa.Connection) -> Problems:
    """From the notice that an agent has come to the one that they have gone, the bot says nothing."""
    held: dict[str, bool] = defaultdict(bool)
    problems = []
    for row in _said(db, "bot", "system"):
        notice = (row.custom or {}).get("notice")
        if notice == "agent_joined":
            held[row.conversation_id] = True
        elif notice in ENDS_OF_A_TALK:
            held[row.conversation_id] = False
        elif row.sender == "bot" and held[row.conversation_id]:
            problems.append(f"the bot spoke over an agent in conversation {row.conversation_id} (message {row.seq})")
    return problems


def success_without_a_complaint(db: sa.Connection, words: Collection[str]) -> Problems:
    """Whoever was told that a complaint is filed has one, filed no later than it was said."""
    where, first = complaint.c.conversation_id, sa.func.min(complaint.c.created_at)
    filed = {conversation_id: at for conversation_id, at in db.execute(sa.select(where, first).group_by(where))}
    return [
        f"conversation {row.conversation_id} was told of a success that did not happen (message {row.seq})"
        for row in _said(db, "bot", "system", "agent")
        if any(word in row.text for word in words)
        and not (row.conversation_id in filed and filed[row.conversation_id] <= row.created_at)
    ]


def events_left_in_the_outbox(db: sa.Connection, now: datetime) -> Problems:
    """Events are published within two minutes."""
    waiting = sa.select(outbox.c.id, outbox.c.created_at).where(outbox.c.done_at.is_(None))
    return [
        f"event {row.id} has waited since {row.created_at.isoformat(timespec='seconds')}"
        for row in db.execute(waiting)
        if now - row.created_at > OUTBOX_MAY_WAIT
    ]


def _said(db: sa.Connection, *senders: str) -> Iterator[sa.Row[tuple[str, int, str, str, dict[str, str], datetime]]]:
    """Yield what these have said, conversation by conversation and in order."""
    said = message.c
    columns = (said.conversation_id, said.seq, said.sender, said.text, said.custom, said.created_at)
    query = sa.select(*columns).where(said.sender.in_(senders)).order_by(said.conversation_id, said.seq)
    rows: Iterable[sa.Row[tuple[str, int, str, str, dict[str, str], datetime]]] = db.execute(query)
    yield from rows
