"""A conversation with the bot's turns run by hand."""

import pytest

from bot.services.chat import Chat
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk
from tests.conftest import Clock


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def talk(chat: Chat, store: Store, clock: Clock, words: Words, engine: FakeEngine) -> Talk:
    return Talk(chat, store, clock, words, engine)
