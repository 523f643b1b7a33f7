"""People take conversations over: one wins, the bot is silent from that commit on, and goes on where the form is left."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.domain.conversation import Button, Holder, Sender
from bot.domain.errors import EngineDown, Forbidden, HeldByAnother, NotAllowed, StaleTurn, UserUnknown
from bot.domain.handoff import UNANSWERED, HandoffState, Outcome, Reason
from bot.domain.shop import Shop
from bot.domain.turn import TurnState
from bot.domain.user import Role, User
from bot.services.drafts import Drafts, Given
from bot.services.queue import Queue, enter
from bot.services.replies import Replies
from bot.services.requests import Requests
from bot.services.takeover import Takeover
from bot.services.users import Users
from bot.services.words import Words
from bot.store import console_tables, tables
from bot.store.unit_of_work import Store
from tests.builders import Talk, a_reply, an_answer, at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import a_user, users_of


@pytest.fixture
def users(store: Store, clock: Clock) -> Users:
    return users_of(store, clock)


@pytest.fixture
def sara(users: Users) -> User:
    return a_user(users)


@pytest.fixture
def omar(users: Users) -> User:
    return a_user(users, login="omar", name="عمر")


@pytest.fixture
def takeover(store: Store, clock: Clock, words: Words) -> Takeover:
    return Takeover(store, clock, words)


@pytest.fixture
def replies(store: Store, clock: Clock, shop: Shop, words: Words) -> Replies:
    return Replies(store, clock, shop, words)


@pytest.fixture
def queue(store: Store, clock: Clock, shop: Shop, words: Words) -> Queue:
    return Queue(store, clock, shop, words)


def states(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        return list(connection.scalars(sa.select(tables.turn.c.state).order_by(tables.turn.c.message_seq)))


def holder(store: Store, conversation_id: str) -> Holder:
    with store.read() as work:
        conversation = work.conversations.get(conversation_id)
    assert conversation is not None
    return conversation.holder


# ------------------------------------------------------------------ one wins


@pytest.mark.parametrize("agents", [2, 20])
def test_of_agents_who_claim_at_once_one_wins_and_the_others_are_told_who(
    talk: Talk, users: Users, takeover: Takeover, store: Store, agents: int
) -> None:
    people = [a_user(users, login=f"agent{number}", name=f"زميل {number}") for number in range(agents)]
    outcomes = at_once(agents, lambda number: takeover.claim(talk.id, people[number]))
    [winner] = [person for person, outcome in zip(people, outcomes, strict=True) if outcome is True]
    losers = errors_in(outcomes)
    assert len(losers) == agents - 1
    assert {error.held_by for error in losers if isinstance(error, HeldByAnother)} == {winner.name}
    assert [text for text in talk.texts(Sender.SYSTEM) if winner.name in text] == talk.texts(Sender.SYSTEM)
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(console_tables.handoff)) == 1


def test_claiming_again_changes_nothing(talk: Talk, takeover: Takeover, sara: User) -> None:
    assert takeover.claim(talk.id, sara) is True
    assert takeover.claim(talk.id, sara) is False
    assert len(talk.texts(Sender.SYSTEM)) == 1


def test_who_may_not_answer_takes_nothing_over(talk: Talk, users: Users, takeover: Takeover, store: Store) -> None:
    analyst = a_user(users, Role.ANALYST, "noor", "نور")
    with pytest.raises(Forbidden):
        takeover.claim(talk.id, analyst)
    assert holder(store, talk.id) is Holder.BOT


# ------------------------------------------------------------------ the bot is silent


def test_a_reply_in_flight_when_an_agent_takes_over_is_dropped_and_the_message_is_read_in_silence(
    talk: Talk, takeover: Takeover, sara: User, store: Store
) -> None:
    talk.say("طلبي تأخر")
    job = talk.turns.claim(talk.id)
    assert job is not None
    takeover.claim(talk.id, sara)
    with pytest.raises(StaleTurn):
        talk.turns.finish(job, an_answer("متأخر"))
    talk.run()
    assert talk.texts(Sender.BOT) == []
    assert talk.engine.parsed == ["طلبي تأخر"]
    assert states(store) == [TurnState.SUPPRESSED]
    assert talk.chat.last_reading(talk.id) is not None


def test_an_action_of_an_interrupted_turn_writes_nothing(talk: Talk, takeover: Takeover, sara: User, drafts: Drafts) -> None:
    talk.say("طلبي تأخر")
    job = talk.turns.claim(talk.id)
    assert job is not None
    takeover.claim(talk.id, sara)
    with pytest.raises(StaleTurn):
        drafts.open(talk.id, job.claim)


def test_what_is_said_to_an_agent_is_read_and_not_answered(talk: Talk, takeover: Takeover, sara: User, store: Store) -> None:
    first = talk.ask("طلبي تأخر")
    takeover.claim(talk.id, sara)
    assert talk.ask("وين طلبي") == []
    assert talk.texts(Sender.BOT) == [message.text for message in first]
    assert states(store) == [TurnState.DONE, TurnState.SUPPRESSED]


def test_a_button_tapped_while_an_agent_holds_goes_nowhere(talk: Talk, takeover: Takeover, sara: User) -> None:
    talk.engine.outcomes = [an_answer(a_reply("هل أرسلها؟", Button("نعم", "/affirm")))]
    [asked] = talk.ask("طلبي تأخر")
    takeover.claim(talk.id, sara)
    assert talk.ask(choice=asked.buttons[0]["id"]) == []
    assert talk.engine.parsed == []
    assert len(talk.engine.jobs) == 1


def test_an_engine_that_is_down_tells_the_shopper_nothing_while_an_agent_is_there(
    talk: Talk, takeover: Takeover, sara: User
) -> None:
    takeover.claim(talk.id, sara)
    talk.engine.broken = EngineDown("down")
    assert talk.ask("وين طلبي") == []


def test_in_250_races_on_each_database_between_a_reply_and_a_claim_no_bot_message_follows_the_claim(
    talk: Talk, takeover: Takeover, sara: User, store: Store
) -> None:
    after = 0
    for number in range(250):
        said = talk.say(f"رسالة {number}")
        job = talk.turns.claim(talk.id)
        assert job is not None
        at_once(2, lambda who, job=job: takeover.claim(talk.id, sara) if who else talk.turns.finish(job, an_answer("رد")))
        messages = talk.chat.history(talk.id, said.seq)
        joined = [message.seq for message in messages if message.custom.get("notice") == "agent_joined"]
        after += sum(message.sender is Sender.BOT and message.seq > joined[0] for message in messages)
        takeover.hand_back(talk.id, sara)
        talk.engine.outcomes.clear()
        asyncio.run(_drain(talk))
    assert after == 0


async def _drain(talk: Talk) -> None:
    """Settle what the race left, without a word of the bot."""
    while job := talk.turns.claim(talk.id):
        talk.turns.finish(job, an_answer())


# ------------------------------------------------------------------ back to the bot


def test_handing_back_goes_on_with_the_form_as_the_agent_left_it(
    talk: Talk, takeover: Takeover, replies: Replies, sara: User, drafts: Drafts, store: Store
) -> None:
    draft = drafts.open(talk.id, None)
    drafts.record(draft.id, [Given("product", "غسالة", "غسالة")], [], {}, None)
    takeover.claim(talk.id, sara)
    replies.change(talk.id, sara, "order_number", "٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧")
    replies.change(talk.id, sara, "product", "غسالة صحون")
    takeover.hand_back(talk.id, sara)
    talk.run()
    [job] = talk.engine.jobs
    assert job.payload == '/file_complaint{"task": "resume"}'
    assert job.form is not None
    assert job.form["values"] == {"product": "غسالة صحون", "order_number": "405-1234567-1234567"}
    assert talk.texts(Sender.BOT) != []
    assert holder(store, talk.id) is Holder.BOT
    changes = [text for text in talk.texts(Sender.SYSTEM) if "405-1234567-1234567" in text or "غسالة صحون" in text]
    assert len(changes) == 2


def test_handing_back_without_a_form_says_so_and_asks_nothing(talk: Talk, takeover: Takeover, sara: User) -> None:
    takeover.claim(talk.id, sara)
    takeover.hand_back(talk.id, sara)
    talk.run()
    assert talk.engine.jobs == []
    assert talk.ask("شكرا") != []


def test_closing_puts_the_form_aside_and_asks_how_it_was(talk: Talk, takeover: Takeover, sara: User, drafts: Drafts) -> None:
    drafts.open(talk.id, None)
    takeover.claim(talk.id, sara)
    takeover.close(talk.id, sara)
    talk.run()
    assert drafts.current(talk.id) is None
    assert drafts.paused(talk.id) is not None
    assert [job.payload for job in talk.engine.jobs] == ['/add_details{"task": "rate"}']


def test_only_who_holds_it_hands_it_back_and_a_supervisor(
    talk: Talk, takeover: Takeover, users: Users, sara: User, omar: User
) -> None:
    takeover.claim(talk.id, sara)
    for refused in (takeover.hand_back, takeover.close):
        with pytest.raises(HeldByAnother) as told:
            refused(talk.id, omar)
        assert told.value.held_by == "سارة"
    takeover.hand_back(talk.id, a_user(users, Role.SUPERVISOR, "huda", "هدى"))
    with pytest.raises(NotAllowed):
        takeover.hand_back(talk.id, sara)


def test_an_agent_passes_on_what_they_hold_and_a_supervisor_assigns_anything(
    talk: Talk, takeover: Takeover, replies: Replies, users: Users, sara: User, omar: User
) -> None:
    assert sara.id
    assert omar.id
    takeover.claim(talk.id, sara)
    takeover.give_to(talk.id, sara, omar.id)
    with pytest.raises(HeldByAnother):
        replies.say(talk.id, sara, "client-id-1", "أنا")
    assert replies.say(talk.id, omar, "client-id-2", "أنا عمر").new
    with pytest.raises(HeldByAnother):
        takeover.give_to(talk.id, sara, sara.id)
    supervisor = a_user(users, Role.SUPERVISOR, "huda", "هدى")
    assert takeover.give_to(talk.id, supervisor, sara.id).name == "سارة"
    with pytest.raises(NotAllowed):
        takeover.give_to(talk.id, supervisor, a_user(users, Role.ANALYST, "noor", "نور").id or 0)
    with pytest.raises(UserUnknown):
        takeover.give_to(talk.id, supervisor, 999)


# ------------------------------------------------------------------ nobody is forgotten


def test_a_shopper_whom_nobody_answers_goes_back_to_the_queue_at_their_old_place(
    talk: Talk, takeover: Takeover, replies: Replies, requests: Requests, queue: Queue, sara: User, clock: Clock
) -> None:
    requests.human(talk.id, Reason.ASKED, None)
    asked_at = clock.now
    clock.turn(minutes=1)
    takeover.claim(talk.id, sara)
    clock.turn(seconds=UNANSWERED.total_seconds())
    assert takeover.return_unanswered() == []
    clock.turn(seconds=1)
    assert takeover.return_unanswered() == [talk.id]
    assert takeover.return_unanswered() == []
    [queued] = queue.lines()
    assert (queued.line.handoff.state, queued.line.handoff.asked_at) == (HandoffState.WAITING, asked_at)
    with pytest.raises(NotAllowed):
        replies.say(talk.id, sara, "client-id-1", "عذرًا")


def test_an_agent_who_answered_and_then_left_loses_the_conversation_too(
    talk: Talk, takeover: Takeover, replies: Replies, sara: User, clock: Clock
) -> None:
    takeover.claim(talk.id, sara)
    replies.say(talk.id, sara, "client-id-1", "أهلًا")
    clock.turn(minutes=30)
    assert takeover.return_unanswered() == []
    talk.say("وين طلبي")
    clock.turn(seconds=UNANSWERED.total_seconds() + 1)
    assert takeover.return_unanswered() == [talk.id]


# ------------------------------------------------------------------ the queue


def test_the_queue_is_sorted_by_urgency_and_tells_what_it_is_about(
    a_shopper: Callable[[], str], requests: Requests, queue: Queue, drafts: Drafts, store: Store, clock: Clock
) -> None:
    early, late = a_shopper(), a_shopper()
    requests.human(early, Reason.ASKED, None)
    clock.turn(minutes=10)
    draft = drafts.open(late, None)
    drafts.record(draft.id, [Given("complaint_kind", "security_issue", None)], [], {}, None)
    requests.human(late, Reason.ASKED, None)
    assert [queued.line.handoff.conversation_id for queued in queue.lines()] == [late, early]
    assert queue.lines()[0].line.kind == "security_issue"
    clock.turn(minutes=200)
    place = queue.news(early, 0).place
    assert place is not None
    assert place.position == 2


def test_who_sits_and_waits_comes_before_a_promise_that_was_broken(
    a_shopper: Callable[[], str], requests: Requests, queue: Queue, store: Store, clock: Clock
) -> None:
    gone, here = a_shopper(), a_shopper()
    with store.write() as work:
        enter(work, gone, Reason.OVERDUE, clock())
        work.commit()
    clock.turn(hours=20)
    requests.human(here, Reason.ASKED, None)
    assert [queued.line.handoff.conversation_id for queued in queue.lines()] == [here, gone]
    place = queue.news(here, 0).place
    assert place is not None
    assert place.position == 1


def test_a_shopper_sees_their_place_and_may_give_up(
    talk: Talk, requests: Requests, queue: Queue, takeover: Takeover, sara: User, users: Users
) -> None:
    assert queue.news(talk.id, 0).place is None
    requests.human(talk.id, Reason.ASKED, None)
    place = queue.news(talk.id, 0).place
    assert place is not None
    assert (place.position, place.agents) == (1, 0)
    assert sara.id
    users.set_available(sara.id, on=True)
    assert queue.news(talk.id, 0).place == type(place)(1, 1, place.hours)
    queue.cancel(talk.id)
    assert queue.news(talk.id, 0).place is None
    assert queue.lines() == []
    with pytest.raises(NotAllowed):
        queue.cancel(talk.id)


def test_a_callback_ends_the_waiting(talk: Talk, requests: Requests, queue: Queue, store: Store) -> None:
    requests.human(talk.id, Reason.ASKED, None)
    requests.callback(talk.id, "+966501234567", None, None)
    assert queue.news(talk.id, 0).place is None
    with store.read() as work:
        assert [handoff.outcome for handoff in work.handoffs.of(talk.id)] == [Outcome.CALLBACK]


def test_anger_calls_a_person_without_a_word_to_the_shopper(talk: Talk, queue: Queue) -> None:
    answer = an_answer("حقك علينا")
    talk.engine.outcomes = [replace(answer, reading=replace(answer.reading, intent="express_anger"))]
    talk.ask("أنتم نصابين")
    [queued] = queue.lines()
    assert queued.line.handoff.reason is Reason.ANGRY
    assert queued.line.last_words == "أنتم نصابين"
    assert queue.news(talk.id, 0).place is None


def test_asking_while_angry_makes_the_waiting_known(
    talk: Talk, requests: Requests, queue: Queue, store: Store, clock: Clock
) -> None:
    with store.write() as work:
        enter(work, talk.id, Reason.ANGRY, clock())
        work.commit()
    requests.human(talk.id, Reason.ASKED, None)
    assert queue.news(talk.id, 0).place is not None
    assert len(queue.lines()) == 1


def test_a_conversation_enters_the_queue_once_however_many_threads_ask(talk: Talk, requests: Requests, queue: Queue) -> None:
    assert errors_in(at_once(8, lambda _: requests.human(talk.id, Reason.ASKED, None))) == []
    assert len(queue.lines()) == 1


# ------------------------------------------------------------------ what an agent says


def test_a_reply_sent_twice_is_said_once(talk: Talk, takeover: Takeover, replies: Replies, sara: User) -> None:
    takeover.claim(talk.id, sara)
    first = replies.say(talk.id, sara, "client-id-1", "أهلًا، معك سارة")
    again = replies.say(talk.id, sara, "client-id-1", "أهلًا، معك سارة")
    assert (first.new, again.new, again.message.seq) == (True, False, first.message.seq)
    assert talk.texts(Sender.AGENT) == ["أهلًا، معك سارة"]


def test_an_agent_says_nothing_in_a_conversation_of_the_bot(talk: Talk, replies: Replies, sara: User) -> None:
    with pytest.raises(NotAllowed) as refused:
        replies.say(talk.id, sara, "client-id-1", "أهلًا")
    assert refused.value.code == "not_held"


@pytest.mark.parametrize(
    ("slot", "raw", "code"),
    [
        ("order_number", "لا أعرف", "slot_unreadable"),
        ("purchase_date", "بكرة", "slot_future"),
        ("complaint_kind", "greet", "slot_unclear"),
        ("description", "مكسور", "slot_too_short"),
        ("mood", "x", "slot_unknown"),
    ],
)
def test_a_value_that_will_not_do_is_refused_and_the_shopper_hears_nothing(
    talk: Talk, takeover: Takeover, replies: Replies, sara: User, slot: str, raw: str, code: str
) -> None:
    takeover.claim(talk.id, sara)
    before = talk.texts()
    with pytest.raises(NotAllowed) as refused:
        replies.change(talk.id, sara, slot, raw)
    assert refused.value.code == code
    assert talk.texts() == before


def test_a_note_is_for_colleagues_alone_and_tells_whom_it_names(
    talk: Talk, replies: Replies, sara: User, omar: User, store: Store
) -> None:
    replies.note(talk.id, sara, "@omar راجع الفاتورة من فضلك @nobody")
    assert talk.texts() == []
    assert omar.id
    with store.read() as work:
        assert [note.text for note in work.handoffs.mentions(omar.id)] == ["@omar راجع الفاتورة من فضلك @nobody"]
    replies.saw_mentions(talk.id, omar)
    with store.read() as work:
        assert work.handoffs.mentions(omar.id) == []


def test_two_agents_changing_two_values_at_once_lose_neither(
    talk: Talk, takeover: Takeover, replies: Replies, sara: User, drafts: Drafts
) -> None:
    takeover.claim(talk.id, sara)
    values = {"product": "غسالة", "order_number": "10482", "amount": "350 SAR", "seller": "واحة"}
    names = list(values)
    assert errors_in(at_once(4, lambda n: replies.change(talk.id, sara, names[n], values[names[n]]))) == []
    draft = drafts.current(talk.id)
    assert draft is not None
    assert {name: draft.value(name) for name in names} == values


def test_a_thread_that_waits_for_the_engine_does_not_hold_the_conversation(
    talk: Talk, takeover: Takeover, sara: User
) -> None:
    """An agent takes over while Rasa is thinking, without waiting for it."""
    talk.engine.open.clear()
    talk.say("طلبي تأخر")
    runner = threading.Thread(target=talk.run)
    runner.start()
    while not talk.engine.jobs:
        pass
    assert takeover.claim(talk.id, sara)
    talk.engine.open.set()
    runner.join(10)
    assert talk.texts(Sender.BOT) == []
