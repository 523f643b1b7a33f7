"""A shopper's talk with the form, without Rasa: trackers are built and the form's events applied as Rasa does."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import FORM
from actions.complaint_form import ValidateComplaintForm
from actions.complaints import ActionFileComplaint
from bot.domain.turn import TurnRef
from bot.language.values import ShopValues, find_values

SHOP = ShopValues(r"\d{3}-\d{7}-\d{7}|[A-Z]{0,3}\d{5,10}")


def a_tracker(
    text: str = "",
    intent: str = "inform",
    asked: str | None = None,
    slots: dict[str, Any] | None = None,
    entities: dict[str, str] | None = None,
    claim: TurnRef | None = None,
    sender: str = "a shopper",
    ran: tuple[str, ...] = (),
) -> Tracker:
    """A tracker as the action server gets it; `ran` are the actions run since the message."""
    message = {
        "text": text,
        "intent": {"name": intent},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "metadata": {"turn_id": claim.turn_id, "epoch": claim.epoch} if claim else {},
    }
    events = [{"event": "user", "text": text}, *({"event": "action", "name": name} for name in ran)]
    loop = {"name": FORM} if asked else {}
    return Tracker(sender, {"requested_slot": asked, **(slots or {})}, message, events, False, None, loop, "action_listen")


def run(action: Action, tracker: Tracker) -> list[dict[str, Any]]:
    return action.run(CollectingDispatcher(), tracker, {})


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


@dataclass
class Talk:
    """One conversation: `say` and `tap` return what is asked next and why it is asked once more."""

    sender: str = "a shopper"
    slots: dict[str, Any] = field(default_factory=dict)

    def say(
        self, text: str, intent: str = "inform", *, ran: tuple[str, ...] = (), **named: str
    ) -> tuple[str | None, str | None]:
        """Send typed text; values are found in it as the NLU finds them, names come as `named`."""
        found = {entity: found.value for entity, found in find_values(text, date.today(), SHOP)}
        return self._turn(text, intent, found | named, ran)

    def tap(self, intent: str, **entities: str) -> tuple[str | None, str | None]:
        return self._turn(f"/{intent}", intent, entities, ())

    def file(self) -> str:
        """File what the form gathered and return the number."""
        self.slots |= slots_of(run(ActionFileComplaint(), a_tracker(slots=self.slots, sender=self.sender)))
        return self.slots["complaint_number"]

    def until_confirmed(self, kind: str = "late_delivery") -> None:
        """Bring the form to its summary by the shortest way."""
        self.tap(kind)
        for answer in ("12345678", "أمس", "سماعة بلوتوث", "طلبتها ولم تصل حتى الآن", "أبغى فلوسي"):
            self.say(answer)
        assert self.say("ما أبغى", "skip") == ("confirmed", None)

    def _turn(self, text: str, intent: str, entities: dict[str, str], ran: tuple[str, ...]) -> tuple[str | None, str | None]:
        asked = self.slots.get("requested_slot")
        tracker = a_tracker(text, intent, asked, self.slots, entities, sender=self.sender, ran=ran)
        events = run(ValidateComplaintForm(), tracker)
        if any(event["event"] == "action_execution_rejected" for event in events):
            return "left to the rules", None
        self.slots |= slots_of(events)
        return self.slots["requested_slot"], self.slots["ask_again"]
