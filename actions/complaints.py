"""Filing the complaint the form has gathered, leaving it, and saying what became of it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import claim, conversation, services
from bot.domain.complaint import SLOTS, Complaint

FORM_SLOTS = (*SLOTS, "confirmed", "draft_id", "ask_again", "summary", "skipped")


class ActionFileComplaint(Action):
    def name(self) -> str:
        return "action_file_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        complaint = services().complaints.file(tracker.get_slot("draft_id"), claim(tracker))
        return [*emptied(), SlotSet("filed", True), *told_of(complaint)]


class ActionStopForm(Action):
    def name(self) -> str:
        return "action_stop_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        services().drafts.abandon(conversation(tracker), claim(tracker))
        return [*emptied(), ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionTrackComplaint(Action):
    def name(self) -> str:
        return "action_track_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        own = services().complaints.of_conversation(conversation(tracker))
        return [SlotSet("tracked", bool(own)), *(told_of(own[-1]) if own else [])]


def told_of(complaint: Complaint) -> list[EventType]:
    """Return what the responses say of a complaint, from its stored row."""
    words, shop = services().words, services().shop
    told = {
        "complaint_number": complaint.number,
        "complaint_due": words.moment(complaint.due_at.astimezone(shop.zone)),
        "complaint_status": words.status(complaint),
    }
    return [SlotSet(slot, value) for slot, value in told.items()]


def emptied() -> list[EventType]:
    """Return the events that leave nothing behind for the next complaint."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]
