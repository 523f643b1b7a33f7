"""Fills a store with what analysts work on, to be measured: utterances, accepted or not, and where they were said."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.label import FALLBACK, LabelState, Utterance
from bot.store import label_tables, tables
from bot.store.bench import MESSAGES_A_TALK, NOW, batches, conversation_row
from bot.store.unit_of_work import Store

GUESSES = 10
STATES = (LabelState.NEW, LabelState.ACCEPTED, LabelState.OUT_OF_SCOPE, LabelState.IGNORED)
_COLUMNS = [column.name for column in label_tables.utterance.columns if column.name != "id"]


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and what it means."""

    text: str
    folded: str
    label: str
    entities: tuple[dict[str, Any], ...] = ()


def fill_accepted(store: Store, said: Sequence[Said], done: Callable[[int], object]) -> None:
    """Put utterances with an accepted label into an empty store; `done` hears how many each step brought."""
    chance = random.Random(1)
    _insert(store, label_tables.utterance, (_accepted(one, chance) for one in said), done)
    _analyze(store)


def fill_inbox(store: Store, said: Sequence[Said], messages: int, done: Callable[[int], object]) -> None:
    """Put messages into an empty store in which each utterance was said once, and some of them again and again."""
    chance = random.Random(1)
    labels = sorted({one.label for one in said})
    which = [*range(len(said)), *(int(len(said) * chance.random() ** 4) for _ in range(messages - len(said)))]
    chance.shuffle(which)
    counts = [0] * len(said)
    for at in which:
        counts[at] += 1
    talks = max(1, messages // MESSAGES_A_TALK)
    rows = {
        tables.conversation: (conversation_row(number) for number in range(talks)),
        tables.message: (_message(number, talks, said[at].text) for number, at in enumerate(which)),
        label_tables.utterance: ({"id": at + 1} | _waiting(one, counts[at], labels, chance) for at, one in enumerate(said)),
        label_tables.seen: ({"utterance_id": at + 1, "message_id": number + 1} for number, at in enumerate(which)),
    }
    for table, some in rows.items():
        _insert(store, table, some, done)
    _analyze(store)


def _insert(store: Store, table: sa.Table, rows: Iterator[dict[str, Any]], done: Callable[[int], object]) -> None:
    with store.engine.begin() as connection:
        for some in batches(rows):
            connection.execute(sa.insert(table), some)
            done(len(some))


def _analyze(store: Store) -> None:
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE" if store.engine.dialect.name == "postgresql" else "ANALYZE"))


def _accepted(said: Said, chance: random.Random) -> dict[str, Any]:
    one = _utterance(said, said.label, [], chance)
    one.state, one.label, one.entities = LabelState.ACCEPTED, said.label, list(said.entities)
    return _row(one)


def _waiting(said: Said, count: int, labels: Sequence[str], chance: random.Random) -> dict[str, Any]:
    """Four of five are not decided yet; one in twelve was not understood, one in thirty has a suggestion."""
    one = _utterance(said, FALLBACK if chance.random() < 1 / 12 else said.label.split("/")[0], labels, chance)
    one.count, one.state = count, chance.choices(STATES, (80, 14, 3, 3))[0]
    one.label = said.label if one.state is LabelState.ACCEPTED else None
    if chance.random() < 1 / 30:
        one.suggest(chance.choice(labels))
    return _row(one)


def _utterance(said: Said, intent: str, labels: Sequence[str], chance: random.Random) -> Utterance:
    sure = chance.random() ** 0.3
    at = NOW - timedelta(minutes=chance.randrange(500_000))
    others = chance.sample(labels, min(len(labels), GUESSES - 1))
    ranking = [{"name": name, "confidence": sure} for name in (intent, *others)]
    return Utterance(said.folded, said.text, intent, sure, "shakwa.tar.gz", at, at, ranking=ranking)


def _row(one: Utterance) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _COLUMNS}


def _message(number: int, talks: int, text: str) -> dict[str, Any]:
    return {
        "id": number + 1, "conversation_id": f"{number % talks:032x}", "seq": number // talks + 1, "sender": "shopper",
        "text": text, "created_at": NOW, "buttons": [], "custom": {},
    }  # fmt: skip
