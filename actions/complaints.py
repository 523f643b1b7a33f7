"""Filing the complaint the form has gathered, and what is offered afterwards."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import intents_said, services
from actions.scene import Scene
from bot.domain.complaint import Complaint
from bot.domain.draft import SLOTS, DraftState
from bot.services.words import Words

FORM_SLOTS = (*SLOTS, "confirmed", "draft_id", "ask_again", "summary", "skipped", "not_duplicate", "twin")


class ActionFileComplaint(Action):
    def name(self) -> str:
        return "action_file_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        draft = services().drafts.read(scene.slot("draft_id"), scene.claim)
        if draft.state is DraftState.MERGED:
            return [*emptied(), SlotSet("filed", "merged"), SlotSet("complaint_number", scene.slot("twin"))]
        angry = "express_anger" in intents_said(tracker)
        complaint = services().complaints.file(draft.id, scene.claim, angry=angry)
        return [*emptied(), SlotSet("filed", "filed"), SlotSet("to_rate", True), *told_of(complaint)]


class ActionOfferMore(Action):
    """Offers what is left to do: the second problem of the same message, or a complaint that was put aside."""

    def name(self) -> str:
        return "action_offer_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene, words = Scene(tracker, dispatcher), services().words
        second = scene.slot("second_problem")
        if second and scene.slot("filed") == "filed":
            scene.say("utter_second_problem", kind=words.kinds[second])
            return [SlotSet("offered", "second")]
        paused = services().drafts.paused(scene.conversation)
        if paused is None:
            return [SlotSet("offered", None)]
        scene.say("utter_paused_draft", kind=_matter(paused.value("complaint_kind"), words))
        return [SlotSet("offered", "resume")]


def told_of(complaint: Complaint) -> list[EventType]:
    """Return what the responses say of a filed complaint, from its stored row."""
    words, shop = services().words, services().shop
    told = {
        "complaint_number": complaint.number,
        "complaint_due": words.moment(complaint.due_at.astimezone(shop.zone)),
        "complaint_link": services().files.link(complaint),
        "takes_longer": complaint.kind in shop.complex_kinds,
    }
    return [SlotSet(slot, value) for slot, value in told.items()]


def emptied() -> list[EventType]:
    """Return the events that leave nothing behind for the next complaint."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]


def _matter(kind: str | None, words: Words) -> str:
    return words.kinds[kind or "other_complaint"]
