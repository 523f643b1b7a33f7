"""What the actions share: the services behind them, and what the shopper just said."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from rasa_sdk import Tracker

from bot.bootstrap import Services, build
from bot.domain.turn import TurnRef

FORM = "complaint_form"


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

    def entity(self, *names: str) -> str | None:
        """Return the value of the longest entity of these names."""
        found = [entity for entity in self.entities if entity["entity"] in names]
        return max(found, key=lambda entity: len(str(entity["value"])), default={}).get("value")

    def answer_to(self, slot: str) -> str | None:
        """Return the typed text if it answers the question for `slot`."""
        answers = self.asked == slot and self.intent == "inform" and not self.tapped
        return self.text if answers else None


def said(tracker: Tracker) -> Said:
    message = tracker.latest_message
    text = message.get("text") or ""
    asked = tracker.get_slot("requested_slot") if tracker.active_loop_name == FORM else None
    intent = (message.get("intent") or {}).get("name") or ""
    return Said(text, intent, asked, text.startswith("/"), message.get("entities") or [])


def claim(tracker: Tracker) -> TurnRef | None:
    """Return the turn this action runs for; None where no gateway is behind it (`rasa shell`)."""
    metadata = tracker.latest_message.get("metadata") or {}
    return TurnRef(metadata["turn_id"], metadata["epoch"]) if "turn_id" in metadata else None


def conversation(tracker: Tracker) -> str:
    return services().chat.access_sender(tracker.sender_id, "rasa")
