"""What the shop does with complaints: answers, offers, clocks that run out, lists that find, files nobody can run."""

import csv
import io
from collections.abc import Callable

import pytest

from bot.domain.complaint import Complaint, Level, Status
from bot.domain.conversation import Sender
from bot.domain.desk import TRIES, Letter
from bot.domain.errors import ComplaintUnknown, NotAllowed, UserUnknown, ViewUnknown
from bot.domain.handoff import Reason
from bot.domain.lists import Breach, ComplaintFilter
from bot.domain.shop import Shop
from bot.domain.sla import WARNING, ClockState, clocks
from bot.domain.user import Role, User
from bot.outward.mail import Mail
from bot.services.chat import Chat, Incoming
from bot.services.console import Console, console_over
from bot.services.letters import Letters
from bot.services.life import ComplaintLife
from bot.services.lists import harmless
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

File = Callable[..., Complaint]
LINK = "https://chat.example/complaints/file/x"


@pytest.fixture
def console(store: Store, clock: Clock, shop: Shop, words: Words) -> Console:
    return console_over(store, clock, shop, words, lambda _: LINK, frozenset, users_of(store, clock))


@pytest.fixture
def sara(console: Console) -> User:
    return a_user(console.users)


def again(console: Console, complaint: Complaint) -> Complaint:
    return console.dossiers.complaint(complaint.number).complaint


def letters_of(store: Store, clock: Clock) -> list[Letter]:
    with store.read() as work:
        return work.letters.due(clock())


# ------------------------------------------------------------------ answers and offers


def test_an_answer_stands_in_the_chat_in_the_timeline_and_in_a_letter(
    console: Console, a_complaint: File, chat: Chat, sara: User, store: Store, clock: Clock
) -> None:
    filed = a_complaint()
    clock.turn(hours=3)
    answered = console.desk.answer(filed.number, sara, "استلمنا شكواك ونرسل لك البديل غدًا.")
    [message] = chat.history(filed.conversation_id)
    assert (message.sender, message.text) == (Sender.AGENT, "استلمنا شكواك ونرسل لك البديل غدًا.")
    assert message.custom == {"agent": "سارة", "about": filed.number}
    assert (answered.status, answered.first_answered_at) == (Status.IN_REVIEW, clock.now)
    [letter] = letters_of(store, clock)
    assert letter.recipient == "mona@example.com"
    assert filed.number in letter.subject
    assert "نرسل لك البديل غدًا" in letter.body
    assert LINK in letter.body


def test_who_left_no_address_gets_no_letter(
    console: Console, a_complaint: File, sara: User, store: Store, clock: Clock
) -> None:
    console.desk.answer(a_complaint(contact="+966501234567").number, sara, "تم")
    assert letters_of(store, clock) == []


def test_an_offer_is_told_and_what_became_of_it_is_kept(console: Console, a_complaint: File, chat: Chat, sara: User) -> None:
    filed = a_complaint()
    with pytest.raises(NotAllowed) as refused:
        console.desk.settle_offer(filed.number, sara, accepted=True)
    assert refused.value.code == "no_offer"
    console.desk.offer(filed.number, sara, "استبدال القطعة وقسيمة بخمسين ريالًا")
    assert "استبدال القطعة" in chat.history(filed.conversation_id)[-1].text
    console.desk.settle_offer(filed.number, sara, accepted=False)
    kept = again(console, filed)
    assert (kept.offer, kept.offer_accepted) == ("استبدال القطعة وقسيمة بخمسين ريالًا", False)
    assert [entry.action for entry in kept.timeline] == ["filed", "offered", "offer_declined"]


def test_who_answers_for_it_is_kept_and_no_shopper_reads_it(
    console: Console, a_complaint: File, sara: User, words: Words, shop: Shop
) -> None:
    filed = a_complaint()
    console.desk.assign(filed.number, sara, sara.id)
    kept = again(console, filed)
    assert kept.assignee_id == sara.id
    assert not any("سارة" in line for line in words.timeline(kept, shop.zone))
    console.desk.assign(filed.number, sara, None)
    assert again(console, filed).assignee_id is None
    with pytest.raises(UserUnknown):
        console.desk.assign(filed.number, sara, a_user(console.users, Role.ANALYST, "noor", "نور").id)


def test_changing_many_changes_those_that_may_and_names_the_others(console: Console, a_complaint: File, sara: User) -> None:
    one, other = a_complaint(), a_complaint()
    console.desk.move(other.number, Status.CLOSED, "sara", None)
    refused = console.desk.change_many(
        [one.number, other.number, "SH-00000-00000-0000", one.number],
        lambda number: console.desk.move(number, Status.WAITING_SELLER, "sara", "ننتظر البائع"),
    )
    assert refused == {other.number: "already_closed", "SH-00000-00000-0000": ComplaintUnknown.code}
    assert again(console, one).status is Status.WAITING_SELLER
    for numbers, code in (([], "nothing_chosen"), (["x"] * 201, "too_many_chosen")):
        with pytest.raises(NotAllowed) as told:
            console.desk.change_many(numbers, lambda _: one)
        assert told.value.code == code


# ------------------------------------------------------------------ clocks


def states(complaint: Complaint, clock: Clock, shop: Shop) -> dict[str, ClockState]:
    return {one.name: one.state for one in clocks(complaint, clock(), shop)}


def test_the_clocks_run_warn_and_run_out_in_the_shops_working_time(
    console: Console, a_complaint: File, clock: Clock, shop: Shop
) -> None:
    filed = a_complaint()
    assert filed.answer_due_at == shop.due_at(clock.now, filed.kind)
    assert filed.resolve_by == shop.after(clock.now, shop.resolution_hours)
    assert states(filed, clock, shop) == {"first_answer": ClockState.RUNNING, "resolution": ClockState.RUNNING}
    clock.now = filed.answer_due_at - WARNING
    assert states(filed, clock, shop)["first_answer"] is ClockState.WARNED
    clock.now = filed.answer_due_at
    assert states(filed, clock, shop)["first_answer"] is ClockState.BREACHED


def test_after_an_answer_the_shoppers_next_words_start_the_next_clock(
    console: Console, a_complaint: File, life: ComplaintLife, sara: User, clock: Clock, shop: Shop
) -> None:
    filed = a_complaint()
    clock.turn(hours=1)
    console.desk.answer(filed.number, sara, "نراجع الأمر")
    assert again(console, filed).answer_due_at is None
    clock.turn(hours=2)
    life.add_words(filed.number, "لسه ما وصل شيء", filed.conversation_id, None)
    waiting = again(console, filed)
    assert waiting.answer_due_at == shop.after(clock.now, shop.next_answer_hours)
    assert states(waiting, clock, shop)["next_answer"] is ClockState.RUNNING
    clock.turn(hours=1)
    life.add_words(filed.number, "وين الرد", filed.conversation_id, None)
    assert again(console, filed).answer_due_at == waiting.answer_due_at
    console.desk.answer(filed.number, sara, "أُرسل البديل")
    assert again(console, filed).answer_due_at is None


def test_a_clock_that_ran_out_is_written_down_once_told_once_and_calls_a_person(
    console: Console, a_complaint: File, store: Store, clock: Clock
) -> None:
    filed = a_complaint()
    assert console.watch.mark_due() == 0
    assert filed.answer_due_at
    clock.now = filed.answer_due_at
    console.watch.mark_due()
    console.watch.mark_due()
    marked = again(console, filed)
    assert [entry.detail["clock"] for entry in marked.timeline if entry.action == "breached"] == ["answer"]
    with store.read() as work:
        topics = [topic for _, topic, _ in work.outbox.waiting(100)]
    assert topics.count("complaint.breached") == 1
    [queued] = console.queue.lines()
    assert queued.line.handoff.reason is Reason.OVERDUE


def test_a_settled_complaint_has_no_clock_and_a_reopened_one_starts_anew(
    console: Console, a_complaint: File, clock: Clock, shop: Shop
) -> None:
    filed = a_complaint()
    clock.turn(hours=5)
    console.desk.move(filed.number, Status.RESOLVED, "sara", None)
    settled = again(console, filed)
    assert (settled.answer_due_at, settled.resolve_by, settled.next_mark_at) == (None, None, None)
    assert states(settled, clock, shop) == {"first_answer": ClockState.MET, "resolution": ClockState.MET}
    clock.turn(days=3)
    console.desk.move(filed.number, Status.REOPENED, "sara", None)
    reopened = again(console, filed)
    assert reopened.answer_due_at == shop.due_at(clock.now, filed.kind)
    assert reopened.resolve_by == shop.after(clock.now, shop.resolution_hours)


# ------------------------------------------------------------------ lists


def numbers(console: Console, wanted: ComplaintFilter) -> list[str]:
    return [line.number for line in console.lists.complaints(wanted).lines]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("امازون", True), ("أمازون", True), ("الامـــازون", True), ("غساله", True), ("غسا", True), ("ثلاجة", False),
        ("405-1234567", True), ("٤٠٥", True), ("غسالة أمازون", True), ("غسالة ثلاجة", False), ("MONA", True),
        ("؟!", True), ("", True), ("' OR 1=1 --", False), ('"غسالة" NOT', False), ("*", True),
    ],
)  # fmt: skip
def test_search_folds_spelling_and_digits(console: Console, a_complaint: File, text: str, found: bool) -> None:
    filed = a_complaint(description="اشتريت الغسالة من أمازون ووصلت مكسورة")
    a_complaint(description="شيء آخر تمامًا", product="كتاب", order_number="777", contact="+966501234567")
    assert (filed.number in numbers(console, ComplaintFilter(text=text))) is found
    everything = text in ("", "؟!", "*")
    assert len(numbers(console, ComplaintFilter(text=text))) == (2 if everything else found)


def test_filters_narrow_the_list_and_pages_miss_and_double_nothing(
    console: Console, a_complaint: File, sara: User, clock: Clock
) -> None:
    filed = [a_complaint(complaint_kind="late_delivery" if at % 2 else "damaged_item") for at in range(7)]
    console.desk.move(filed[0].number, Status.CLOSED, "sara", None)
    console.desk.raise_level(filed[1].number, Level.SUPERVISOR, "sara", None)
    console.desk.assign(filed[2].number, sara, sara.id)
    everything = [one.number for one in reversed(filed)]
    assert numbers(console, ComplaintFilter(open_only=True)) == everything[:-1]
    assert numbers(console, ComplaintFilter(status=(Status.CLOSED,))) == [filed[0].number]
    assert numbers(console, ComplaintFilter(level=(Level.SUPERVISOR, Level.FORMAL))) == [filed[1].number]
    assert numbers(console, ComplaintFilter(assignee_id=sara.id)) == [filed[2].number]
    assert len(numbers(console, ComplaintFilter(unassigned=True))) == 6
    assert numbers(console, ComplaintFilter(breach=Breach.BREACHED)) == []
    assert filed[3].answer_due_at
    clock.now = filed[3].answer_due_at
    assert filed[3].number in numbers(console, ComplaintFilter(breach=Breach.BREACHED))
    paged, before = [], None
    while True:
        page = console.lists.complaints(ComplaintFilter(), before, 3)
        paged += [line.number for line in page.lines]
        before = page.before
        if before is None:
            break
    assert paged == everything


def test_messages_are_found_by_their_words_and_the_bots_are_not(console: Console, chat: Chat) -> None:
    conversation = chat.open("widget").conversation_id
    chat.receive(conversation, Incoming("client-id-1", "وين الأوردر حقي يا جماعة"))
    [found] = console.lists.messages("الاوردر")
    assert (found.conversation_id, found.seq) == (conversation, 1)
    assert console.lists.messages("ثلاجة") == []
    assert console.lists.messages("!!") == []


def test_saved_views_are_each_users_own(console: Console, sara: User) -> None:
    console.lists.save_view(sara, "المتأخرة", {"breach": "breached"})
    console.lists.save_view(sara, "المتأخرة", {"breach": "warned"})
    omar = a_user(console.users, login="omar", name="عمر")
    assert [(view.name, view.query) for view in console.lists.views(sara)] == [("المتأخرة", {"breach": "warned"})]
    assert console.lists.views(omar) == []
    with pytest.raises(ViewUnknown):
        console.lists.drop_view(omar, "المتأخرة")
    console.lists.drop_view(sara, "المتأخرة")
    assert console.lists.views(sara) == []


# ------------------------------------------------------------------ files nobody can run


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200f=1", "＝1+1", "＋1", "－1+2", "＠x",
     "|calc", "%0A=1", "=HYPERLINK(\"http://x\")", "-غسالة", "+٩٦٦ كلمة"],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["", "غسالة", "+966501234567", "٤٠٥-١٢٣", "a=b", "SH-1", "3-4", "نعم - لا", "+٩٦٦٥٠١٢٣٤٥٦٧"]
)
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_the_exported_list_reads_back_whole_with_arabic_names(console: Console, a_complaint: File) -> None:
    text = '=cmd|"/C calc"!A0, سطر\nثانٍ "بين علامتين"'
    filed = a_complaint(description=text)
    a_complaint(product="كتاب")
    whole = "".join(console.lists.exported(ComplaintFilter()))
    assert whole.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(whole.lstrip("\ufeff"))))
    assert len(rows) == 2
    [row] = [row for row in rows if row["رقم الشكوى"] == filed.number]
    assert row["ما حدث"] == "'" + filed.description
    assert row["النوع"] == "منتج تالف" or row["النوع"]


# ------------------------------------------------------------------ letters


def test_a_letter_is_sent_once_and_tried_again_when_that_fails(store: Store, clock: Clock) -> None:
    sent: list[str] = []
    fails = [True, True, False]

    def send(letter: Letter) -> None:
        if fails.pop(0):
            raise ConnectionRefusedError
        sent.append(letter.body)

    with store.write() as work:
        work.letters.add(Letter("mona@example.com", "رد", "نص", clock()))
        work.commit()
    letters = Letters(store, clock, send)
    assert letters.send_due() == 0
    assert letters.send_due() == 0
    clock.turn(minutes=1)
    assert letters.send_due() == 0
    clock.turn(minutes=2)
    assert letters.send_due() == 1
    assert letters.send_due() == 0
    assert sent == ["نص"]


def test_a_letter_that_never_goes_out_is_given_up_with_its_reason(clock: Clock) -> None:
    letter = Letter("mona@example.com", "رد", "نص", clock())
    begun = clock.now
    for _ in range(TRIES):
        letter.failed(clock.now, "ConnectionRefusedError")
        clock.now = letter.not_before or clock.now
    assert (letter.tries, letter.not_before, letter.error) == (TRIES, None, "ConnectionRefusedError")
    assert (clock.now - begun).total_seconds() > 3600


def test_a_letter_has_its_own_headers_alone(clock: Clock) -> None:
    mail = Mail("localhost", 25, "", "", "المتجر <care@shop.example>", "none")
    written = mail.written(Letter("mona@example.com\r\nBcc: all@example.com", "رد\nX-Evil: 1", "نص عربي\nوسطر", clock()))
    assert written["Bcc"] is None
    assert written["X-Evil"] is None
    assert written.get_content().strip() == "نص عربي\nوسطر"
