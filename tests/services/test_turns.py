"""The bot's turns: one runner each, in order, and what a runner that was overtaken brings is dropped whole."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.domain.conversation import Button, Holder, Sender
from bot.domain.errors import EngineDown, EngineFailed, StaleTurn
from bot.domain.turn import LEASE, TRIES, Job, TurnState
from bot.services.chat import Chat, Incoming, Kept
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.turns import Turns
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, a_reading, a_reply, an_answer, at_once, errors_in
from tests.conftest import Clock


def turns_of(store: Store) -> list[tuple[int, str]]:
    """Return (number of the message, state) of every turn, in order."""
    turn = tables.turn.c
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(turn.message_seq, turn.state).order_by(turn.message_seq))]


def claimed(talk: Talk) -> Job:
    job = talk.turns.claim(talk.id)
    assert job is not None
    return job


def test_a_message_is_answered_and_its_turn_is_done(talk: Talk, store: Store) -> None:
    assert [message.text for message in talk.ask("طلبي تأخر")] == ["رد على: طلبي تأخر"]
    assert turns_of(store) == [(1, TurnState.DONE)]
    assert talk.turns.claim(talk.id) is None


def test_the_engine_is_asked_with_the_senders_key_and_not_with_the_conversations_id(talk: Talk) -> None:
    talk.ask("طلبي تأخر")
    [job] = talk.engine.jobs
    assert talk.id not in job.sender_key
    assert (job.text, job.payload, job.form) == ("طلبي تأخر", None, None)


def test_one_of_twenty_gets_the_claim(talk: Talk) -> None:
    for _ in range(3):
        talk.say("طلبي تأخر")
        outcomes = at_once(20, lambda _: talk.turns.claim(talk.id))
        assert errors_in(outcomes) == []
        [job] = [outcome for outcome in outcomes if outcome is not None]
        talk.turns.finish(job, an_answer("أبشر"))


def kept(talk: Talk, text: str, client_id: str = "client-1") -> Kept:
    return talk.chat.keep(talk.id, Incoming(client_id, text), claims=True)


def test_what_is_kept_by_who_runs_it_is_claimed_with_it(talk: Talk, clock: Clock, store: Store, drafts: Drafts) -> None:
    draft = drafts.open(talk.id, None)
    drafts.record(draft.id, [Given("product", "غسالة")], ["seller"], {}, None)
    job = kept(talk, "طلبي تأخر").job
    assert job is not None
    assert talk.turns.claim(talk.id) is None
    assert talk.turns.waiting() == []
    assert job.form == {"draft_id": draft.id, "values": {"product": "غسالة"}, "skipped": ["seller"], "asked": None}
    clock.turn(seconds=LEASE.total_seconds())
    again = claimed(talk)
    assert (again.claim.turn_id, again.claim.epoch) == (job.claim.turn_id, job.claim.epoch + 1)
    assert replace(again, claim=job.claim) == job
    with pytest.raises(StaleTurn):
        talk.turns.finish(job, an_answer("أبشر"))


def test_what_is_kept_again_or_while_something_older_waits_is_not_claimed(talk: Talk) -> None:
    first = kept(talk, "طلبي تأخر").job
    assert first is not None
    assert kept(talk, "طلبي تأخر").job is None
    second = kept(talk, "وينه؟", "client-2")
    assert second.new
    assert second.job is None
    assert talk.turns.finish(first, an_answer("أبشر"))
    assert claimed(talk).text == "وينه؟"


def test_a_turn_that_was_left_is_found_after_the_clock_was_put_back(talk: Talk, clock: Clock) -> None:
    talk.say("طلبي تأخر")
    assert talk.turns.claim(talk.id) is not None
    assert talk.turns.waiting() == []
    clock.turn(hours=-1)
    assert talk.turns.waiting() == [talk.id]
    talk.run()
    assert talk.texts(Sender.BOT) == ["رد على: طلبي تأخر"]


def test_a_running_turn_is_handed_over_when_its_lease_ends(talk: Talk, clock: Clock) -> None:
    talk.say("طلبي تأخر")
    first = claimed(talk)
    clock.turn(seconds=LEASE.total_seconds() - 1)
    assert talk.turns.claim(talk.id) is None
    assert talk.turns.waiting() == []
    clock.turn(seconds=1)
    assert talk.turns.waiting() == [talk.id]
    second = claimed(talk)
    assert (second.claim.turn_id, second.claim.epoch) == (first.claim.turn_id, first.claim.epoch + 1)


@pytest.mark.parametrize("error", [EngineDown("away"), EngineFailed("500"), RuntimeError("a bug"), StaleTurn("overtaken")])
def test_a_turn_that_went_while_the_engine_failed_is_dropped_and_breaks_nothing(
    talk: Talk, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def overtaken_then_fail(job: Job) -> None:
        clock.turn(seconds=LEASE.total_seconds())
        talk.turns.finish(claimed(talk), an_answer("من غيره"))
        raise error

    monkeypatch.setattr(talk.engine, "answer", overtaken_then_fail)
    assert [message.text for message in talk.ask("طلبي تأخر")] == ["من غيره"]
    assert turns_of(store) == [(1, TurnState.DONE)]


def test_a_stale_answer_is_dropped_whole(talk: Talk, clock: Clock, store: Store) -> None:
    talk.say("طلبي تأخر")
    stale = claimed(talk)
    clock.turn(seconds=LEASE.total_seconds())
    current = claimed(talk)
    late = an_answer(a_reply("متأخر", Button("نعم", "/affirm")), "جدًا")
    with pytest.raises(StaleTurn):
        talk.turns.finish(stale, late)
    with pytest.raises(StaleTurn):
        talk.turns.put_back(stale, reached=False)
    assert talk.texts() == ["طلبي تأخر"]
    with store.engine.connect() as connection:
        for table in (tables.choice, tables.reading):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    talk.turns.finish(current, an_answer("أبشر"))
    with pytest.raises(StaleTurn):
        talk.turns.finish(current, an_answer("أبشر"))
    assert talk.texts() == ["طلبي تأخر", "أبشر"]


def test_of_twenty_who_finish_one_turn_one_is_heard(talk: Talk) -> None:
    talk.say("طلبي تأخر")
    job = claimed(talk)
    outcomes = at_once(20, lambda number: talk.turns.finish(job, an_answer(f"{number} أ", f"{number} ب")))
    assert [type(error) for error in errors_in(outcomes)] == [StaleTurn] * 19
    heard = talk.texts(Sender.BOT)
    assert [text.split()[1] for text in heard] == ["أ", "ب"]
    assert len({text.split()[0] for text in heard}) == 1


def test_replies_follow_the_message_with_numbers_of_their_own(talk: Talk) -> None:
    talk.engine.outcomes = [an_answer("واحد", "اثنان", "ثلاثة")]
    talk.ask("طلبي تأخر")
    history = talk.chat.history(talk.id)
    assert [(message.seq, message.text, message.part) for message in history] == [
        (1, "طلبي تأخر", None),
        (2, "واحد", 0),
        (3, "اثنان", 1),
        (4, "ثلاثة", 2),
    ]
    assert len({message.turn_id for message in history[1:]}) == 1


def test_the_store_takes_each_part_of_a_turn_once(talk: Talk, store: Store) -> None:
    talk.ask("طلبي تأخر")
    columns = [column for column in tables.message.c if column.name not in ("id", "seq")]
    again = sa.insert(tables.message).from_select(
        ["seq", *(column.name for column in columns)],
        sa.select(sa.literal(99), *columns).where(tables.message.c.part == 0),
    )
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as connection:
        connection.execute(again)


def test_the_order_of_turns_is_kept_while_the_first_is_put_back(talk: Talk, clock: Clock, store: Store) -> None:
    talk.engine.outcomes = [EngineDown("away")]
    talk.say("الأولى")
    talk.say("الثانية")
    talk.run()
    assert turns_of(store) == [(1, TurnState.PENDING), (2, TurnState.PENDING)]
    assert [job.text for job in talk.engine.jobs] == ["الأولى"]
    clock.turn(seconds=1)
    talk.run()
    assert talk.texts(Sender.BOT) == ["رد على: الأولى", "رد على: الثانية"]
    assert turns_of(store) == [(1, TurnState.DONE), (2, TurnState.DONE)]


def test_a_turn_that_is_put_back_is_not_claimed_before_its_pause_is_over(talk: Talk, clock: Clock) -> None:
    talk.engine.outcomes = [EngineDown("away")]
    talk.ask("طلبي تأخر")
    assert talk.turns.claim(talk.id) is None
    assert talk.turns.waiting() == []
    clock.turn(seconds=1)
    assert talk.turns.waiting() == [talk.id]


def test_conversations_do_not_wait_for_one_another(talk: Talk, store: Store, clock: Clock, words: Words) -> None:
    other = Talk(talk.chat, store, clock, words, FakeEngine())
    talk.say("طلبي تأخر")
    claimed(talk)
    assert [message.text for message in other.ask("أهلًا")] == ["رد على: أهلًا"]


def test_how_the_message_was_read_is_kept_beside_it(talk: Talk, store: Store) -> None:
    talk.ask("طلبي تأخر")
    with store.engine.connect() as connection:
        [row] = connection.execute(sa.select(tables.reading, tables.message.c.text).join(tables.message))
    reading = a_reading()
    assert row.text == "طلبي تأخر"
    assert (row.intent, row.confidence, row.model, row.taken_as) == ("late_delivery", 0.91, reading.model, "inform")
    assert (row.ranking, row.entities) == (reading.ranking, reading.entities)


def held_by_an_agent(talk: Talk, store: Store) -> None:
    with store.write() as work:
        conversation = work.conversations.locked(talk.id)
        assert conversation is not None
        conversation.holder = Holder.AGENT
        work.commit()


def test_where_an_agent_holds_the_conversation_the_bot_reads_and_is_silent(talk: Talk, store: Store) -> None:
    held_by_an_agent(talk, store)
    assert talk.ask("طلبي تأخر") == []
    assert turns_of(store) == [(1, TurnState.SUPPRESSED)]
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(tables.reading.c.intent)) == "late_delivery"


def test_an_answer_that_comes_while_an_agent_holds_the_conversation_is_dropped(talk: Talk, store: Store) -> None:
    talk.say("طلبي تأخر")
    job = claimed(talk)
    held_by_an_agent(talk, store)
    with pytest.raises(StaleTurn):
        talk.turns.finish(job, an_answer("أبشر"))
    assert talk.texts() == ["طلبي تأخر"]


def test_where_an_agent_holds_the_conversation_no_notice_of_the_bots_outage_appears(
    talk: Talk, store: Store, clock: Clock
) -> None:
    held_by_an_agent(talk, store)
    talk.engine.broken = EngineFailed("broken")
    talk.say("طلبي تأخر")
    for _ in range(TRIES):
        talk.run()
        clock.turn(seconds=60)
    assert talk.texts() == ["طلبي تأخر"]
    assert turns_of(store) == [(1, TurnState.FAILED)]


def filled(talk: Talk, drafts: Drafts) -> str:
    """Open a draft with three values out of order and return its id."""
    draft = drafts.open(talk.id, None)
    given = [Given("remedy", "refund"), Given("complaint_kind", "damaged_item"), Given("order_number", "12345", "١٢٣٤٥")]
    drafts.record(draft.id, given, ["contact"], {}, None)
    return draft.id


def test_the_engine_gets_the_open_draft_and_the_slot_asked_last(talk: Talk, drafts: Drafts) -> None:
    draft_id = filled(talk, drafts)
    talk.engine.outcomes = [an_answer(a_reply("ما المنتج؟", asks="product"))]
    talk.ask("طلبي تأخر")
    talk.ask("غسالة")
    first, second = (job.form for job in talk.engine.jobs)
    values = {"complaint_kind": "damaged_item", "order_number": "12345", "remedy": "refund"}
    assert first == {"draft_id": draft_id, "values": values, "skipped": ["contact"], "asked": None}
    assert second == first | {"asked": "product"}


def test_the_summary_gets_labelled_lines_each_with_a_choice_that_edits_it(talk: Talk, drafts: Drafts) -> None:
    filled(talk, drafts)
    talk.engine.outcomes = [an_answer(a_reply("هل هذا صحيح؟", Button("نعم", "/affirm"), asks="confirmed"))]
    [question] = talk.ask("طلبي تأخر")
    lines = question.custom["summary"]
    assert [(line["slot"], line["label"], line["value"]) for line in lines] == [
        ("complaint_kind", "نوع الشكوى", "وصل تالفًا أو لا يعمل"),
        ("order_number", "رقم الطلب", "12345"),
        ("remedy", "الحل المطلوب", "استرداد المبلغ"),
    ]
    edit = talk.say(choice=lines[1]["edit"])
    assert (edit.text, edit.payload) == ("رقم الطلب", '/correct_details{"field": "order_number"}')


def test_a_question_other_than_the_last_gets_no_summary(talk: Talk, drafts: Drafts) -> None:
    filled(talk, drafts)
    talk.engine.outcomes = [an_answer(a_reply("ما المنتج؟", asks="product"))]
    assert [message.custom for message in talk.ask("طلبي تأخر")] == [{"asks": "product"}]


def test_a_summary_of_no_draft_is_only_a_question(talk: Talk) -> None:
    talk.engine.outcomes = [an_answer(a_reply("هل هذا صحيح؟", asks="confirmed"))]
    assert [message.custom for message in talk.ask("طلبي تأخر")] == [{"asks": "confirmed"}]


def test_a_late_action_and_its_gateway_do_not_lock_each_other_out(
    talk: Talk, store: Store, drafts: Drafts, complaints: Complaints
) -> None:
    draft_id = drafts.open(talk.id, None).id
    drafts.record(draft_id, [Given("complaint_kind", "late_delivery"), Given("description", "تأخر كثيرًا")], [], {}, None)
    for _ in range(10):
        talk.say("نعم")
        job = claimed(talk)
        work = [
            lambda job=job: talk.turns.put_back(job, reached=False),
            lambda job=job: drafts.open(talk.id, job.claim),
            lambda job=job: complaints.file(draft_id, job.claim),
            lambda job=job: talk.turns.finish(job, an_answer("أبشر")),
        ]
        outcomes = at_once(len(work), lambda number, work=work: work[number]())
        assert {type(error) for error in errors_in(outcomes)} <= {StaleTurn}
        with store.engine.begin() as connection:
            connection.execute(sa.update(tables.turn).values(state=TurnState.DONE))


class Heard:
    """Listeners that remember what they were told."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def wake(self, conversation_id: str) -> None:
        self.events.append("wake")

    def typing(self, conversation_id: str, on: bool) -> None:
        self.events.append(f"typing {on}")


@pytest.mark.parametrize("outcome", [an_answer("أبشر"), EngineDown("away"), KeyError("replies")], ids=repr)
def test_typing_ends_and_listeners_are_woken_however_a_turn_ends(
    chat: Chat, store: Store, clock: Clock, words: Words, outcome: object
) -> None:
    heard = Heard()
    talk = Talk(chat, store, clock, words, FakeEngine(outcome))  # type: ignore[arg-type]
    talk.turns = Turns(store, clock, talk.engine, heard, words)
    talk.ask("طلبي تأخر")
    assert heard.events == ["typing True", "typing False", "wake"]
