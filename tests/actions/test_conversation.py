"""Beginning, beginning anew, and what became of a complaint: all told from the store and from shop.yml."""

from rasa_sdk.executor import CollectingDispatcher

from actions.complaints import ActionStopForm, ActionTrackComplaint
from actions.conversation import ActionRestart, ActionSessionStart, shop_values
from bot.bootstrap import Services
from bot.domain.complaint import DraftState
from tests.actions.talk import Talk, a_tracker, run, slots_of

SHOP_SLOTS = dict.fromkeys(("shop_name", "phone", "first_answer_hours", "return_days"))


def filed(services: Services, sender: str = "a shopper") -> str:
    talk = Talk(sender)
    talk.until_confirmed()
    talk.tap("affirm")
    return talk.file()


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
    assert all(isinstance(value, str) and value for value in values.values())


def test_a_restart_leaves_the_draft_and_says_so(services: Services) -> None:
    talk = Talk()
    talk.tap("late_delivery")
    said = CollectingDispatcher()
    events = ActionRestart().run(said, a_tracker("من البداية", "restart", "order_number", talk.slots | SHOP_SLOTS), {})
    assert [message["response"] for message in said.messages] == ["utter_fresh_start"]
    assert events[0]["event"] == "restart"
    assert slots_of(events)["shop_name"] == services.shop.name
    assert services.drafts.read(talk.slots["draft_id"]).state is DraftState.ABANDONED


def test_a_complaint_filed_here_is_told_of_from_its_row(services: Services) -> None:
    number = filed(services)
    told = slots_of(run(ActionTrackComplaint(), a_tracker("وش صار على شكواي", "track_complaint")))
    assert told["tracked"] is True
    assert told["complaint_number"] == number
    assert told["complaint_status"] == "مقدَّمة، وتنتظر المراجعة"
    assert "الساعة" in told["complaint_due"]


def test_the_newest_of_two_is_told_of(services: Services) -> None:
    filed(services)
    newest = filed(services)
    assert slots_of(run(ActionTrackComplaint(), a_tracker(intent="track_complaint")))["complaint_number"] == newest


def test_nobody_is_told_of_anothers_complaint(services: Services) -> None:
    filed(services, "somebody else")
    assert slots_of(run(ActionTrackComplaint(), a_tracker(intent="track_complaint"))) == {"tracked": False}


def test_stopping_leaves_what_was_filed(services: Services) -> None:
    number = filed(services)
    run(ActionStopForm(), a_tracker("خلاص", "stop"))
    assert services.complaints.show(number).status == "submitted"
