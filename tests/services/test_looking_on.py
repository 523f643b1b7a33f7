"""What somebody at the machine can look at while a conversation goes on: the last reading and the open draft."""

from bot.domain.draft import DraftState
from bot.domain.turn import Answer
from bot.services.drafts import Drafts, Given
from tests.builders import FakeEngine, Talk, a_reading, a_reply


def test_the_newest_reading_is_that_of_the_newest_answered_message(talk: Talk, engine: FakeEngine) -> None:
    engine.outcomes = [Answer([a_reply()], a_reading("late_delivery")), Answer([a_reply()], a_reading("refund_problem"))]
    assert talk.chat.last_reading(talk.id) is None
    talk.ask("طلبي تأخر")
    assert talk.chat.last_reading(talk.id) == ("طلبي تأخر", a_reading("late_delivery"))
    talk.ask("وفلوسي ما رجعت")
    talk.say("لم يُقرأ بعد")
    assert talk.chat.last_reading(talk.id) == ("وفلوسي ما رجعت", a_reading("refund_problem"))


def test_readings_of_another_conversation_are_not_shown(talk: Talk) -> None:
    talk.ask("طلبي تأخر")
    other = talk.chat.open("widget").conversation_id
    assert talk.chat.last_reading(other) is None


def test_the_current_draft_is_the_open_one(talk: Talk, drafts: Drafts) -> None:
    assert drafts.current(talk.id) is None
    draft = drafts.open(talk.id, None)
    drafts.record(draft.id, [Given("product", "غسالة")], [], {}, None)
    current = drafts.current(talk.id)
    assert current is not None
    assert (current.id, current.state, current.value("product")) == (draft.id, DraftState.OPEN, "غسالة")
    drafts.pause(talk.id, None)
    assert drafts.current(talk.id) is None
