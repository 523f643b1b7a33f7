"""Buttons are ids that the server resolves: only what was offered, only where it was offered."""

import pytest
import sqlalchemy as sa

from bot.domain.conversation import Button
from bot.domain.errors import ChoiceUnknown, ClientIdReused, TextEmpty
from bot.services.chat import Incoming
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, a_reply, an_answer

YES, NO = Button("نعم", "/affirm"), Button("لا", "/deny")


@pytest.fixture
def asked(talk: Talk, engine: FakeEngine) -> Talk:
    """A conversation in which the bot has just offered yes and no."""
    engine.outcomes = [an_answer(a_reply("هل هذا صحيح؟", YES, NO, asks="confirmed"))]
    talk.ask("طلبي تأخر")
    return talk


def buttons(talk: Talk) -> dict[str, str]:
    """Return the ids that are offered, by title."""
    return {button["title"]: button["id"] for message in talk.chat.history(talk.id) for button in message.buttons}


def test_what_is_offered_shows_a_title_and_an_id_and_no_payload(asked: Talk) -> None:
    [reply] = asked.chat.history(asked.id, 1)
    assert [button.keys() for button in reply.buttons] == [{"id", "title"}, {"id", "title"}]
    assert "/affirm" not in repr([reply.text, reply.buttons, reply.custom])
    assert len(set(buttons(asked).values())) == 2


def test_a_choice_is_stored_as_its_title_and_reaches_the_engine_as_its_payload(asked: Talk) -> None:
    message = asked.say(choice=buttons(asked)["نعم"])
    job = asked.turns.claim(asked.id)
    assert message.text == "نعم"
    assert job is not None
    assert (job.text, job.payload) == ("نعم", "/affirm")


@pytest.mark.parametrize(
    "choice",
    ["", "نعم", "/affirm", "x" * 16, "\x00", "\ud800", "' OR 1=1 --", "x" * 5_000],
    ids=lambda choice: ascii(choice)[:20],
)
def test_what_was_never_offered_is_refused(asked: Talk, choice: str) -> None:
    with pytest.raises(ChoiceUnknown):
        asked.say(choice=choice)
    assert len(asked.texts()) == 2


def test_a_choice_of_another_conversation_is_refused(asked: Talk) -> None:
    stranger = asked.chat.open("widget").conversation_id
    with pytest.raises(ChoiceUnknown):
        asked.chat.receive(stranger, Incoming("stranger-1", choice=buttons(asked)["نعم"]))
    assert asked.chat.history(stranger) == []


def test_a_choice_under_an_older_message_still_counts(asked: Talk) -> None:
    old = buttons(asked)["نعم"]
    asked.ask("لحظة")
    assert asked.say(choice=old).payload == "/affirm"


def test_a_choice_tapped_twice_under_one_id_is_one_message(asked: Talk) -> None:
    yes, no = buttons(asked)["نعم"], buttons(asked)["لا"]
    first, new = asked.chat.receive(asked.id, Incoming("tap-0001", choice=yes))
    again, new_again = asked.chat.receive(asked.id, Incoming("tap-0001", choice=yes))
    assert (first.id, new, new_again) == (again.id, True, False)
    with pytest.raises(ClientIdReused):
        asked.chat.receive(asked.id, Incoming("tap-0001", choice=no))


def test_a_text_sent_again_after_new_choices_came_is_still_the_same_message(talk: Talk, engine: FakeEngine) -> None:
    first, _ = talk.chat.receive(talk.id, Incoming("text-0001", "نعم"))
    engine.outcomes = [an_answer(a_reply("هل هذا صحيح؟", YES, NO))]
    talk.run()
    again, new = talk.chat.receive(talk.id, Incoming("text-0001", "نعم"))
    assert (again.id, again.payload, new) == (first.id, None, False)


@pytest.mark.parametrize("typed", ["نعم", " نعم ", "نَعَم", "نعـــم", "\u200fنعم"])
def test_typing_the_title_is_the_choice(asked: Talk, typed: str) -> None:
    message = asked.say(typed)
    assert message.payload == "/affirm"


@pytest.mark.parametrize("typed", ["نعم والله", "اي", "/affirm"])
def test_typing_anything_else_is_text(asked: Talk, typed: str) -> None:
    message = asked.say(typed)
    assert (message.text, message.payload) == (typed, None)


def test_only_the_newest_offer_is_taken_from_typed_text(asked: Talk, engine: FakeEngine) -> None:
    engine.outcomes = [an_answer(a_reply("أيهما؟", Button("نعم", "/inform"), Button("أعد الطلب", "/request_human")))]
    asked.ask("لحظة")
    assert asked.say("نعم").payload == "/inform"
    assert asked.say("لا").payload is None


def test_neither_text_nor_choice_is_refused(asked: Talk) -> None:
    with pytest.raises(TextEmpty):
        asked.say()


def test_the_payload_is_in_the_store_alone(asked: Talk, store: Store) -> None:
    with store.engine.connect() as connection:
        payloads = set(connection.scalars(sa.select(tables.choice.c.payload)))
    assert payloads == {"/affirm", "/deny"}
