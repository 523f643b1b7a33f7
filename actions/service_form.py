"""Everything a shopper may ask for beside filing a complaint, one question at a time.

`action_begin_service` picks the service by the intent, or by what a button carries, and does it at once where nothing is to
be asked. Else the form `service_form` asks, and `action_serve` does it. A complaint that is being written waits meanwhile,
and goes on afterwards. What is under way is in the slot `service`: `{"name", "answers", "refused"}`.
"""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.about_complaints import AddDetails, Escalate, Files, LogContact, Reopen, ResponseTime, Track, Withdraw
from actions.about_drafts import Drop, Stop, left_form
from actions.about_requests import AskSeller, Callback, Human, Praise, Rate, ReportSecurity
from actions.ask import SERVICE_FORM, dealt_with, services
from actions.questions import MOST_REFUSALS, OPTIONAL, READ, yes_or_no
from actions.scene import Scene
from actions.service import Answers, Service
from bot.language.fields import told_contact
from bot.services.fields import Unclear

BY_INTENT: dict[str, Service] = {
    "track_complaint": Track(),
    "ask_response_time": ResponseTime(),
    "add_details": AddDetails(),
    "withdraw_complaint": Withdraw(),
    "escalate_complaint": Escalate(),
    "request_callback": Callback(),
    "contact_seller": AskSeller(),
    "request_human": Human(),
    "praise": Praise(),
    "stop": Stop(),
}

BY_BUTTON: dict[str, Service] = {
    "reopen": Reopen(),
    "log_contact": LogContact(),
    "files": Files(),
    "security_report": ReportSecurity(),
    "rate": Rate(),
    "drop_draft": Drop(),
}
"""Services no intent of the contract stands for: a button carries their name as the entity `task`."""

SERVICES = BY_INTENT | BY_BUTTON

HEARD = frozenset({"inform", "affirm", "deny", "skip", "correct_details", "nlu_fallback"})
"""Intents that may be answers; all others are left to the rules."""

NOTHING = [SlotSet("service", None), SlotSet("ask_again", None), SlotSet("requested_slot", None)]


class ActionBeginService(Action):
    def name(self) -> str:
        return "action_begin_service"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        name = _wanted(scene)
        if name in ("track_complaint", "stop") and _has_only_a_draft(scene):
            return [FollowupAction("action_offer_more")]
        leaves = left_form() if name in ("stop", "drop_draft") else []
        answers = SERVICES[name].begin(scene)
        if answers is None:
            return [*leaves, *_ended(scene)]
        if SERVICES[name].next_question(scene, answers) is None:
            return [*leaves, *SERVICES[name].finish(scene, answers), *_ended(scene)]
        return [*leaves, SlotSet("service", _under_way(name, answers)), FollowupAction(SERVICE_FORM)]


class ValidateServiceForm(Action):
    def name(self) -> str:
        return "validate_service_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        state = tracker.get_slot("service")
        if state is None:
            return NOTHING
        if dealt_with(tracker):
            return _asked(scene, state, None)
        if scene.said.intent == "stop":
            scene.say("utter_left")
            return NOTHING
        if scene.said.intent not in HEARD:
            return [ActionExecutionRejected(SERVICE_FORM)]
        return _hear(scene, state)


class ActionServe(Action):
    def name(self) -> str:
        return "action_serve"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        state = tracker.get_slot("service")
        done = SERVICES[state["name"]].finish(scene, state["answers"]) if state else []
        return [*done, *NOTHING, *scene.back_to_the_form()]


def _wanted(scene: Scene) -> str:
    """Return the name of the service: who wants to withdraw what is not filed yet wants to leave the form."""
    task = scene.said.entity("task")
    if task in BY_BUTTON:
        return task
    intent = scene.said.intent
    if intent == "add_details" and not scene.said.tapped and told_contact(scene.said.text):
        return "log_contact"
    if intent == "withdraw_complaint" and services().drafts.current(scene.conversation):
        return intent if services().life.latest(scene.conversation) else "stop"
    return intent


def _has_only_a_draft(scene: Scene) -> bool:
    """Whether all there is to speak of is a complaint put aside, which whoever comes back for "my complaint" means."""
    known = scene.said.entity("complaint_number") or services().life.latest(scene.conversation)
    return not known and scene.tracker.active_loop_name is None and services().drafts.paused(scene.conversation) is not None


def _ended(scene: Scene) -> list[EventType]:
    """Return what follows a service that is done at once: another that is under way goes on, or a complaint."""
    if scene.tracker.active_loop_name == SERVICE_FORM:
        return [FollowupAction(SERVICE_FORM)]
    return scene.back_to_the_form()


def _hear(scene: Scene, state: dict[str, Any]) -> list[EventType]:
    question = scene.tracker.get_slot("requested_slot")
    if scene.said.intent in ("skip", "deny") and READ[question] is not yes_or_no:
        return _without(scene, state, question)
    answers: Answers = dict(state["answers"])
    try:
        answers[question] = READ[question](scene)
        SERVICES[state["name"]].heard(scene, question, answers)
    except Unclear as unclear:
        refused = state["refused"] + 1
        if refused > MOST_REFUSALS:
            return _without(scene, state, question)
        return _asked(scene, state | {"refused": refused}, unclear.reason)
    return _asked(scene, state | {"answers": answers, "refused": 0}, None)


def _without(scene: Scene, state: dict[str, Any], question: str) -> list[EventType]:
    """Leave a question open, or the whole service where it cannot do without."""
    if question in OPTIONAL:
        return _asked(scene, state | {"answers": state["answers"] | {question: ""}, "refused": 0}, None)
    scene.say(SERVICES[state["name"]].when_given_up)
    return NOTHING


def _asked(scene: Scene, state: dict[str, Any], reason: str | None) -> list[EventType]:
    question = SERVICES[state["name"]].next_question(scene, state["answers"])
    return [SlotSet("service", state), SlotSet("ask_again", reason), SlotSet("requested_slot", question)]


def _under_way(name: str, answers: Answers) -> dict[str, Any]:
    return {"name": name, "answers": answers, "refused": 0}
