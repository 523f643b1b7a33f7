"""Beginning a conversation and beginning it anew, greetings, offers, and what to do when something was not understood."""

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, FollowupAction, Restarted, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.about_requests import Human
from actions.ask import FORM, SERVICE_FORM, claim, conversation, not_understood_before, services
from actions.scene import Scene
from bot.domain.handoff import Reason
from bot.domain.shop import Shop
from bot.language.introductions import introduced_as
from bot.services.words import Words

MOST_CHOICES = 3


class ActionSessionStart(Action):
    def name(self) -> str:
        return "action_session_start"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        told = shop_values(services().shop, services().words)
        known = [SlotSet(slot, value) for slot, value in told.items() if slot in tracker.slots]
        return [SessionStarted(), *known, ActionExecuted("action_listen")]


class ActionGreet(Action):
    """Greets back in kind, by name where one was given."""

    def name(self) -> str:
        return "action_greet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene, words = Scene(tracker, dispatcher), services().words
        name = introduced_as(scene.said.text)
        dear = words.dear(name) if name else scene.slot("dear") or ""
        busy = tracker.active_loop_name in (FORM, SERVICE_FORM)
        scene.say("utter_greet_again" if busy else "utter_greet", greeting=words.greeting(scene.said.text), called=dear)
        return [SlotSet("dear", dear)]


class ActionAnswerOffer(Action):
    """Takes a yes or a no that answers no question of a form: it may answer the last offer."""

    def name(self) -> str:
        return "action_answer_offer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        if scene.said.intent == "deny":
            scene.say("utter_deny")
            return [SlotSet("offered", None), SlotSet("second_problem", None)]
        if scene.slot("offered"):
            return [FollowupAction(FORM)]
        scene.say("utter_affirm")
        return []


class ActionOfferRating(Action):
    """Asks once after each help how it was."""

    def name(self) -> str:
        return "action_offer_rating"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        if scene.slot("to_rate"):
            scene.say("utter_rate")
        return [SlotSet("to_rate", False)]


class ActionDidYouMean(Action):
    """Offers the likeliest meanings of what was not understood; the second time in a row, a person."""

    def name(self) -> str:
        return "action_did_you_mean"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        if not_understood_before(tracker) is not None:
            scene.say("utter_not_understood_again")
            Human(Reason.NOT_UNDERSTOOD).begin(scene)
        elif choices := likeliest(tracker.latest_message, services().words):
            dispatcher.utter_message(response="utter_did_you_mean", buttons=choices)
        else:
            scene.say("utter_default")
        return []


class ActionRestart(Action):
    def name(self) -> str:
        return "action_restart"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        services().drafts.abandon(conversation(tracker), claim(tracker))
        dispatcher.utter_message(response="utter_fresh_start")
        told = shop_values(services().shop, services().words)
        return [Restarted(), *(SlotSet(slot, value) for slot, value in told.items() if slot in tracker.slots)]


def likeliest(parse: dict[str, Any], words: Words) -> list[dict[str, str]]:
    """Return buttons for the MOST_CHOICES likeliest meanings that a shopper can choose, likeliest first."""
    topics = parse.get("response_selector", {}).get("faq", {}).get("ranking", [])
    topic = topics[0]["intent_response_key"].split("/")[1] if topics else ""
    titles = words.kinds | words.wishes
    choices = []
    for guess in parse.get("intent_ranking", []):
        name = guess["name"]
        if name == "faq" and topic in words.topics:
            choices.append({"title": words.topics[topic], "payload": f'/faq{{"topic": "{topic}"}}'})
        elif name in titles:
            choices.append({"title": titles[name], "payload": f"/{name}"})
    return choices[:MOST_CHOICES]


def shop_values(shop: Shop, words: Words) -> dict[str, str]:
    """Return what responses may say of the shop, under the names of `shop.yml`; its name as `shop_name`."""
    low, high = shop.first_answer_hours
    hours = words.notices["hours"].format(low=low, high=high)
    return {name: str(value) for name, value in asdict(shop).items()} | {
        "shop_name": shop.name,
        "first_answer_hours": hours,
        "dear": "",
    }
