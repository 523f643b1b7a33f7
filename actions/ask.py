"""What the actions share: the services behind them, and what the shopper just said."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from rasa_sdk import Tracker

from bot.bootstrap import Services, build
from bot.domain.turn import TurnRef

FORM = "complaint_form"
SERVICE_FORM = "service_form"

NOT_AN_ANSWER = frozenset({FORM, SERVICE_FORM, "action_listen", "action_extract_slots"})
"""Actions that run on a message without having dealt with it."""


@cache
def services() -> Services:
    return build()


@dataclass(frozen=True)
class Said:
    """The latest message with the slot it answers."""

    text: str
    intent: str
    asked: str | None
    tapped: bool
    entities: list[dict[str, Any]]
    second: str | None = None
    """The kind of another problem the message names."""

    def entity(self, *names: str) -> str | None:
        """Return the value of the longest entity of these names."""
        found = [entity for entity in self.entities if entity["entity"] in names]
        return max(found, key=lambda entity: len(str(entity["value"])), default={}).get("value")

    def words_of(self, name: str) -> str | None:
        """Return the shopper's own words for an entity, which are read back as they were said; its value has none."""
        found = next((entity for entity in self.entities if entity["entity"] == name), None)
        if found is None or "start" not in found or self.tapped:
            return found["value"] if found else None
        return self.text[found["start"] : found["end"]]

    def answer_to(self, slot: str) -> str | None:
        """Return the typed text if it answers the question for `slot`."""
        answers = self.asked == slot and self.intent == "inform" and not self.tapped
        return self.text if answers else None


def said(tracker: Tracker) -> Said:
    """Return the latest message; a choice of "did you mean" stands for the words that were not understood."""
    message = tracker.latest_message
    asked = tracker.get_slot("requested_slot") if tracker.active_loop_name in (FORM, SERVICE_FORM) else None
    intent = _intent(message)
    unsure = not_understood_before(tracker)
    if (message.get("text") or "").startswith("/") and unsure is not None:
        return _as_said(unsure, intent, asked)
    return _as_said(message, intent, asked)


def _as_said(parse: dict[str, Any], intent: str, asked: str | None) -> Said:
    text = parse.get("text") or ""
    second = (parse.get("second_problem") or {}).get("name")
    return Said(text, intent, asked, text.startswith("/"), parse.get("entities") or [], second)


def not_understood_before(tracker: Tracker) -> dict[str, Any] | None:
    """Return the message before the latest one if it was not understood, as Rasa parsed it."""
    spoken = [event for event in tracker.events if event["event"] == "user"]
    before = (spoken[-2].get("parse_data") or {}) if len(spoken) > 1 else {}
    return before if _intent(before) == "nlu_fallback" else None


def intents_said(tracker: Tracker) -> set[str]:
    """Return what the shopper has wanted in this conversation so far."""
    return {_intent(event.get("parse_data") or {}) for event in tracker.events if event["event"] == "user"}


def dealt_with(tracker: Tracker) -> bool:
    """Whether another action has already answered the latest message: a form run after it has nothing new to hear."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action" and event["name"] not in NOT_AN_ANSWER:
            return True
    return False


def claim(tracker: Tracker) -> TurnRef | None:
    """Return the turn this action runs for; None where no gateway is behind it (`rasa shell`)."""
    metadata = tracker.latest_message.get("metadata") or {}
    return TurnRef(metadata["turn_id"], metadata["epoch"]) if "turn_id" in metadata else None


def conversation(tracker: Tracker) -> str:
    conversation_id = services().chat.access_sender(tracker.sender_id, "rasa")
    structlog.contextvars.bind_contextvars(conversation_id=conversation_id)
    return conversation_id


def _intent(parse: dict[str, Any]) -> str:
    return (parse.get("intent") or {}).get("name") or ""
