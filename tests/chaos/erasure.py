"""Shoppers who have their data erased in the middle of a walk, and what must not be left of them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.domain.privacy import ErasedComplaints
from bot.domain.shop import Shop
from bot.services.inbox import Inbox
from bot.services.privacy import Elsewhere, Privacy, Terms
from bot.services.training import Training
from bot.store import search, tables
from bot.store.unit_of_work import Store
from tests.chaos.form import Form
from tests.conftest import Clock
from tests.system.auditor import Problems

BY = "the walk"
PROVES = frozenset({"audit"})
"""The table that keeps a proof of the erasure, with the conversation's id and nothing else of its shopper."""


@dataclass(frozen=True)
class Erased:
    conversation_id: str
    sender_key: str
    name: str
    """With which the shopper's client ids and order numbers begin."""


def privacy_over(store: Store, clock: Clock, shop: Shop, form: Form, complaints: ErasedComplaints) -> Privacy:
    training = Training(Inbox(store, clock, frozenset), shop, lambda examples: [], lambda changes: None)
    elsewhere = Elsewhere(
        Path, lambda senders: [], form.forget, lambda example: example.text, lambda gone: None,
        partial(search.tidy, store.engine),
    )  # fmt: skip
    return Privacy(store, clock, training, Terms(365, complaints, "—", shop.region), elsewhere)


def left_of(store: Store, form: Form, erased: list[Erased]) -> Problems:
    """Return where anything stands of shoppers who were erased."""
    needles = {word: one.name for one in erased for word in (one.conversation_id, one.sender_key, f"{one.name}-")}
    problems = [f"Rasa remembers {one.name}" for one in erased if one.sender_key in form.senders]
    with store.engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            if table.name not in PROVES:
                written = "\n".join(str(tuple(row)) for row in connection.execute(sa.select(table)))
                problems += [f"{table.name} has something of {name}" for word, name in needles.items() if word in written]
    return problems


def sweep_up(privacy: Privacy, clock: Clock, store: Store) -> Problems:
    """Let the worker come round when everything has settled."""
    privacy.sweep()
    clock.turn(days=2)  # further than SETTLES, and than the clock has jumped back since
    privacy.sweep()
    with store.read() as work:
        left: list[Any] = work.privacy.unswept()
    return [f"{kind} {name} was never swept up" for kind, name, _ in left]
