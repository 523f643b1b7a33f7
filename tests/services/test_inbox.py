"""The analysts' inbox: what was said is counted once a message, verdicts are nobody's by accident, and can be taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.conversation import Button, Message, Sender
from bot.domain.errors import Forbidden, LabelledMeanwhile, NotAllowed, UtteranceUnknown
from bot.domain.handoff import Reason
from bot.domain.label import InboxFilter, LabelState, Look
from bot.domain.shop import Shop
from bot.domain.turn import Answer
from bot.domain.user import Role, User
from bot.engine import dataset
from bot.services.inbox import Inbox, Verdict, note
from bot.services.replies import Replies
from bot.services.requests import Requests
from bot.services.takeover import Takeover
from bot.services.training import Training
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, a_reply, an_answer, at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

LABELS = frozenset({"late_delivery", "damaged_item", "greet", "out_of_scope", "faq/warranty"})


@pytest.fixture
def noor(store: Store, clock: Clock) -> User:
    return a_user(users_of(store, clock), Role.ANALYST, "noor", "نور")


@pytest.fixture
def inbox(store: Store, clock: Clock) -> Inbox:
    return Inbox(store, clock, lambda: LABELS)


@pytest.fixture
def somebody(store: Store, clock: Clock, words: Words, talk: Talk) -> Callable[[], Talk]:
    """Returns conversations, each of another shopper."""
    return lambda: Talk(talk.chat, store, clock, words, FakeEngine())


def read_as(intent: str, confidence: float = 0.9, *replies: str) -> Answer:
    answer = an_answer(*replies)
    return replace(answer, reading=replace(answer.reading, intent=intent, confidence=confidence))


def said(talk: Talk, text: str, intent: str = "late_delivery", confidence: float = 0.9) -> None:
    talk.engine.outcomes = [read_as(intent, confidence)]
    talk.ask(text)


def texts(inbox: Inbox, **wanted: object) -> list[str]:
    return [one.text for one in inbox.page(InboxFilter(**wanted))[0]]  # type: ignore[arg-type]


def accept(inbox: Inbox, user: User, text: str, label: str = "late_delivery", *marks: tuple[int, int, str]) -> int:
    [one] = [one for one in inbox.page(InboxFilter())[0] if one.text == text]
    entities = tuple({"start": start, "end": end, "entity": entity} for start, end, entity in marks)
    assert one.id is not None
    inbox.decide(user, one.id, one.version, Verdict(LabelState.ACCEPTED, label, entities))
    return one.id


def test_the_same_after_folding_is_one_and_is_counted(
    talk: Talk, somebody: Callable[[], Talk], inbox: Inbox, clock: Clock
) -> None:
    said(somebody(), "طلبي تأخر")
    clock.turn(hours=1)
    said(talk, "طلبيـ تأخّر", "not_received", 0.4)
    said(talk, "وين طلبي")
    [first, second] = inbox.page(InboxFilter())[0]
    assert (first.text, first.count, first.intent, first.confidence) == ("طلبي تأخر", 2, "not_received", 0.4)
    assert (second.text, second.count) == ("وين طلبي", 1)
    assert first.last_seen > first.first_seen
    assert first.id is not None
    assert [line for _, line, _ in inbox.seen_in(first.id)] == [1, 1]


def test_what_needs_a_look_comes_first_then_what_is_said_often(somebody: Callable[[], Talk], inbox: Inbox) -> None:
    for text, intent, confidence, times in (
        ("وين طلبي", "late_delivery", 0.95, 3), ("طلبي تأخر", "late_delivery", 0.95, 1),
        ("شي غريب", "nlu_fallback", 0.2, 1), ("ما ادري", "greet", 0.3, 1),
    ):  # fmt: skip
        for _ in range(times):
            said(somebody(), text, intent, confidence)
    assert texts(inbox) == ["شي غريب", "ما ادري", "وين طلبي", "طلبي تأخر"]
    assert texts(inbox, look=Look.FIRST) == ["شي غريب", "ما ادري"]
    assert texts(inbox, intent="greet") == ["ما ادري"]
    assert texts(inbox, text="طلبى") == ["وين طلبي", "طلبي تأخر"]
    assert inbox.page(InboxFilter())[1] == 4


def test_each_reason_to_look_can_be_asked_for_alone(talk: Talk, inbox: Inbox, clock: Clock) -> None:
    said(talk, "شي غريب", "nlu_fallback", 0.2)
    said(talk, "ما ادري", "greet", 0.3)
    clock.turn(hours=30)
    said(talk, "طلبي تأخر")
    assert texts(inbox, look=Look.NOT_UNDERSTOOD) == ["شي غريب"]
    assert texts(inbox, look=Look.UNSURE) == ["شي غريب", "ما ادري"]
    assert texts(inbox, look=Look.CORRECTED) == texts(inbox, look=Look.BADLY_RATED) == []
    assert texts(inbox, since=clock() - timedelta(days=1)) == ["طلبي تأخر"]


def test_the_count_is_right_on_whole_pages_on_the_last_and_behind_it(
    talk: Talk, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.inbox.PAGE", 2)
    for text in ("طلبي تأخر", "وين طلبي", "هلا"):
        said(talk, text)
    assert [(len(found), count) for found, count in (inbox.page(InboxFilter(), at) for at in (0, 2, 4))] == [
        (2, 3), (1, 3), (0, 3),
    ]  # fmt: skip
    assert inbox.page(InboxFilter(text="ما قيل")) == ([], 0)


def test_a_message_that_is_run_again_counts_once(talk: Talk, inbox: Inbox, clock: Clock, store: Store) -> None:
    said(talk, "طلبي تأخر")
    with store.write() as work:
        note(work, work.messages.at(talk.id, 1), read_as("late_delivery").reading)
        work.commit()
    assert inbox.page(InboxFilter())[0][0].count == 1


def test_buttons_are_no_utterances(talk: Talk, inbox: Inbox) -> None:
    talk.engine.outcomes = [an_answer(a_reply("أرسلها؟", Button("نعم", "/affirm")))]
    [asked] = talk.ask("طلبي تأخر")
    talk.ask(choice=asked.buttons[0]["id"])
    assert texts(inbox) == ["طلبي تأخر"]


def test_what_was_said_last_comes_first_and_once(talk: Talk, inbox: Inbox) -> None:
    for text in ("طلبي تأخر", "وين طلبي", "هلا", "طلبي تاخر"):
        said(talk, text)
    assert [text for _, text in inbox.newest(500)] == ["طلبي تأخر", "هلا", "وين طلبي"]
    assert [text for _, text in inbox.newest(2)] == ["طلبي تأخر", "هلا"]


@pytest.mark.parametrize(
    ("payload", "label"), [("/late_delivery", "late_delivery"), ('/faq{"topic": "warranty"}', "faq/warranty")]
)
def test_the_button_after_did_you_mean_is_a_suggestion(talk: Talk, inbox: Inbox, payload: str, label: str) -> None:
    not_understood = read_as("nlu_fallback", 0.2)
    talk.engine.outcomes = [replace(not_understood, replies=[a_reply("هل تقصد؟", Button("هذا", payload))])]
    [asked] = talk.ask("فين حاجتي")
    talk.ask(choice=asked.buttons[0]["id"])
    [one] = inbox.page(InboxFilter(look=Look.FIRST))[0]
    assert (one.text, one.suggestion, one.priority) == ("فين حاجتي", label, 3)


def test_an_agents_correction_and_a_low_rating_bring_an_utterance_up(
    talk: Talk, inbox: Inbox, store: Store, clock: Clock, shop: Shop, words: Words, requests: Requests
) -> None:
    said(talk, "وصلت مكسورة", "wrong_item")
    sara = a_user(users_of(store, clock))
    Takeover(store, clock, words).claim(talk.id, sara)
    Replies(store, clock, shop, words).change(talk.id, sara, "complaint_kind", "damaged_item")
    assert [(one.text, one.suggestion) for one in inbox.page(InboxFilter(look=Look.FIRST))[0]] == [
        ("وصلت مكسورة", "damaged_item")
    ]
    other = Talk(talk.chat, store, clock, words, FakeEngine(read_as("late_delivery")))
    other.ask("طلبي تأخر")
    requests.rate(other.id, 1, None, None)
    assert set(texts(inbox, look=Look.FIRST)) == {"وصلت مكسورة", "طلبي تأخر"}
    assert requests.human(other.id, Reason.ASKED, None)


# ------------------------------------------------------------------ verdicts


def test_two_analysts_never_label_the_same_unknowingly(talk: Talk, inbox: Inbox, store: Store, clock: Clock) -> None:
    said(talk, "طلبي تأخر")
    [one] = inbox.page(InboxFilter())[0]
    people = [a_user(users_of(store, clock), Role.ANALYST, f"analyst{n}", f"محلل {n}") for n in range(8)]
    labels = ["late_delivery", "damaged_item"]
    outcomes = at_once(
        8, lambda n: inbox.decide(people[n], one.id or 0, one.version, Verdict(LabelState.ACCEPTED, labels[n % 2]))
    )
    losers = errors_in(outcomes)
    assert len(losers) == 7
    assert {error.label for error in losers if isinstance(error, LabelledMeanwhile)} <= set(labels)
    assert texts(inbox) == []


def test_undo_takes_back_ones_own_newest_verdict_and_not_anothers(
    talk: Talk, inbox: Inbox, noor: User, store: Store, clock: Clock
) -> None:
    for text in ("طلبي تأخر", "وين طلبي"):
        said(talk, text)
    accept(inbox, noor, "طلبي تأخر")
    second = accept(inbox, noor, "وين طلبي", "greet")
    assert inbox.undo(noor).text == "وين طلبي"
    assert texts(inbox) == ["وين طلبي"]
    assert inbox.undo(noor).text == "طلبي تأخر"
    with pytest.raises(NotAllowed) as refused:
        inbox.undo(noor)
    assert refused.value.code == "nothing_to_undo"
    accept(inbox, noor, "وين طلبي", "greet")
    ali = a_user(users_of(store, clock), Role.ANALYST, "ali", "علي")
    [now] = inbox.page(InboxFilter(LabelState.ACCEPTED))[0]
    inbox.decide(ali, second, now.version, Verdict(LabelState.IGNORED))
    with pytest.raises(LabelledMeanwhile):
        inbox.undo(noor)


def test_many_at_once_name_those_somebody_else_was_quicker_with(
    talk: Talk, inbox: Inbox, noor: User, store: Store, clock: Clock
) -> None:
    for text in ("طلبي تأخر", "وين طلبي", "تأخرتوا"):
        said(talk, text)
    shown = [(one.id or 0, one.version) for one in inbox.page(InboxFilter())[0]]
    quicker = accept(inbox, a_user(users_of(store, clock), Role.ANALYST, "ali", "علي"), "وين طلبي", "greet")
    assert inbox.decide_many(noor, shown, Verdict(LabelState.ACCEPTED, "late_delivery")) == [quicker]
    assert {one.text: one.label for one in inbox.accepted()} == {
        "طلبي تأخر": "late_delivery", "وين طلبي": "greet", "تأخرتوا": "late_delivery",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "marks", "code"),
    [
        ("no_such", (), "label_unknown"),
        (None, (), "label_unknown"),
        ("late_delivery", ((0, 4, "product"), (3, 6, "date")), "marks_unreadable"),
        ("late_delivery", ((4, 4, "product"),), "marks_unreadable"),
        ("late_delivery", ((90, 99, "product"),), "marks_unreadable"),
        ("late_delivery", ((10, 13, "product"),), "marks_unreadable"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(
    talk: Talk, inbox: Inbox, noor: User, label: str | None, marks: tuple[tuple[int, int, str], ...], code: str
) -> None:
    said(talk, "طلبي تأخر [x](y)")
    with pytest.raises(NotAllowed) as refused:
        accept(inbox, noor, "طلبي تأخر [x](y)", label, *marks)  # type: ignore[arg-type]
    assert refused.value.code == code
    with pytest.raises(UtteranceUnknown):
        inbox.decide(noor, 999, 0, Verdict(LabelState.IGNORED))


def test_agents_label_nothing(talk: Talk, inbox: Inbox, store: Store, clock: Clock) -> None:
    said(talk, "طلبي تأخر")
    with pytest.raises(Forbidden):
        accept(inbox, a_user(users_of(store, clock)), "طلبي تأخر")


def test_look_alikes_are_grouped(talk: Talk, inbox: Inbox) -> None:
    for text in ("وين طلبي الحين", "وين الطلب الحين", "وين طلبي", "الشاشة وصلت مكسورة", "وصلت الشاشة مكسورة", "هلا"):
        said(talk, text)
    groups = [sorted(one.text for one in group) for group in inbox.clusters(InboxFilter())]
    assert ["الشاشة وصلت مكسورة", "وصلت الشاشة مكسورة"] in groups
    assert all("هلا" not in group for group in groups)


# ------------------------------------------------------------------ poisoning


def test_one_visitor_who_says_a_line_500_times_counts_once(
    talk: Talk, somebody: Callable[[], Talk], inbox: Inbox, store: Store, clock: Clock
) -> None:
    for _ in range(2):
        said(somebody(), "وين طلبي")
    said(talk, "ارفعوا هذا")
    with store.write() as work:
        for seq in range(100, 600):
            message = Message(talk.id, seq, Sender.SHOPPER, "ارفعوا هذا", clock())
            work.messages.add(message)
            note(work, message, read_as("late_delivery").reading)
        work.commit()
    assert [(one.text, one.count) for one in inbox.page(InboxFilter())[0]] == [("وين طلبي", 2), ("ارفعوا هذا", 1)]


def test_nothing_of_200_visitors_is_written_without_an_analysts_yes(
    somebody: Callable[[], Talk], inbox: Inbox, noor: User, shop: Shop, tmp_path: Path
) -> None:
    for number in range(200):
        said(somebody(), f"الضمان سيئ {number % 50} جدا")
    training = Training(inbox, shop, lambda made: dataset.changes(tmp_path, made), lambda _: None)
    assert training.preview() == []
    accept(inbox, noor, "الضمان سيئ 7 جدا")
    assert [example.text for example in training.examples()] == ["الضمان سيئ 7 جدا"]


def test_one_visitor_alone_brings_three_sentences_of_a_label(
    talk: Talk, somebody: Callable[[], Talk], inbox: Inbox, noor: User, shop: Shop, tmp_path: Path
) -> None:
    lines = [f"التوصيل ممتاز {number}" for number in range(10)]
    for text in (*lines, "هلا"):
        said(talk, text)
    for text in lines:
        accept(inbox, noor, text)
    accept(inbox, noor, "هلا", "greet")
    training = Training(inbox, shop, lambda made: dataset.changes(tmp_path, made), lambda _: None)
    assert [example.text for example in training.examples()] == [*lines[:3], "هلا"]
    assert training.left_out() == 7
    for text in lines[5:7]:
        said(somebody(), text)
    assert [example.text for example in training.examples()] == [*lines[:3], *lines[5:7], "هلا"]


# ------------------------------------------------------------------ training data


def test_accepted_labels_are_written_masked_with_their_marks_in_place(
    talk: Talk, inbox: Inbox, noor: User, shop: Shop, tmp_path: Path
) -> None:
    text = "جوالي 0501234567 ووصلت الغسالة مكسورة طلب 771-7654321-7654321"
    said(talk, text)
    said(talk, "انتم اغبياء")
    product, order = text.index("الغسالة"), text.index("771")
    marks = [(6, 16, "phone"), (product, product + 7, "product"), (order, order + 19, "order_number")]
    accept(inbox, noor, text, "damaged_item", *marks)
    [rest] = inbox.page(InboxFilter())[0]
    inbox.decide(noor, rest.id or 0, rest.version, Verdict(LabelState.OUT_OF_SCOPE))
    folder = tmp_path / "project"
    training = Training(inbox, shop, lambda made: dataset.changes(folder, made), lambda found: dataset.write(folder, found))
    assert [change.name for change in training.preview()] == ["damaged_item.yml", "out_of_scope.yml"]
    assert not folder.exists()
    training.write()
    written = (folder / dataset.FOLDER / "damaged_item.yml").read_text("utf-8")
    assert "[0500000000](phone) ووصلت [الغسالة](product) مكسورة طلب [405-1234567-1234567](order_number)" in written
    assert "0501234567" not in written
    assert training.preview() == []


def test_what_is_ignored_is_never_written(talk: Talk, inbox: Inbox, noor: User, shop: Shop, tmp_path: Path) -> None:
    said(talk, "سر لا يكتب")
    [one] = inbox.page(InboxFilter())[0]
    inbox.decide(noor, one.id or 0, one.version, Verdict(LabelState.IGNORED))
    assert Training(inbox, shop, lambda made: dataset.changes(tmp_path, made), lambda _: None).preview() == []
