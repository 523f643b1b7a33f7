"""A shopper's talk with the form, without Rasa: trackers are built and the form's events applied as Rasa does."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import FORM, SERVICE_FORM
from actions.complaint_form import ValidateComplaintForm
from actions.complaints import ActionFileComplaint
from actions.service_form import ActionBeginService, ActionServe, ValidateServiceForm
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
    loop: str = FORM,
    second: str | None = None,
) -> Tracker:
    """A tracker as the action server gets it; `ran` are the actions run since the message."""
    message = {
        "text": text,
        "intent": {"name": intent},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "second_problem": {"name": second} if second else None,
        "metadata": {"turn_id": claim.turn_id, "epoch": claim.epoch} if claim else {},
    }
    events = [{"event": "user", "text": text}, *({"event": "action", "name": name} for name in ran)]
    active = {"name": loop} if asked else {}
    slots = {"requested_slot": asked, **(slots or {})}
    return Tracker(sender, slots, message, events, False, None, active, "action_listen")


def found_in(text: str) -> dict[str, str]:
    """What the NLU finds in a text by its form: entity → value."""
    return {entity: found.value for entity, found in find_values(text, date.today(), SHOP)}


def run(action: Action, tracker: Tracker) -> list[dict[str, Any]]:
    return action.run(CollectingDispatcher(), tracker, {})


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def responses(voice: CollectingDispatcher) -> list[tuple[str, dict[str, str]]]:
    """The responses said, with the values they were given."""
    rasas = {"response", "text", "buttons", "elements", "custom", "template", "image", "attachment"}
    return [
        (message["response"], {name: value for name, value in message.items() if name not in rasas})
        for message in voice.messages
    ]


@dataclass
class Talk:
    """One conversation: `say` and `tap` return what is asked next and why it is asked once more."""

    sender: str = "a shopper"
    slots: dict[str, Any] = field(default_factory=dict)
    second: str | None = None
    """The other problem the NLU finds in what is said."""
    said: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """The responses of the last turn beside the question, with their values."""

    def say(
        self, text: str, intent: str = "inform", *, ran: tuple[str, ...] = (), **named: str
    ) -> tuple[str | None, str | None]:
        """Send typed text; values are found in it as the NLU finds them, names come as `named`."""
        return self._turn(text, intent, found_in(text) | named, ran)

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
        tracker = a_tracker(text, intent, asked, self.slots, entities, sender=self.sender, ran=ran, second=self.second)
        voice = CollectingDispatcher()
        events = ValidateComplaintForm().run(voice, tracker, {})
        self.said = responses(voice)
        if any(event["event"] == "action_execution_rejected" for event in events):
            return "left to the rules", None
        set_now = slots_of(events)
        if asked and not set_now.keys() - {"requested_slot"}:
            return "rejected by Rasa", None  # as FormAction.validate does where no slot is set
        self.slots |= set_now
        return self.slots.get("requested_slot"), self.slots.get("ask_again")


@dataclass
class Counter:
    """A shopper who asks for services; the actions follow one another as the rules and their own followups say."""

    sender: str = "a shopper"
    slots: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    said: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    follows: str | None = None
    """The action that the last one has asked for and that is not a service's."""

    def say(self, text: str, intent: str = "inform", **named: str) -> str | None:
        """Send typed text; return the question asked next, None when the service is over."""
        return self._turn(text, intent, found_in(text) | named)

    def tap(self, intent: str, **entities: str) -> str | None:
        return self._turn(f"/{intent}", intent, entities)

    @property
    def responses(self) -> list[str]:
        return [response for response, _ in self.said]

    def told(self, response: str) -> dict[str, str]:
        """The values a response of the last turn was given."""
        return dict(self.said)[response]

    def _turn(self, text: str, intent: str, entities: dict[str, str]) -> str | None:
        self.said, self.follows = [], None
        if self.loop is not None:
            events = self._run(ValidateServiceForm(), text, intent, entities, ())
            if not any(event["event"] == "action_execution_rejected" for event in events):
                return self._settle(text, intent, entities)
        self._run(ActionBeginService(), text, intent, entities, ())
        if self.follows == SERVICE_FORM:
            self.loop, self.follows = SERVICE_FORM, None
            self._run(ValidateServiceForm(), text, intent, entities, ("action_begin_service",))
            return self._settle(text, intent, entities)
        return None

    def _settle(self, text: str, intent: str, entities: dict[str, str]) -> str | None:
        asked: str | None = self.slots["requested_slot"]
        if asked is None:
            self.loop = None
            self._run(ActionServe(), text, intent, entities, ())
        return asked

    def _run(
        self, action: Action, text: str, intent: str, entities: dict[str, str], ran: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        asked = self.slots.get("requested_slot") if self.loop else None
        loop = self.loop or FORM
        tracker = a_tracker(text, intent, asked, self.slots, entities, sender=self.sender, ran=ran, loop=loop)
        voice = CollectingDispatcher()
        events: list[dict[str, Any]] = action.run(voice, tracker, {})
        self.said += responses(voice)
        self.slots |= slots_of(events)
        self.follows = next((event["name"] for event in events if event["event"] == "followup"), self.follows)
        return events
