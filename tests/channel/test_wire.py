"""A message's whole way without the browser: what the shopper reads, what the stores hold, and what a failure leaves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.bootstrap import Services
from bot.domain.conversation import Sender
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import LEASE
from tests.conftest import Clock
from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA

OPENING = "طلبي رقم 405-1234567-1234567 متأخر أسبوعين كاملين ولا أحد يرد علي"


@pytest.fixture
def on_wire(
    workbench: ModuleType, agent: Any, services: Services, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Any], Awaitable[None]]], None]:
    """Runs a coroutine function with a `Wire`."""
    monkeypatch.setattr(workbench.sanic.Sanic, "test_mode", True)

    async def run(test: Callable[[Any], Awaitable[None]]) -> None:
        async with workbench.wired(agent, services, clock, tmp_path) as wire:
            await test(wire)

    return lambda test: run_async(run(test))


def asked(messages: list[Any]) -> str | None:
    return messages[-1].custom.get("asks")


async def to_the_summary(wire: Any) -> None:
    await wire.say(OPENING)
    await wire.say("قبل ثلاثة أسابيع")
    await wire.say("سماعة بلوتوث")
    assert asked(await wire.say("رجعوا فلوسي")) == "contact"
    assert asked(await wire.tap("بدون وسيلة تواصل")) == "confirmed"


def test_a_complaint_is_filed_from_the_first_word_to_its_number(on_wire: Any, services: Services) -> None:
    async def journey(wire: Any) -> None:
        await to_the_summary(wire)
        summary = {line["slot"]: line["value"] for line in wire.history()[-1].custom["summary"]}
        assert summary["order_number"] == "405-1234567-1234567"
        assert summary["product"] == "سماعة بلوتوث"
        *_, answer = await wire.tap("نعم، أرسلها")
        [complaint] = services.complaints.newest(10)
        assert complaint.kind == "late_delivery"
        assert complaint.description == OPENING
        assert answer.custom["complaint_number"] == complaint.number
        assert complaint.number in answer.text

    on_wire(journey)


def test_a_complaint_is_filed_although_every_turn_begins_a_new_session(
    on_wire: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.channel import sessions

    for name in ("LONG", "LONGEST"):
        monkeypatch.setattr(sessions, name, 1)

    async def journey(wire: Any) -> None:
        await to_the_summary(wire)
        await wire.tap("نعم، أرسلها")
        [complaint] = services.complaints.newest(10)
        assert (complaint.product, complaint.remedy) == ("سماعة بلوتوث", "refund")
        begun = [event for event in wire.stored_events() if event["event"] == "session_started"]
        turns = [message for message in wire.history() if message.sender is Sender.SHOPPER]
        assert len(begun) == 1 + len(turns)  # the conversation's own beginning, too

    on_wire(journey)


def test_an_aside_is_answered_and_the_question_comes_again(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        assert asked(await wire.say(OPENING)) == "purchase_date"
        answer = await wire.say("كم مدة الضمان عندكم؟")
        assert len(answer) > 1
        assert "الضمان" in answer[0].text
        assert asked(answer) == "purchase_date"

    on_wire(journey)


def test_an_answer_that_sounds_like_a_complaint_is_an_answer(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        assert asked(await wire.say("قبل ثلاثة أسابيع")) == "product"
        assert asked(await wire.say("الثلاجة اللي وصلت مكسورة")) == "remedy"
        slots = {event["name"]: event["value"] for event in wire.stored_events() if event["event"] == "slot"}
        assert (slots["complaint_kind"], slots["product"]) == ("late_delivery", "الثلاجة اللي وصلت مكسورة")

    on_wire(journey)


def test_a_summary_line_is_tapped_and_changed(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        await to_the_summary(wire)
        await wire.tap("أريد تعديلًا")
        assert asked(await wire.tap("رقم الطلب")) == "order_number"
        assert asked(await wire.say("405-7654321-7654321")) == "confirmed"
        values = {line["slot"]: line["value"] for line in wire.history()[-1].custom["summary"]}
        assert values["order_number"] == "405-7654321-7654321"

    on_wire(journey)


@pytest.mark.parametrize("text", ["/restart", " /stop", "/file_complaint", '/inform{"order_number": "12345678"}', "//skip"])
def test_a_typed_command_is_a_text_like_any_other(on_wire: Any, text: str) -> None:
    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        await wire.say(text)
        user = [event for event in wire.stored_events() if event["event"] == "user"][-1]
        assert not user["text"].startswith("/")
        assert [guess["name"] for guess in user["parse_data"]["intent_ranking"]] == ["nlu_fallback"]  # no command of its own

    on_wire(journey)


def test_a_button_is_the_command_that_was_offered(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        await wire.say("هلا والله")
        assert asked(await wire.tap("أقدّم شكوى")) == "complaint_kind"
        assert asked(await wire.tap("سوء تعامل")) == "order_number"

    on_wire(journey)


# ------------------------------------------------------------------ failures


@asynccontextmanager
async def failing(workbench: ModuleType, wire: Any, answer: tuple[int, bytes, str] | None) -> AsyncIterator[None]:
    """Send the actions to a server that fails; None: to nowhere."""
    if answer is None:
        wire.send_actions_to(workbench.NOWHERE)
        yield
    else:
        async with workbench.an_action_server(*answer) as url:
            wire.send_actions_to(url)
            yield
    wire.send_actions_to(wire.actions_url)


FAILURES = {
    "nobody listens": (None, EngineDown),
    "its store is away": ((503, b'{"error": "the store cannot be reached"}', "application/json"), EngineDown),
    "another's secret": ((401, b'{"error": "wrong"}', "application/json"), EngineDown),
    "an action it does not know": ((404, b'{"error": "x", "action_name": "y"}', "application/json"), EngineDown),
    "the action fails": ((500, b'{"error": "the action failed"}', "application/json"), EngineFailed),
    "a stale turn": ((409, b'{"error": "stale turn"}', "application/json"), EngineFailed),
    "broken JSON": ((200, b'{"events": [', "application/json"), EngineFailed),
    "a page": ((200, b"<html>hello</html>", "text/html"), EngineFailed),
    "another form": ((200, b'{"events": {"event": "slot"}}', "application/json"), EngineFailed),
    "an unknown event": ((200, b'{"events": [{"event": "explode"}]}', "application/json"), EngineFailed),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_action_server_fails_the_turn_and_nothing_is_saved(on_wire: Any, workbench: ModuleType, name: str) -> None:
    """Rasa would go on to the rule's next step and say "filed"."""
    answer, error = FAILURES[name]

    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        before = wire.stored_events()
        wire.keep("قبل ثلاثة أسابيع")
        async with failing(workbench, wire, answer):
            with pytest.raises(error):
                await wire.client.answer(wire.claimed())
        assert wire.stored_events() == before

    on_wire(journey)


@pytest.mark.parametrize("name", ["nobody listens", "the action fails"])
def test_after_a_failure_the_same_question_comes_once(on_wire: Any, workbench: ModuleType, clock: Clock, name: str) -> None:
    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        async with failing(workbench, wire, FAILURES[name][0]):
            [notice] = await wire.say("قبل ثلاثة أسابيع")
        assert notice.custom == {"notice": "kept"}
        clock.turn(seconds=2)
        [question] = await wire.run()
        assert question.custom["asks"] == "product"

    on_wire(journey)


def test_nothing_is_called_filed_that_was_not_stored(on_wire: Any, workbench: ModuleType, services: Services) -> None:
    async def journey(wire: Any) -> None:
        await to_the_summary(wire)
        async with failing(workbench, wire, None):
            [notice] = await wire.tap("نعم، أرسلها")
        assert notice.custom == {"notice": "kept"}
        assert services.complaints.newest(10) == []

    on_wire(journey)


def test_the_first_message_of_all_fails_and_comes_again(on_wire: Any, workbench: ModuleType, clock: Clock) -> None:
    async def journey(wire: Any) -> None:
        async with failing(workbench, wire, None):
            await wire.say(OPENING)
        assert wire.stored_events() == []
        clock.turn(seconds=2)
        assert asked(await wire.run()) == "purchase_date"

    on_wire(journey)


@pytest.mark.parametrize("lost", ["tracker", "nothing"])
def test_a_lost_tracker_is_rebuilt_from_the_draft(on_wire: Any, lost: str) -> None:
    async def journey(wire: Any) -> None:
        assert asked(await wire.say(OPENING)) == "purchase_date"
        if lost == "tracker":
            wire.lose_tracker()
        assert asked(await wire.say("قبل ثلاثة أسابيع")) == "product"
        assert asked(await wire.say("سماعة بلوتوث")) == "remedy"

    on_wire(journey)


def test_a_turn_whose_answer_was_lost_is_answered_as_it_was(on_wire: Any, clock: Clock) -> None:
    """The gateway died after Rasa had saved the turn: the text would else be taken for the answer to the next question."""

    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        wire.keep("قبل ثلاثة أسابيع")
        lost = await wire.client.answer(wire.claimed())
        events = wire.stored_events()
        clock.turn(seconds=LEASE.total_seconds())
        again = await wire.client.answer(wire.claimed())
        assert again.replies == lost.replies
        assert again.reading == lost.reading
        assert wire.stored_events() == events

    on_wire(journey)


def test_the_number_is_told_although_its_first_telling_was_lost(on_wire: Any, services: Services, clock: Clock) -> None:
    async def journey(wire: Any) -> None:
        await to_the_summary(wire)
        wire.keep("نعم أرسلها")
        await wire.client.answer(wire.claimed())
        clock.turn(seconds=LEASE.total_seconds())
        *_, told = await wire.run()
        [complaint] = services.complaints.newest(10)
        assert told.custom["complaint_number"] == complaint.number

    on_wire(journey)


def test_a_restart_whose_answer_was_lost_is_answered_as_it_was(on_wire: Any, clock: Clock) -> None:
    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        wire.keep("أبغى أبدأ من جديد من الصفر")
        lost = await wire.client.answer(wire.claimed())
        assert lost.reading.taken_as == "restart"
        clock.turn(seconds=LEASE.total_seconds())
        again = await wire.client.answer(wire.claimed())
        assert again.replies == lost.replies

    on_wire(journey)


def test_the_same_words_in_another_turn_are_heard_again(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        assert asked(await wire.say(OPENING)) == "purchase_date"
        assert asked(await wire.say("كلام")) == "purchase_date"
        await wire.say("كلام")
        assert len([event for event in wire.stored_events() if event["event"] == "user"]) == 3

    on_wire(journey)


def test_a_reading_tells_what_the_model_thought_and_what_was_made_of_it(on_wire: Any, model: Path) -> None:
    async def journey(wire: Any) -> None:
        await wire.say(OPENING)
        wire.keep("405-1234567-1234567")
        reading = (await wire.client.answer(wire.claimed())).reading
        assert reading.model == model.name
        assert reading.taken_as == "inform"
        assert reading.ranking[0] == {"name": reading.intent, "confidence": reading.confidence}
        assert reading.entities == [
            {"entity": "order_number", "value": "405-1234567-1234567", "start": 0, "end": 19}
        ]  # fmt: skip
        outside = await wire.client.parse("طلبي متأخر")
        assert (outside.intent, outside.taken_as) == ("late_delivery", "")

    on_wire(journey)


def test_it_tells_which_words_decided(on_wire: Any) -> None:
    async def journey(wire: Any) -> None:
        words = await wire.client.why("السلام عليكم الطرد تأخر أسبوعين")
        assert words[0].text == "تأخر"
        assert sum(word.share for word in words) == pytest.approx(1.0, abs=0.03)
        assert [word.share for word in words] == sorted((word.share for word in words), reverse=True)
        assert await wire.client.why("؟!") == []

    on_wire(journey)
