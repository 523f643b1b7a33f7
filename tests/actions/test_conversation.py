"""Beginning, beginning anew, and what became of a complaint: all told from the store and from shop.yml."""

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.complaints import ActionOfferMore
from actions.conversation import (
    ActionAnswerOffer,
    ActionDidYouMean,
    ActionGreet,
    ActionOfferRating,
    ActionRestart,
    ActionSessionStart,
    shop_values,
)
from actions.service_form import ActionBeginService
from bot.bootstrap import Services, load_words
from bot.domain.draft import DraftState
from tests.actions.talk import Talk, a_tracker, responses, run, slots_of
from tests.laws.contract import INTENTS

SHOP_SLOTS = dict.fromkeys(("shop_name", "phone", "first_answer_hours", "return_days"))


def said_by(action: Action, tracker: Tracker) -> list[tuple[str, dict[str, str]]]:
    """What an action says, with the values it gives."""
    voice = CollectingDispatcher()
    action.run(voice, tracker, {})
    return responses(voice)


def test_a_session_begins_with_the_shops_values_and_listens(services: Services) -> None:
    events = run(ActionSessionStart(), a_tracker(slots=SHOP_SLOTS))
    assert (events[0]["event"], events[-1]["event"], events[-1]["name"]) == ("session_started", "action", "action_listen")
    assert slots_of(events) == {
        "shop_name": services.shop.name,
        "phone": services.shop.phone,
        "first_answer_hours": "24 إلى 48 ساعة",
        "return_days": "15",
    }


def test_slots_the_domain_does_not_have_are_not_set(services: Services) -> None:
    assert slots_of(run(ActionSessionStart(), a_tracker())) == {}


def test_the_shops_values_are_texts(services: Services) -> None:
    values = shop_values(services.shop, services.words)
    assert all(isinstance(value, str) and value for name, value in values.items() if name != "dear")


def test_a_restart_leaves_the_draft_and_says_so(services: Services) -> None:
    talk = Talk()
    talk.tap("late_delivery")
    said = CollectingDispatcher()
    events = ActionRestart().run(said, a_tracker("من البداية", "restart", "order_number", talk.slots | SHOP_SLOTS), {})
    assert [message["response"] for message in said.messages] == ["utter_fresh_start"]
    assert events[0]["event"] == "restart"
    assert slots_of(events)["shop_name"] == services.shop.name
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.ABANDONED


# ------------------------------------------------------------------ greetings


@pytest.mark.parametrize(
    ("text", "greeting"),
    [
        ("السلام عليكم", "وعليكم السلام ورحمة الله وبركاته"),
        ("صباح الخير عليكم", "صباح النور"),
        ("مساء الورد", "مساء النور"),
        ("هلا والله", "أهلًا وسهلًا"),
    ],
)
def test_a_greeting_is_answered_in_kind(services: Services, text: str, greeting: str) -> None:
    assert said_by(ActionGreet(), a_tracker(text, "greet")) == [("utter_greet", {"greeting": greeting, "called": ""})]


def test_a_name_is_used_from_then_on(services: Services) -> None:
    voice = CollectingDispatcher()
    events = ActionGreet().run(voice, a_tracker("السلام عليكم معكم أختكم نورة", "greet"), {})
    assert responses(voice)[0][1]["called"] == " يا نورة"
    again = said_by(ActionGreet(), a_tracker("هلا", "greet", slots=slots_of(events)))
    assert again[0][1]["called"] == " يا نورة"


def test_in_the_middle_of_a_form_a_greeting_offers_nothing_new(services: Services) -> None:
    assert said_by(ActionGreet(), a_tracker("هلا", "greet", "order_number"))[0][0] == "utter_greet_again"


# ------------------------------------------------------------------ offers


def test_what_was_put_aside_is_offered(services: Services) -> None:
    talk = Talk()
    talk.tap("late_delivery")
    run(ActionBeginService(), a_tracker("وقف", "stop", "order_number", talk.slots))
    voice = CollectingDispatcher()
    events = ActionOfferMore().run(voice, a_tracker(), {})
    assert responses(voice) == [("utter_paused_draft", {"kind": "تأخر التوصيل"})]
    assert slots_of(events) == {"offered": "resume"}


def test_without_anything_left_to_do_nothing_is_offered(services: Services) -> None:
    assert said_by(ActionOfferMore(), a_tracker()) == []


@pytest.mark.parametrize("offered", ["resume", "second"])
def test_a_yes_takes_the_offer_up_and_a_no_ends_it(services: Services, offered: str) -> None:
    [event] = run(ActionAnswerOffer(), a_tracker("ايه", "affirm", slots={"offered": offered}))
    assert (event["event"], event["name"]) == ("followup", "complaint_form")
    left = slots_of(run(ActionAnswerOffer(), a_tracker("لا", "deny", slots={"offered": offered})))
    assert left == {"offered": None, "second_problem": None}


def test_a_yes_to_nothing_offers_what_can_be_done(services: Services) -> None:
    assert said_by(ActionAnswerOffer(), a_tracker("ايه", "affirm")) == [("utter_affirm", {})]


def test_help_is_rated_once(services: Services) -> None:
    assert said_by(ActionOfferRating(), a_tracker(slots={"to_rate": True})) == [("utter_rate", {})]
    assert slots_of(run(ActionOfferRating(), a_tracker(slots={"to_rate": True}))) == {"to_rate": False}
    assert said_by(ActionOfferRating(), a_tracker(slots={"to_rate": False})) == []


# ------------------------------------------------------------------ what was not understood


def unsure(*likeliest: str, before: str | None = None) -> Tracker:
    """Somebody whose message might be one of these intents, likeliest first."""
    tracker = a_tracker("كلام غير واضح", "nlu_fallback")
    ranking = [{"name": name, "confidence": 0.1} for name in ("nlu_fallback", *likeliest)]
    topics = [{"intent_response_key": "faq/warranty", "confidence": 0.1}]
    tracker.latest_message |= {"intent_ranking": ranking, "response_selector": {"faq": {"ranking": topics}}}
    if before:
        tracker.events.insert(0, {"event": "user", "parse_data": {"intent": {"name": before}}})
    return tracker


def test_the_three_likeliest_meanings_are_offered_in_a_shoppers_words(services: Services) -> None:
    voice = CollectingDispatcher()
    ActionDidYouMean().run(voice, unsure("inform", "late_delivery", "faq", "greet", "order_status", "praise"), {})
    assert [(button["title"], button["payload"]) for button in voice.messages[0]["buttons"]] == [
        ("تأخر التوصيل", "/late_delivery"),
        ("مدة الضمان وشروطه", '/faq{"topic": "warranty"}'),
        ("أعرف أين طلبي", "/order_status"),
    ]


def test_not_understood_again_there_comes_a_person(services: Services) -> None:
    said = said_by(ActionDidYouMean(), unsure("late_delivery", before="nlu_fallback"))
    assert [response for response, _ in said] == ["utter_not_understood_again", "utter_request_human"]
    assert services.requests.newest(1)[0].kind == "human"


def test_after_something_understood_it_is_asked_again(services: Services) -> None:
    said = said_by(ActionDidYouMean(), unsure("late_delivery", before="greet"))
    assert [response for response, _ in said] == ["utter_did_you_mean"]


def test_without_any_guess_the_ways_in_are_shown(services: Services) -> None:
    assert said_by(ActionDidYouMean(), unsure("inform")) == [("utter_default", {})]


def test_every_intent_is_said_as_a_shopper_would_or_is_none_to_choose() -> None:
    words = load_words()
    none_to_choose = {
        "greet", "goodbye", "thank", "affirm", "deny", "inform", "correct_details", "skip", "ask_why", "stop", "restart",
        "out_of_scope",
    }  # fmt: skip
    assert set(words.kinds) | set(words.wishes) | none_to_choose == set(INTENTS)
