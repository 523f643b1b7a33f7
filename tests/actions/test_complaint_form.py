"""The form's whole life: what each message gives, what is asked next and why, and what is left to the rules."""

from datetime import timedelta

import pytest
from rasa_sdk.events import SlotSet

from actions.complaint_form import ANSWERED_ELSEWHERE, ValidateComplaintForm
from actions.complaints import ActionFileComplaint, ActionOfferMore
from actions.service_form import ActionBeginService
from actions.slots import today
from bot.bootstrap import Services
from bot.domain.draft import DraftState
from bot.domain.errors import StaleTurn
from bot.domain.turn import LEASE, TurnRef
from bot.services.chat import Chat, Incoming
from bot.services.turns import Turns
from tests.actions.talk import Talk, a_tracker, run, slots_of
from tests.conftest import Clock

ELSEWHERE = ("left to the rules", None)


@pytest.fixture
def talk(services: Services) -> Talk:
    return Talk()


def kept(services: Services, talk: Talk) -> dict[str, str | None]:
    """The values in the store: those of the draft this talk fills."""
    draft = services.drafts.read(talk.slots["draft_id"])
    return {slot: entry.value for slot, entry in draft.slots.items() if entry.value is not None}


# ------------------------------------------------------------------ opening


def test_a_bare_wish_to_complain_is_asked_what_about(talk: Talk) -> None:
    assert talk.say("أبغى أقدم شكوى", "file_complaint") == ("complaint_kind", None)


def test_an_opening_gives_all_it_holds_and_is_asked_for_the_first_missing(services: Services, talk: Talk) -> None:
    text = "اشتريت سماعة أمس برقم 405-1234567-1234567 ووصلت مكسورة، أبغى فلوسي"
    assert talk.say(text, "damaged_item", product="سماعة") == ("contact", None)
    assert kept(services, talk) == {
        "complaint_kind": "damaged_item",
        "order_number": "405-1234567-1234567",
        "purchase_date": (today() - timedelta(days=1)).isoformat(),
        "product": "سماعة",
        "description": text,
        "remedy": "refund",
    }


def test_a_short_opening_is_asked_what_happened_later(talk: Talk) -> None:
    assert talk.say("طلبي متأخر", "late_delivery") == ("order_number", None)
    assert talk.slots.get("description") is None


def test_the_slots_of_rasa_mirror_the_draft(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    talk.say("12345678")
    assert {slot: value for slot, value in talk.slots.items() if value is not None} == {
        "draft_id": talk.slots["draft_id"],
        "complaint_kind": "late_delivery",
        "order_number": "12345678",
        "requested_slot": "purchase_date",
    }


def test_a_turn_that_is_taken_again_goes_on_though_it_changes_nothing(services: Services, talk: Talk) -> None:
    """The action server has ended after it kept the answer, and before Rasa was told of it."""
    talk.tap("late_delivery")
    before = dict(talk.slots)
    assert talk.say("12345678") == ("purchase_date", None)
    talk.slots = before | {"order_number": "12345678"}  # which is what the channel brings the tracker to
    assert talk.say("12345678") == ("purchase_date", None)


def test_the_same_unclear_word_again_and_again_is_still_an_answer(talk: Talk) -> None:
    talk.until_confirmed()
    for _ in range(3):
        assert talk.say("طيب", "inform") == ("confirmed", "unclear")


def test_what_was_typed_is_kept_beside_the_value(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    talk.say("رقمه ٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧")
    entry = services.drafts.read(talk.slots["draft_id"]).slots["order_number"]
    assert (entry.value, entry.typed) == ("405-1234567-1234567", "405-1234567-1234567")


def test_the_questions_come_in_the_records_order(talk: Talk) -> None:
    asked = [talk.tap("wrong_item")[0]]
    for answer in ("12345678", "أمس", "سماعة بلوتوث", "وصلني غير الذي طلبته", "بدلوه لي", "0501234567"):
        asked.append(talk.say(answer)[0])
    assert asked == ["order_number", "purchase_date", "product", "description", "remedy", "contact", "confirmed"]


@pytest.mark.parametrize("kind", ["app_problem", "security_issue"])
def test_a_kind_without_an_order_is_not_asked_for_one(talk: Talk, kind: str) -> None:
    assert talk.tap(kind) == ("description", None)


def test_a_mention_in_another_answer_is_kept_and_not_asked_for_again(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    assert talk.say("12345678، وجوالي 0501234567") == ("purchase_date", None)
    assert kept(services, talk)["contact"] == "+966501234567"
    for answer in ("أمس", "سماعة بلوتوث", "ما وصلت حتى الآن"):
        talk.say(answer)
    assert talk.say("أبغى فلوسي") == ("confirmed", None)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("before", "answer", "slot", "reason"),
    [
        ((), "لا أدري ما هو", "order_number", "unreadable"),
        (("12345678",), "بكرة", "purchase_date", "future"),
        (("12345678",), "لا شيء", "purchase_date", "none_found"),
        (("12345678", "أمس"), "؟", "product", "unreadable"),
        (("12345678", "أمس", "سماعة"), "خربت", "description", "too_short"),
        (("12345678", "أمس", "سماعة", "وصلت مكسورة", "أبغى فلوسي"), "12", "contact", "unreadable"),
    ],
)
def test_a_refused_answer_is_asked_again_with_its_reason_then_explained(
    services: Services, talk: Talk, before: tuple[str, ...], answer: str, slot: str, reason: str
) -> None:
    talk.tap("late_delivery")
    for given in before:
        talk.say(given)
    assert talk.say(answer) == (slot, reason)
    assert talk.say(answer) == (slot, "explained")
    assert slot not in kept(services, talk)


def test_a_good_answer_after_refusals_goes_on(talk: Talk) -> None:
    talk.tap("late_delivery")
    talk.say("لا أدري")
    talk.say("لا أدري والله")
    assert talk.say("12345678") == ("purchase_date", None)


def test_an_unclear_kind_is_asked_again(talk: Talk) -> None:
    talk.say("أبغى أشتكي", "file_complaint")
    assert talk.say("شي صار") == ("complaint_kind", "unclear")
    assert talk.say("شي صار") == ("complaint_kind", "explained")
    assert talk.tap("late_delivery") == ("order_number", None)


# ------------------------------------------------------------------ skipping


@pytest.mark.parametrize("intent", ["skip", "deny"])
def test_contact_is_skipped_at_once(services: Services, talk: Talk, intent: str) -> None:
    talk.tap("late_delivery")
    for answer in ("12345678", "أمس", "سماعة", "ما وصلت للحين", "أبغى فلوسي"):
        talk.say(answer)
    assert talk.say("لا", intent) == ("confirmed", None)
    assert talk.slots["skipped"] == ["contact"]


def test_who_does_not_know_is_not_asked_again(talk: Talk) -> None:
    talk.tap("late_delivery")
    for following in ("purchase_date", "product", "description"):
        assert talk.say("ما عندي", "skip") == (following, None)
    talk.say("ما وصل إلى الآن")
    assert talk.say("ما أدري", "skip") == ("contact", None)
    assert talk.slots["skipped"] == ["order_number", "product", "purchase_date", "remedy"]


def test_a_bare_no_is_told_first_what_it_is_for(talk: Talk) -> None:
    talk.tap("late_delivery")
    assert talk.say("لا", "deny") == ("order_number", "explained")
    assert talk.say("لا", "deny") == ("purchase_date", None)


def test_a_wish_that_is_in_no_list_is_kept_in_the_shoppers_words(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    for answer in ("12345678", "أمس", "سماعة بلوتوث", "طلبتها ولم تصل حتى الآن"):
        talk.say(answer)
    assert talk.say("توفرون المقاس في فرعنا") == ("contact", None)
    assert kept(services, talk)["remedy"] == "other"
    talk.say("ما أبغى", "skip")
    assert "الحل المطلوب: توفرون المقاس في فرعنا" in talk.slots["summary"]
    talk.tap("affirm")
    complaint = services.complaints.show(talk.file())
    assert (complaint.remedy, complaint.expected) == ("other", "توفرون المقاس في فرعنا")


def test_an_answer_too_short_for_a_wish_is_asked_for_once_more(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    for answer in ("12345678", "أمس", "سماعة بلوتوث", "طلبتها ولم تصل حتى الآن"):
        talk.say(answer)
    assert talk.say("المقاس") == ("remedy", "unclear")
    assert talk.say("المقاس") == ("contact", None)
    assert kept(services, talk)["remedy"] == "other"


@pytest.mark.parametrize("slot", ["complaint_kind", "description"])
def test_without_kind_and_description_there_is_no_complaint(talk: Talk, slot: str) -> None:
    talk.say("أبغى أشتكي", "file_complaint") if slot == "complaint_kind" else talk.tap("app_problem")
    for _ in range(4):
        assert talk.say("ما أبغى", "skip") == (slot, "explained")


def test_a_skipped_slot_takes_a_value_given_later(services: Services, talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.say("جوالي 0501234567", "correct_details") == ("confirmed", None)
    assert kept(services, talk)["contact"] == "+966501234567"
    assert talk.slots["skipped"] is None


# ------------------------------------------------------------------ the summary and its changes


def test_the_summary_says_what_was_given_in_words(talk: Talk) -> None:
    talk.until_confirmed()
    lines = dict(line.split(": ", 1) for line in talk.slots["summary"].split("\n"))
    assert lines["نوع الشكوى"] == "تأخر التوصيل"
    assert lines["رقم الطلب"] == "12345678"
    assert lines["المنتج"] == "سماعة بلوتوث"
    assert lines["الحل المطلوب"] == "استرداد المبلغ"
    assert "هـ" in lines["تاريخ الشراء"]
    assert "وسيلة التواصل" not in lines


def test_there_is_no_summary_before_its_time(talk: Talk) -> None:
    talk.tap("late_delivery")
    assert talk.slots.get("summary") is None


def test_a_no_to_the_summary_asks_what_to_change(talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.tap("deny") == ("confirmed", "which_field")
    assert talk.slots.get("confirmed") is None


@pytest.mark.parametrize(
    ("field", "answer", "value"),
    [
        ("order_number", "87654321", "87654321"),
        ("product", "ثلاجة", "ثلاجة"),
        ("description", "وصلت متأخرة جدا", "وصلت متأخرة جدا"),
        ("remedy", "بدلوه لي", "replacement"),
        ("contact", "0501234567", "+966501234567"),
    ],
)
def test_a_chosen_line_is_asked_for_and_replaced(
    services: Services, talk: Talk, field: str, answer: str, value: str
) -> None:
    talk.until_confirmed()
    assert talk.tap("correct_details", field=field) == (field, None)
    assert talk.say(answer) == ("confirmed", None)
    assert kept(services, talk)[field] == value


def test_a_line_may_be_left_as_it_was_by_a_refused_answer(services: Services, talk: Talk) -> None:
    """A refused value does not wipe the old one."""
    talk.until_confirmed()
    talk.tap("correct_details", field="order_number")
    assert talk.say("لا أدري") == ("order_number", "unreadable")
    assert kept(services, talk)["order_number"] == "12345678"


def test_a_correction_that_names_the_value_is_taken_at_once(services: Services, talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.say("لا، رقم الطلب 87654321", "correct_details") == ("confirmed", None)
    assert kept(services, talk)["order_number"] == "87654321"


def test_a_correction_in_the_middle_goes_on_where_it_was(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    talk.say("12345678")
    assert talk.say("لا، رقم الطلب 87654321", "correct_details") == ("purchase_date", None)
    assert kept(services, talk)["order_number"] == "87654321"


def test_a_field_named_as_wrong_is_asked_for(talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.say("رقم الطلب غلط", "correct_details") == ("order_number", None)


def test_a_yes_ends_the_form(talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.tap("affirm") == (None, None)
    assert talk.slots["confirmed"] is True


# ------------------------------------------------------------------ filing


def test_a_confirmed_draft_becomes_a_complaint_and_leaves_no_slots(services: Services, talk: Talk) -> None:
    talk.until_confirmed()
    talk.tap("affirm")
    number = talk.file()
    complaint = services.complaints.show(number)
    assert (complaint.kind, complaint.order_number, complaint.remedy) == ("late_delivery", "12345678", "refund")
    assert talk.slots["filed"] == "filed"
    told = ("complaint_number", "complaint_due", "complaint_link", "takes_longer", "filed", "to_rate")
    assert {slot for slot, value in talk.slots.items() if value is not None} == set(told)


def test_a_message_repeated_after_filing_gives_the_same_number(services: Services, talk: Talk) -> None:
    """R2: the action's commit was kept, the tracker's save was lost, and the shopper's line comes again."""
    talk.until_confirmed()
    before = dict(talk.slots)
    talk.tap("affirm")
    number = talk.file()
    talk.slots = before
    assert talk.tap("affirm") == (None, None)
    assert talk.file() == number
    assert len(services.complaints.newest(10)) == 1


def test_a_second_complaint_comes_from_its_own_draft(services: Services, talk: Talk) -> None:
    """R3: the form started again in one conversation asks again, and files what it was told the second time."""
    talk.until_confirmed()
    talk.tap("affirm")
    first = talk.file()
    assert talk.tap("wrong_item") == ("order_number", None)
    for answer in ("99999999", "أمس", "كتاب", "وصلني كتاب آخر", "بدلوه لي", "0501234567"):
        talk.say(answer)
    talk.tap("affirm")
    second = talk.file()
    assert first != second
    assert [complaint.order_number for complaint in services.complaints.newest(10)] == ["99999999", "12345678"]


def test_a_kind_that_takes_longer_is_known_to_the_answer(services: Services, talk: Talk) -> None:
    talk.until_confirmed("refund_problem")
    talk.tap("affirm")
    talk.file()
    assert talk.slots["takes_longer"] is True
    assert talk.slots["complaint_link"].endswith(services.complaints.show(talk.slots["complaint_number"]).file_secret)


def test_anger_on_the_way_makes_it_weigh_more(services: Services, talk: Talk) -> None:
    talk.until_confirmed()
    talk.tap("affirm")
    angry = a_tracker("نعم", "affirm", slots=talk.slots)
    angry.events.insert(0, {"event": "user", "parse_data": {"intent": {"name": "express_anger"}}})
    number = slots_of(run(ActionFileComplaint(), angry))["complaint_number"]
    calm = Talk("another")
    calm.until_confirmed()
    calm.tap("affirm")
    severities = ("low", "normal", "high", "urgent")
    weights = [severities.index(services.complaints.show(one).severity) for one in (calm.file(), number)]
    assert weights[0] < weights[1]


# ------------------------------------------------------------------ drafts put aside, twins, second problems


def put_aside(services: Services, talk: Talk) -> str:
    """Leave the form with what was given kept for later; return the draft's id."""
    talk.tap("late_delivery")
    talk.say("12345678")
    left = talk.slots["draft_id"]
    talk.slots |= slots_of(run(ActionBeginService(), a_tracker("خلاص", "stop", "purchase_date", talk.slots)))
    assert services.drafts.read(left).state is DraftState.PAUSED
    return left


@pytest.mark.parametrize("told", [True, False], ids=["the tracker knows", "the tracker's save was lost"])
def test_a_complaint_of_its_own_does_not_take_up_what_was_put_aside(services: Services, talk: Talk, told: bool) -> None:
    left = put_aside(services, talk)
    if not told:
        talk.slots |= {"draft_id": left}
    assert talk.say("الشاشة مكسورة", "damaged_item") == ("order_number", None)
    assert talk.slots["draft_id"] != left


def test_the_same_matter_again_is_asked_whether_to_go_on(services: Services, talk: Talk) -> None:
    put_aside(services, talk)
    assert talk.say("طلبي متأخر", "late_delivery") == ("resume_draft", None)


def test_who_comes_back_is_asked_whether_to_go_on(services: Services, talk: Talk) -> None:
    left = put_aside(services, talk)
    assert talk.say("أبغى أقدم شكوى", "file_complaint") == ("resume_draft", None)
    assert talk.say("ايه", "affirm") == ("purchase_date", None)
    assert talk.slots["draft_id"] == left
    assert talk.slots["order_number"] == "12345678"


def test_who_begins_anew_gives_up_what_was_put_aside(services: Services, talk: Talk) -> None:
    left = put_aside(services, talk)
    talk.say("أبغى أقدم شكوى", "file_complaint")
    assert talk.say("لا", "deny") == ("complaint_kind", None)
    assert services.drafts.read(left).state is DraftState.ABANDONED
    assert kept(services, talk) == {}


def test_an_aside_before_the_choice_asks_again_and_loses_nothing(services: Services, talk: Talk) -> None:
    left = put_aside(services, talk)
    talk.say("أبغى أقدم شكوى", "file_complaint")
    assert talk.say("كم مدة الضمان؟", "faq", ran=("utter_faq",)) == ("resume_draft", None)
    assert services.drafts.read(left).state is DraftState.PAUSED


def test_the_button_of_the_offer_takes_it_up_at_once(services: Services, talk: Talk) -> None:
    left = put_aside(services, talk)
    assert talk.tap("file_complaint", task="resume") == ("purchase_date", None)
    assert talk.slots["draft_id"] == left


def filed(talk: Talk) -> str:
    """File a complaint of late delivery about order 12345678."""
    talk.until_confirmed()
    talk.tap("affirm")
    return talk.file()


def test_the_same_order_and_matter_again_is_pointed_out_and_joined(services: Services, talk: Talk) -> None:
    number = filed(talk)
    talk.say("طلبي متأخر للحين ما وصل لي شي", "late_delivery")
    assert talk.say("12345678") == ("merge", None)
    assert talk.slots["twin"] == number
    assert talk.say("ايه", "affirm") == (None, None)
    talk.file()
    assert talk.slots["filed"] == "merged"
    assert talk.slots["complaint_number"] == number
    [complaint] = services.complaints.newest(10)
    assert complaint.timeline[-1].detail["text"] == "طلبي متأخر للحين ما وصل لي شي"


def test_who_wants_a_complaint_of_its_own_gets_it(services: Services, talk: Talk) -> None:
    filed(talk)
    talk.say("طلبي متأخر للحين ما وصل لي شي", "late_delivery")
    talk.say("12345678")
    assert talk.say("لا", "deny") == ("purchase_date", None)
    assert talk.say("أمس") == ("product", None), "asked once"


def test_another_matter_of_the_same_order_is_no_twin(talk: Talk) -> None:
    filed(talk)
    talk.tap("damaged_item")
    assert talk.say("12345678") == ("purchase_date", None)


def test_a_second_problem_begins_with_what_the_first_has_told(services: Services, talk: Talk) -> None:
    talk.second = "damaged_item"
    talk.until_confirmed()
    assert talk.slots["second_problem"] == "damaged_item"
    talk.tap("affirm")
    talk.file()
    talk.slots |= slots_of(run(ActionOfferMore(), a_tracker(slots=talk.slots)))
    assert talk.slots["offered"] == "second"
    talk.second = None
    assert talk.say("ايه سجلها", "affirm") == ("remedy", None)
    assert kept(services, talk)["complaint_kind"] == "damaged_item"
    assert kept(services, talk)["order_number"] == "12345678"
    assert talk.slots["second_problem"] is None


def test_words_that_were_not_understood_count_once_their_meaning_is_chosen(services: Services, talk: Talk) -> None:
    text = "الطلب رقم 12345678 صار له مدة طويلة"
    parse = {"text": text, "intent": {"name": "nlu_fallback"}, "entities": [{"entity": "order_number", "value": "12345678"}]}
    chosen = a_tracker("/late_delivery", "late_delivery")
    chosen.events.insert(0, {"event": "user", "text": text, "parse_data": parse})
    talk.slots |= slots_of(run(ValidateComplaintForm(), chosen))
    assert talk.slots["requested_slot"] == "purchase_date"
    assert kept(services, talk)["description"] == text


# ------------------------------------------------------------------ what the form says beside its questions


def test_it_is_sorry_once_and_for_just_that(talk: Talk) -> None:
    talk.tap("late_delivery")
    assert talk.said == [("utter_sorry", {"sorry": "أعتذر لتأخر طلبك."})]
    talk.say("12345678")
    assert talk.said == []


def test_what_was_changed_is_read_back(talk: Talk) -> None:
    talk.until_confirmed()
    talk.say("لا، رقم الطلب 87654321", "correct_details")
    assert talk.said == [("utter_changed", {"label": "رقم الطلب", "value": "87654321"})]


def test_what_could_not_be_changed_is_said_to_be_as_it_was(talk: Talk) -> None:
    talk.until_confirmed()
    talk.tap("correct_details", field="order_number")
    talk.say("لا أدري")
    assert talk.said == [("utter_old_kept", {"label": "رقم الطلب", "value": "12345678"})]
    assert talk.say("خلاص ما عندي", "skip") == ("confirmed", None)


def test_danger_comes_before_the_form(talk: Talk) -> None:
    talk.say("الأكل كان فاسد وولدي في المستشفى تسمم", "poor_quality")
    assert "utter_mind_your_health" in [response for response, _ in talk.said]


def test_a_name_that_is_given_is_used(talk: Talk) -> None:
    talk.say("معكم أخوكم سلطان طلبي تأخر كثير", "late_delivery")
    assert talk.slots["dear"] == " يا سلطان"


# ------------------------------------------------------------------ asides


@pytest.mark.parametrize("intent", sorted(ANSWERED_ELSEWHERE))
def test_an_aside_is_left_to_the_rules_and_hears_nothing(services: Services, talk: Talk, intent: str) -> None:
    talk.tap("late_delivery")
    assert talk.say("هل رقم 87654321 صحيح؟", intent) == ELSEWHERE
    assert "order_number" not in kept(services, talk)


def test_after_an_aside_the_same_question_comes_again(services: Services, talk: Talk) -> None:
    talk.tap("late_delivery")
    talk.say("لا أدري")
    assert talk.say("كم مدة الضمان ورقم 87654321؟", "faq") == ELSEWHERE
    assert talk.say("كم مدة الضمان ورقم 87654321؟", "faq", ran=("utter_faq",)) == ("order_number", None)
    assert "order_number" not in kept(services, talk)
    assert services.drafts.read(talk.slots["draft_id"]).slots["order_number"].refusals == 1


def test_an_aside_at_the_summary_shows_the_summary_again(talk: Talk) -> None:
    talk.until_confirmed()
    assert talk.say("شكرا", "thank", ran=("utter_thank",)) == ("confirmed", None)
    assert talk.slots["summary"]


def test_what_the_form_runs_itself_is_no_answer_of_a_rule(talk: Talk) -> None:
    """The form's own name and the listening before it stand in the tracker at its first run, too."""
    talk.tap("late_delivery")
    assert talk.say("12345678", ran=("action_extract_slots",)) == ("purchase_date", None)


# ------------------------------------------------------------------ claims


def a_stale_claim(services: Services, clock: Clock) -> tuple[str, TurnRef]:
    """Return a conversation's sender and a claim on its turn that another has overtaken."""
    chat = Chat(services.store, clock, "a secret of the tests")
    opened = chat.open("widget")
    chat.receive(opened.conversation_id, Incoming("1", "طلبي متأخر"))
    turns = Turns(services.store, clock, None, None, services.words)
    first = turns.claim(opened.conversation_id)
    clock.turn(seconds=LEASE.total_seconds())
    second = turns.claim(opened.conversation_id)
    assert first is not None
    assert second is not None
    return first.sender_key, first.claim


@pytest.mark.parametrize("action", [ValidateComplaintForm, ActionBeginService])
def test_an_overtaken_turn_writes_nothing(services: Services, clock: Clock, action: type) -> None:
    sender, stale = a_stale_claim(services, clock)
    conversation = services.chat.access_sender(sender, "widget")
    draft = services.drafts.open(conversation, None)
    intent = "stop" if action is ActionBeginService else "inform"
    tracker = a_tracker("12345678", intent, "order_number", {"draft_id": draft.id}, sender=sender, claim=stale)
    with pytest.raises(StaleTurn):
        run(action(), tracker)
    after = services.drafts.read(draft.id)
    assert (after.version, after.state) == (0, DraftState.OPEN)


def test_an_overtaken_turn_files_nothing(services: Services, clock: Clock, talk: Talk) -> None:
    sender, stale = a_stale_claim(services, clock)
    talk.sender = sender
    talk.until_confirmed()
    with pytest.raises(StaleTurn):
        run(ActionFileComplaint(), a_tracker(slots=talk.slots, sender=sender, claim=stale))
    assert services.complaints.newest(10) == []


def test_events_are_rasas_own(talk: Talk) -> None:
    """One slot event for each slot of the form, which Rasa applies as they are."""
    events = run(ValidateComplaintForm(), a_tracker("طلبي متأخر", "late_delivery"))
    assert SlotSet("complaint_kind", "late_delivery") in events
    assert len({event["name"] for event in events}) == len(events)


# ------------------------------------------------------------------ what the shop's page knows


def test_what_the_page_knows_is_not_asked_for_and_stands_in_the_summary(services: Services, talk: Talk) -> None:
    conversation = services.chat.access_sender(talk.sender, "rasa")
    page = {"order_number": "12345678", "product": "خلاط", "contact": "+966501234567", "name": "سارة", "customer": "42"}
    services.chat.get_to_know(conversation, page)
    assert talk.tap("damaged_item") == ("purchase_date", None)
    assert talk.say("أمس") == ("description", None)
    assert talk.say("وصل مكسورا من الجنب") == ("remedy", None)
    assert talk.say("أبغى فلوسي") == ("confirmed", None)
    assert {slot: kept(services, talk)[slot] for slot in ("order_number", "product", "contact")} == {
        slot: page[slot] for slot in ("order_number", "product", "contact")
    }
    assert "رقم الطلب: 12345678" in talk.slots["summary"]


def test_what_the_page_says_wrongly_is_asked_for(services: Services, talk: Talk) -> None:
    services.chat.get_to_know(services.chat.access_sender(talk.sender, "rasa"), {"order_number": "1", "product": "؟"})
    assert talk.tap("damaged_item") == ("order_number", None)
