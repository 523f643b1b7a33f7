"""How a message is taken in the light of the question just asked: an answer, an aside, or what it says by itself."""

from typing import Any

import pytest

from bot.channel.answers import ANSWERED_WITH, ASIDES, FOUND, INFORM, KEPT, LONGEST_ASIDE, SHORT, TOLD, taken_as
from bot.domain.complaint import Kind
from bot.domain.draft import ASKED
from bot.language.kinds import KINDS
from tests.laws.project import domain

ORDER = "405-1234567-1234567"


def a_parse(text: str, intent: str, confidence: float = 0.95, *entities: str, second: str = "inform") -> dict[str, Any]:
    ranking = [{"name": intent, "confidence": confidence}, {"name": second, "confidence": (1 - confidence) / 2}]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": [{"entity": entity, "value": text} for entity in entities],
    }


@pytest.mark.parametrize(
    ("asked", "text", "intent", "taken"),
    [
        # nothing was asked: the message says what it is
        (None, "طلبي تأخر", "late_delivery", "late_delivery"),
        (None, ORDER, "track_complaint", "track_complaint"),
        # the kind is itself an intent
        ("complaint_kind", "وصل مكسور", "damaged_item", "damaged_item"),
        ("complaint_kind", "شي ثاني", "file_complaint", INFORM),
        # an answer is told by its form, whatever else it looks like
        ("order_number", ORDER, "track_complaint", INFORM),
        ("order_number", "٤٠٥١٢٣٤", "greet", INFORM),
        ("order_number", "الطلب مكسور", "damaged_item", INFORM),
        ("purchase_date", "قبل أسبوعين", "late_delivery", INFORM),
        ("purchase_date", "أمس", "thank", INFORM),
        ("contact", "0501234567", "request_callback", INFORM),
        ("contact", "me@shop.sa", "faq", INFORM),
        ("product", "سماعة", "wrong_item", INFORM),
        ("description", "وصل مكسور والمندوب رماه", "bad_conduct", INFORM),
        # asides
        ("order_number", "ليش تبون الرقم", "ask_why", "ask_why"),
        ("product", "خلاص ما أبغى", "stop", "stop"),
        ("product", "مكنسة روبوت", "bot_challenge", INFORM),
        ("product", "تليفون", "request_callback", INFORM),
        ("product", "انت بوت؟", "bot_challenge", "bot_challenge"),
        ("product", "شكرا لك", "thank", "thank"),
        ("product", "كم مدة الضمان عندكم هنا", "faq", "faq"),
        # a yes or a no is short
        (None, "فيه شي مو مضبوط أبدا عندكم", "deny", "nlu_fallback"),
        (None, "لا شكرا", "deny", "deny"),
        ("description", "كم مدة الضمان", "faq", "faq"),
        ("remedy", "أبغى أكلم موظف", "request_human", "request_human"),
        ("confirmed", "شكرا", "thank", "thank"),
        ("contact", "من البداية", "restart", "restart"),
        # skipping and denying
        ("order_number", "ما عندي", "skip", "skip"),
        ("order_number", "لا", "deny", "deny"),
        ("contact", "لا", "deny", "deny"),
        ("remedy", "ما أدري", "skip", "skip"),
        ("product", "لا", "deny", INFORM),
        ("description", "لا", "deny", INFORM),
        # the summary
        ("confirmed", "نعم", "affirm", "affirm"),
        ("confirmed", "لا", "deny", "deny"),
        ("confirmed", "رقم الطلب غلط", "correct_details", "correct_details"),
        ("confirmed", "طلبي تأخر", "late_delivery", INFORM),
        # questions of services: what speaks of the same matter is an answer, a complaint told instead is one
        ("callback_time", "كلموني بعد المغرب", "request_callback", INFORM),
        ("affected", "ضاع يومي ووقفت شغلي", "express_anger", INFORM),
        ("details", "عندي صورة ثانية", "add_details", INFORM),
        ("affected", "وما أقدر أتواصل مع أحد", "faq", INFORM),
        ("affected", "كم مدة الضمان؟", "faq", "faq"),
        ("seller_question", "وش صار على شكواي", "track_complaint", INFORM),
        ("details", "خلاص ما أبغى", "stop", "stop"),
        ("proof", "0501234567", "request_callback", INFORM),
        ("tracked_number", "SH-48210-77301-9151", "track_complaint", INFORM),
        ("callback_phone", "وصلني الجوال مكسور وما يشتغل أبدا", "damaged_item", "damaged_item"),
        ("callback_phone", "مكسور", "damaged_item", INFORM),
        ("details", "وصلني الجوال مكسور وما يشتغل أبدا", "damaged_item", INFORM),
        ("keep_draft", "ايه احفظها", "affirm", "affirm"),
        ("resume_draft", "لا", "deny", "deny"),
        ("merge", "ايوه", "affirm", "affirm"),
        ("seller_name", "ما أدري", "skip", "skip"),
        ("stars", "٤", "praise", INFORM),
        # what fits nothing is an answer
        ("order_number", "كلام", "nlu_fallback", INFORM),
        ("product", "نعم", "affirm", INFORM),
    ],
)
def test_how_a_message_is_taken(asked: str | None, text: str, intent: str, taken: str) -> None:
    assert taken_as(a_parse(text, intent), asked) == taken


def test_the_name_of_a_thing_answers_which_product_whatever_it_sounds_like() -> None:
    named = a_parse("مرتبة سرير", "praise") | {"entities": [{"entity": "product", "start": 0, "end": 10}]}
    praised = a_parse("شكرا على السماعة", "praise") | {"entities": [{"entity": "product", "start": 8, "end": 16}]}
    assert taken_as(named, "product") == INFORM
    assert taken_as(praised, "product") == "praise"


def test_a_wish_among_the_entities_answers_what_would_help() -> None:
    assert taken_as(a_parse("رجعوا فلوسي", "refund_problem", 0.9, "remedy"), "remedy") == INFORM
    assert taken_as(a_parse("رجعوا فلوسي", "stop", 0.9, "remedy"), "remedy") == INFORM


@pytest.mark.parametrize("asked", [*ASKED, "confirmed"])
@pytest.mark.parametrize("intent", sorted(ASIDES))
def test_an_aside_has_to_be_sure(asked: str, intent: str) -> None:
    text = "كلام من أربع كلمات"
    sure = taken_as(a_parse(text, intent, ASIDES[intent]), asked)
    unsure = taken_as(a_parse(text, intent, ASIDES[intent] - 0.01), asked)
    assert sure == intent
    assert unsure == (intent if intent in KEPT.get(asked, ()) else INFORM)


def test_who_writes_long_is_telling_it() -> None:
    long, short = " ".join(["كلام"] * (LONGEST_ASIDE + 1)), " ".join(["كلام"] * LONGEST_ASIDE)
    assert taken_as(a_parse(long, "express_anger"), "description") == INFORM
    assert taken_as(a_parse(short, "express_anger"), "description") == "express_anger"


@pytest.mark.parametrize("asked", [*ASKED, "confirmed"])
@pytest.mark.parametrize("intent", ["late_delivery", "affirm", "skip", "greet", "inform", "faq"])
def test_a_button_means_what_it_says(asked: str, intent: str) -> None:
    assert taken_as(a_parse(f"/{intent}", intent, 1.0), asked) == intent


@pytest.mark.parametrize(
    ("asked", "second", "taken"),
    [
        ("complaint_kind", "damaged_item", "damaged_item"),
        ("complaint_kind", "greet", INFORM),
        ("product", "damaged_item", INFORM),
        (None, "damaged_item", "nlu_fallback"),
    ],
)
def test_half_sure_of_a_kind_is_sure_enough_for_who_was_asked_for_one(asked: str | None, second: str, taken: str) -> None:
    assert taken_as(a_parse("كلام", "nlu_fallback", 0.3, second=second), asked) == taken


def test_the_parse_itself_is_not_changed() -> None:
    parse = a_parse(ORDER, "track_complaint")
    before = repr(parse)
    taken_as(parse, "order_number")
    assert repr(parse) == before


def test_the_tables_name_the_records_slots_and_kinds() -> None:
    assert set(Kind) == KINDS
    asked = {name.removeprefix("utter_ask_") for name in domain()["responses"] if name.startswith("utter_ask_")}
    assert set(FOUND) | set(KEPT) | set(ANSWERED_WITH) | SHORT | TOLD <= asked
    assert set(ASKED) <= asked
