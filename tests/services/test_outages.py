"""While the engine is away the shopper is told once that the message is kept; a message that always fails is given up."""

import pytest
import sqlalchemy as sa

from bot.domain.conversation import Sender
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import TRIES, TurnState
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import Talk
from tests.conftest import Clock

AWAY, BROKEN = EngineDown("Rasa does not answer"), EngineFailed("Rasa answers 500")


def notices(talk: Talk) -> list[str]:
    return [message.custom["notice"] for message in talk.chat.history(talk.id) if message.sender is Sender.SYSTEM]


def later(talk: Talk, clock: Clock, times: int = 1) -> None:
    """Let the longest pause pass and run what is pending, so many times."""
    for _ in range(times):
        clock.turn(seconds=60)
        talk.run()


def test_the_shopper_is_told_once_an_outage_that_the_message_is_kept(talk: Talk, clock: Clock, words: Words) -> None:
    talk.engine.broken = AWAY
    [notice] = talk.ask("طلبي تأخر")
    assert (notice.sender, notice.text, notice.custom) == (Sender.SYSTEM, words.notices["kept"], {"notice": "kept"})
    talk.ask("هل من أحد؟")
    later(talk, clock, 20)
    assert notices(talk) == ["kept"]


def test_when_the_engine_is_back_everything_is_answered_in_order(talk: Talk, clock: Clock) -> None:
    talk.engine.broken = AWAY
    talk.ask("الأولى")
    talk.ask("الثانية")
    later(talk, clock, 3)
    talk.engine.broken = None
    later(talk, clock)
    assert talk.texts(Sender.BOT) == ["رد على: الأولى", "رد على: الثانية"]
    assert notices(talk) == ["kept"]


def test_the_next_outage_is_told_of_again(talk: Talk, clock: Clock, store: Store) -> None:
    for _ in range(2):
        talk.engine.broken = AWAY
        talk.ask("طلبي تأخر")
        talk.engine.broken = None
        later(talk, clock)
        with store.engine.connect() as connection:
            assert connection.scalar(sa.select(tables.conversation.c.told_kept)) is False
    assert notices(talk) == ["kept", "kept"]
    assert len(talk.texts(Sender.BOT)) == 2


@pytest.mark.parametrize("error", [BROKEN, KeyError("replies"), RuntimeError("boom")], ids=repr)
def test_a_message_that_fails_in_a_reachable_engine_is_given_up_with_a_notice_of_its_own(
    talk: Talk, clock: Clock, words: Words, store: Store, error: Exception
) -> None:
    talk.engine.outcomes = [error] * TRIES
    talk.ask("رسالة تُسقط المحرك")
    later(talk, clock, TRIES - 1)
    assert talk.texts(Sender.SYSTEM) == [words.notices["kept"], words.notices["failed"]]
    assert len(talk.engine.jobs) == TRIES
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(tables.turn.c.state)) == TurnState.FAILED


def test_the_conversation_goes_on_after_a_message_was_given_up(talk: Talk, clock: Clock) -> None:
    talk.engine.outcomes = [BROKEN] * TRIES
    talk.say("رسالة تُسقط المحرك")
    talk.say("والتي بعدها")
    talk.run()
    later(talk, clock, TRIES - 1)
    assert talk.texts(Sender.BOT) == ["رد على: والتي بعدها"]


def test_a_message_kept_after_another_was_given_up_is_told_of(talk: Talk, clock: Clock) -> None:
    talk.engine.outcomes = [BROKEN] * TRIES
    talk.ask("رسالة تُسقط المحرك")
    later(talk, clock, TRIES - 1)
    talk.engine.broken = AWAY
    talk.ask("والتي بعدها")
    assert notices(talk) == ["kept", "failed", "kept"]


def test_an_engine_that_is_away_for_long_costs_no_message(talk: Talk, clock: Clock) -> None:
    talk.engine.broken = AWAY
    talk.ask("طلبي تأخر")
    later(talk, clock, 5 * TRIES)
    talk.engine.broken = None
    later(talk, clock)
    assert talk.texts(Sender.BOT) == ["رد على: طلبي تأخر"]
