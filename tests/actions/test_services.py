"""What a shopper may ask for beside filing a complaint: what is asked, what is done, what is said, and who may."""

from pathlib import Path

import pytest

from actions.ask import FORM
from actions.questions import OPTIONAL, READ
from actions.service_form import SERVICES
from bot.bootstrap import Services
from bot.domain.complaint import Level, Status
from bot.domain.draft import DraftState
from bot.domain.request import Request
from bot.services.chat import Incoming
from tests.actions.talk import Counter, Talk

PHONE = "+966501234567"


@pytest.fixture
def counter(services: Services) -> Counter:
    return Counter()


def filed(sender: str = "a shopper", contact: str = "0501234567") -> str:
    """File a complaint with a telephone number and return its own."""
    talk = Talk(sender)
    talk.tap("late_delivery")
    for answer in ("12345678", "أمس", "سماعة بلوتوث", "طلبتها ولم تصل حتى الآن", "أبغى فلوسي", contact):
        talk.say(answer)
    talk.tap("affirm")
    return talk.file()


def made(services: Services) -> Request:
    return services.requests.newest(1)[0]


# ------------------------------------------------------------------ whose complaint


def test_the_complaint_of_this_conversation_needs_no_proof(services: Services, counter: Counter) -> None:
    number = filed()
    assert counter.say("وش صار على شكواي", "track_complaint") is None
    assert counter.responses == ["utter_status", "utter_timeline", "utter_can_do"]
    assert counter.told("utter_status")["number"] == number
    assert counter.told("utter_status")["status"] == "مقدَّمة، وتنتظر المراجعة"
    assert counter.told("utter_timeline")["timeline"].endswith("سُجِّلت الشكوى")
    assert services.complaints.show(number).file_secret in counter.told("utter_can_do")["link"]


def test_anothers_is_shown_against_its_contact_alone(counter: Counter) -> None:
    number = filed("somebody else")
    assert counter.say("وين شكواي", "track_complaint") == "tracked_number"
    assert counter.say(number) == "proof"
    assert counter.responses == []
    assert counter.say("0559999999") == "proof"
    assert counter.slots["ask_again"] == "mismatch"
    assert counter.say("0501234567") is None
    assert counter.told("utter_status")["number"] == number


def test_number_and_contact_in_one_message_open_it_at_once(counter: Counter) -> None:
    number = filed("somebody else")
    assert counter.say(f"وش صار على {number} جوالي 0501234567", "track_complaint") is None
    assert counter.told("utter_status")["number"] == number


def test_a_number_nobody_has_is_treated_as_anothers(counter: Counter) -> None:
    counter.say("وين شكواي", "track_complaint")
    assert counter.say("SH-00000-00000-0000") == "proof"
    assert counter.say("0501234567") == "proof"
    assert counter.slots["ask_again"] == "mismatch"


def test_after_five_wrong_contacts_nothing_opens(counter: Counter) -> None:
    number = filed("somebody else")
    for _ in range(5):
        counter.say("وين شكواي", "track_complaint", complaint_number=number)
        counter.say("0559999999")
    counter.say("وين شكواي", "track_complaint", complaint_number=number)
    assert counter.say("0501234567") == "proof"
    assert counter.slots["ask_again"] == "too_many"


def test_without_a_number_there_are_other_ways(counter: Counter) -> None:
    counter.say("وين شكواي", "track_complaint")
    assert counter.say("ما عندي", "skip") is None
    assert counter.responses == ["utter_no_number"]


# ------------------------------------------------------------------ changing it


def test_words_are_added(services: Services, counter: Counter) -> None:
    number = filed()
    assert counter.say("أبغى أضيف على الشكوى", "add_details") == "details"
    assert counter.say("المندوب اتصل اليوم وقال ما عنده الطلب") is None
    assert counter.responses == ["utter_details_added"]
    assert services.complaints.show(number).timeline[-1].detail["text"] == "المندوب اتصل اليوم وقال ما عنده الطلب"


def test_who_says_it_at_once_is_not_asked(services: Services, counter: Counter) -> None:
    number = filed()
    text = "أبغى أضيف على شكواي إن المندوب اتصل اليوم وقال إنه ما عنده الطلب"
    assert counter.say(text, "add_details") is None
    assert services.complaints.show(number).timeline[-1].detail["text"] == text


def test_what_there_is_to_show_is_kept_as_evidence(services: Services, counter: Counter) -> None:
    number = filed()
    counter.say("عندي إضافة", "add_details")
    counter.say("عندي صورة للشاشة وهي مكسورة")
    assert counter.responses == ["utter_evidence_added"]
    assert services.complaints.show(number).evidence == ["عندي صورة للشاشة وهي مكسورة"]


def test_a_complaint_is_withdrawn_after_a_yes(services: Services, counter: Counter) -> None:
    number = filed()
    assert counter.say("خلاص اسحبوا شكواي", "withdraw_complaint") == "withdraw_sure"
    assert services.complaints.show(number).status is Status.SUBMITTED
    assert counter.say("ايه", "affirm") is None
    assert services.complaints.show(number).status is Status.WITHDRAWN


def test_a_no_leaves_it(services: Services, counter: Counter) -> None:
    number = filed()
    counter.say("خلاص اسحبوا شكواي", "withdraw_complaint")
    assert counter.say("لا", "deny") is None
    assert counter.responses == ["utter_not_withdrawn"]
    assert services.complaints.show(number).status is Status.SUBMITTED


@pytest.mark.parametrize(
    ("status", "why"),
    [(Status.WITHDRAWN, "already_withdrawn"), (Status.CLOSED, "already_closed"), (Status.RESOLVED, "already_resolved")],
)
def test_what_cannot_be_is_said_before_anything_is_asked(
    services: Services, counter: Counter, status: Status, why: str
) -> None:
    number = filed()
    services.console.desk.move(number, status, "shop", None)
    assert counter.say("اسحبوا شكواي", "withdraw_complaint") is None
    assert counter.said == [("utter_refused_settled", {"why": services.words.errors[why]})]


def test_a_settled_complaint_is_opened_again(services: Services, counter: Counter) -> None:
    number = filed()
    services.console.desk.move(number, Status.CLOSED, "shop", None)
    counter.say("وش صار", "track_complaint")
    assert counter.responses == ["utter_status_settled", "utter_timeline", "utter_can_reopen"]
    assert counter.tap("escalate_complaint", task="reopen") == "reopen_reason"
    assert counter.say("المبلغ ما رجع لي للحين") is None
    complaint = services.complaints.show(number)
    assert complaint.status is Status.REOPENED
    assert complaint.timeline[-1].detail["reason"] == "المبلغ ما رجع لي للحين"


def test_levels_are_climbed_one_after_another(services: Services, counter: Counter) -> None:
    number = filed()
    steps = (
        (Level.SUPERVISOR, "utter_raised_to_supervisor"),
        (Level.FORMAL, "utter_raised_to_formal"),
        (Level.AUTHORITY, "utter_raised_to_authority"),
    )
    for level, response in steps:
        assert counter.say("ما عجبني الحل أبغى المشرف", "escalate_complaint") == "affected"
        assert counter.say("تعطل شغلي أسبوع كامل") == "expected"
        assert counter.say("ترجعون فلوسي كاملة") is None
        assert counter.responses == [response]
        assert services.complaints.show(number).level is level
    complaint = services.complaints.show(number)
    assert (complaint.affected, complaint.expected) == ("تعطل شغلي أسبوع كامل", "ترجعون فلوسي كاملة")
    assert counter.say("أبغى أعلى من كذا", "escalate_complaint") is None
    assert counter.responses == ["utter_raised_to_authority"]


def test_neither_question_of_the_escalation_has_to_be_answered(services: Services, counter: Counter) -> None:
    number = filed()
    counter.say("أبغى المشرف", "escalate_complaint")
    counter.tap("skip")
    assert counter.tap("skip") is None
    complaint = services.complaints.show(number)
    assert (complaint.level, complaint.affected, complaint.expected) == (Level.SUPERVISOR, None, None)


def test_a_level_that_is_due_is_offered(services: Services, counter: Counter) -> None:
    number = filed()
    services.console.desk.move(number, Status.CLOSED, "shop", None)
    services.console.desk.move(number, Status.REOPENED, "shopper", None)
    counter.say("وش صار", "track_complaint")
    assert counter.told("utter_level_due") == {"to_level": services.words.levels["supervisor"]}


def test_a_contact_had_elsewhere_is_logged(services: Services, counter: Counter) -> None:
    number = filed()
    assert counter.tap("add_details", task="log_contact") == "contact_channel"
    assert counter.say("كلمتهم بالتلفون") == "contact_when"
    assert counter.say("أمس العصر") == "contact_content"
    assert counter.say("رد علي فهد وقال بيتصل علي") is None
    [contact] = services.complaints.show(number).contacts
    assert (contact.channel, contact.at_typed, contact.content) == ("phone", "أمس العصر", "رد علي فهد وقال بيتصل علي")
    assert contact.at is not None


def test_a_contact_told_in_words_is_logged_at_once(services: Services, counter: Counter) -> None:
    number = filed()
    text = "كلمتهم في التلفون أمس وقالوا انتظر"
    assert counter.say(text, "add_details", date="أمس") is None
    [contact] = services.complaints.show(number).contacts
    assert (contact.channel, contact.at_typed, contact.content) == ("phone", "أمس", text)


def test_when_will_i_hear_names_the_promise_of_the_complaint(services: Services, counter: Counter) -> None:
    number = filed()
    counter.say("متى تردون", "ask_response_time")
    assert counter.told("utter_due")["number"] == number
    assert Counter("another").say("متى تردون", "ask_response_time") is None


# ------------------------------------------------------------------ requests


def test_a_call_back_needs_number_and_time(services: Services, counter: Counter) -> None:
    assert counter.say("اتصلوا علي", "request_callback") == "callback_phone"
    assert counter.say("رقمي 12") == "callback_phone"
    assert counter.slots["ask_again"] == "unreadable"
    assert counter.say("٠٥٠١٢٣٤٥٦٧") == "callback_time"
    assert counter.say("بعد المغرب") is None
    request = made(services)
    assert request.data == {"phone": PHONE, "best_time": "بعد المغرب"}
    assert counter.told("utter_callback_kept")["reference"] == request.reference


def test_a_number_that_is_known_is_not_asked_for(counter: Counter) -> None:
    filed()
    assert counter.say("اتصلوا علي", "request_callback") == "callback_time"


def test_a_seller_is_asked(services: Services, counter: Counter) -> None:
    assert counter.say("أبغى أسأل البائع دار الهدايا", "contact_seller", seller="دار الهدايا") == "seller_order"
    assert counter.say("ما اشتريت بعد", "skip") == "seller_question"
    assert counter.say("هل يتوفر اللون الأزرق؟") is None
    assert made(services).data == {"seller": "دار الهدايا", "order_number": None, "question": "هل يتوفر اللون الأزرق؟"}


def test_a_security_report_is_its_own_short_form(services: Services, counter: Counter) -> None:
    assert counter.tap("add_details", task="security_report") == "security_what"
    assert counter.say("جاني اتصال يطلب رمز التحقق باسمكم") == "security_when"
    assert counter.say("اليوم الصباح") == "security_contact"
    assert counter.say("ما أبغى", "deny") is None
    assert made(services).data["what"] == "جاني اتصال يطلب رمز التحقق باسمكم"
    assert counter.responses == ["utter_security_reported"]


@pytest.mark.parametrize(("stars", "thanks"), [("5", "utter_rated"), ("2", "utter_rated_low")])
def test_help_is_rated_with_a_word(services: Services, counter: Counter, stars: str, thanks: str) -> None:
    assert counter.tap("add_details", task="rate", stars=stars) == "rating_word"
    assert counter.say("الرد كان سريع") is None
    assert made(services).data == {"stars": int(stars), "word": "الرد كان سريع"}
    assert counter.responses == [thanks]


def test_praise_is_kept_and_a_person_is_called_at_once(services: Services, counter: Counter) -> None:
    assert counter.say("خدمتكم ممتازة", "praise") is None
    assert made(services).data == {"text": "خدمتكم ممتازة"}
    assert counter.say("أبغى موظف", "request_human") is None
    assert counter.told("utter_request_human")["reference"] == made(services).reference


# ------------------------------------------------------------------ on the way


def test_a_stop_leaves_the_service(services: Services, counter: Counter) -> None:
    counter.say("اتصلوا علي", "request_callback")
    assert counter.say("خلاص", "stop") is None
    assert counter.responses == ["utter_left"]
    assert services.requests.newest(1) == []


def test_a_question_that_cannot_be_answered_ends_it_in_time(counter: Counter) -> None:
    counter.say("اتصلوا علي", "request_callback")
    assert [counter.say("كلام") for _ in range(3)] == ["callback_phone", "callback_phone", None]
    assert counter.responses == ["utter_left"]


def test_an_optional_one_is_left_open_in_time(services: Services, counter: Counter) -> None:
    counter.say("أبغى أسأل البائع", "contact_seller", seller="دار الهدايا")
    assert [counter.say("كلام") for _ in range(3)] == ["seller_order", "seller_order", "seller_question"]


def test_one_service_in_the_middle_of_another_is_done_and_the_first_goes_on(services: Services, counter: Counter) -> None:
    counter.say("اتصلوا علي", "request_callback")
    assert counter.say("خدمتكم ممتازة", "praise") == "callback_phone"
    assert made(services).data == {"text": "خدمتكم ممتازة"}


def test_another_service_with_questions_takes_its_place(counter: Counter) -> None:
    counter.say("اتصلوا علي", "request_callback")
    assert counter.say("أبغى أسأل البائع", "contact_seller") == "seller_name"


def test_a_complaint_under_way_waits_and_goes_on(services: Services, counter: Counter) -> None:
    talk = Talk()
    talk.tap("late_delivery")
    counter.slots = dict(talk.slots)
    counter.say("اتصلوا علي", "request_callback")
    assert counter.follows is None
    counter.say("0501234567")
    counter.say("أي وقت", "skip")
    assert counter.follows == FORM


# ------------------------------------------------------------------ leaving a complaint


def begun(*answers: str) -> Talk:
    talk = Talk()
    talk.say("أبغى أشتكي", "file_complaint")
    for answer in answers:
        talk.tap(answer)
    return talk


def test_stopping_keeps_what_was_written_before_it_asks(services: Services, counter: Counter) -> None:
    talk = begun("late_delivery")
    counter.slots = dict(talk.slots)
    assert counter.say("وقف", "stop") == "keep_draft"
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.PAUSED
    assert counter.say("احفظها لي", "affirm") is None
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.PAUSED
    assert counter.responses == ["utter_draft_kept"]


def test_what_is_not_wanted_is_dropped(services: Services, counter: Counter) -> None:
    talk = begun("late_delivery")
    counter.slots = dict(talk.slots)
    counter.say("وقف", "stop")
    counter.say("احذفها", "deny")
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.ABANDONED
    assert counter.responses == ["utter_stopped"]


def test_nothing_written_is_not_asked_about(services: Services, counter: Counter) -> None:
    talk = begun()
    counter.slots = dict(talk.slots)
    assert counter.say("وقف", "stop") is None
    assert counter.responses == ["utter_stopped"]
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.ABANDONED


def test_nothing_open_is_nothing_to_leave(counter: Counter) -> None:
    assert counter.say("وقف", "stop") is None
    assert counter.responses == ["utter_nothing_to_leave"]


@pytest.mark.parametrize("intent", ["track_complaint", "stop"])
def test_whoever_comes_back_for_a_complaint_put_aside_is_offered_it(counter: Counter, intent: str) -> None:
    counter.slots = dict(begun("late_delivery").slots)
    counter.say("وقف", "stop")
    counter.say("احفظها لي", "affirm")
    counter.say("أبغى شكواي", intent)
    assert counter.follows == "action_offer_more"


def test_withdrawing_what_is_not_filed_is_stopping(counter: Counter) -> None:
    counter.slots = dict(begun("late_delivery").slots)
    assert counter.say("اسحبوا الشكوى", "withdraw_complaint") == "keep_draft"


def test_every_question_can_be_read_and_every_reader_is_asked() -> None:
    asked = {question for service in SERVICES.values() for question in service.questions} | {"tracked_number", "proof"}
    assert asked == set(READ)
    assert set(READ) >= OPTIONAL


# ------------------------------------------------------------------ files


def send_files(services: Services, count: int = 1) -> None:
    """Hand files in and send them, as the widget does before Rasa hears of it."""
    conversation, sent = services.chat.access_sender("a shopper", "rasa"), []
    for _ in range(count):
        with services.evidence.incoming() as upload:
            upload.write(b"%PDF-1.7")
            upload.flush()
            sent.append(services.evidence.keep(conversation, "فاتورة.pdf", Path(upload.name)).id)
    services.chat.receive(conversation, Incoming(f"files-{sent[0]}", files=tuple(sent)))


def files_of(services: Services, number: str) -> int:
    return len(services.evidence.of_complaint(services.complaints.show(number)))


def test_files_go_to_the_complaint_that_was_filed(services: Services, counter: Counter) -> None:
    number = filed()
    send_files(services, 2)
    assert counter.tap("add_details", task="files") is None
    assert counter.responses == ["utter_files_added"]
    assert files_of(services, number) == 2
    assert services.complaints.show(number).timeline[-1].detail == {"count": 2}


def test_files_sent_before_filing_come_with_the_complaint(services: Services, counter: Counter) -> None:
    send_files(services)
    counter.tap("add_details", task="files")
    assert counter.responses == ["utter_files_kept"]
    number = filed()
    assert files_of(services, number) == 1
    assert [entry.action for entry in services.complaints.show(number).timeline] == ["filed", "files_added"]


def test_files_sent_while_a_complaint_is_written_wait_for_it(services: Services, counter: Counter) -> None:
    earlier = filed()
    Talk().tap("damaged_item")
    send_files(services)
    counter.tap("add_details", task="files")
    assert counter.responses == ["utter_files_for_draft"]
    assert counter.follows == FORM
    assert files_of(services, earlier) == 0


def test_the_printed_file_lists_them_with_their_addresses(services: Services) -> None:
    send_files(services)
    complaint = services.complaints.show(filed())
    [(name, address)] = services.files.page(complaint.file_secret).files
    assert name == "فاتورة.pdf"
    assert address.startswith(f"/files/{services.evidence.of_complaint(complaint)[0].id}?")
