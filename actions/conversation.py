"""Beginning a conversation, and beginning it anew."""

from dataclasses import asdict
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, Restarted, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import claim, conversation, services
from bot.domain.shop import Shop
from bot.services.words import Words


class ActionSessionStart(Action):
    def name(self) -> str:
        return "action_session_start"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        told = shop_values(services().shop, services().words)
        known = [SlotSet(slot, value) for slot, value in told.items() if slot in tracker.slots]
        return [SessionStarted(), *known, ActionExecuted("action_listen")]


class ActionRestart(Action):
    def name(self) -> str:
        return "action_restart"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        services().drafts.abandon(conversation(tracker), claim(tracker))
        dispatcher.utter_message(response="utter_fresh_start")
        told = shop_values(services().shop, services().words)
        return [Restarted(), *(SlotSet(slot, value) for slot, value in told.items() if slot in tracker.slots)]


def shop_values(shop: Shop, words: Words) -> dict[str, str]:
    """Return what responses may say of the shop, under the names of `shop.yml`; its name as `shop_name`."""
    low, high = shop.first_answer_hours
    hours = words.notices["hours"].format(low=low, high=high)
    return {name: str(value) for name, value in asdict(shop).items()} | {"shop_name": shop.name, "first_answer_hours": hours}
