"""Services that need no complaint: a call back, a question to a seller, a security report, a rating, praise, a person."""

from rasa_sdk.events import EventType, SlotSet

from actions.ask import services
from actions.scene import Scene
from actions.service import Answers, Service
from bot.domain.handoff import Reason

LOW = ("1", "2")
"""Stars that call for an apology."""


class Callback(Service):
    questions = ("callback_phone", "callback_time")

    def begin(self, scene: Scene) -> Answers | None:
        phone = scene.said.entity("phone") or _known_phone(scene)
        when = scene.said.words_of("date")
        return ({"callback_phone": phone} if phone else {}) | ({"callback_time": when} if when else {})

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        phone, when = answers["callback_phone"], answers["callback_time"]
        reference = services().requests.callback(scene.conversation, phone, when or None, scene.claim)
        when = when or services().words.notices["no_time"]
        scene.say("utter_callback_kept", reference=reference, number=phone, when=when)
        return [SlotSet("to_rate", True)]


class AskSeller(Service):
    questions = ("seller_name", "seller_order", "seller_question")

    def begin(self, scene: Scene) -> Answers | None:
        known = {"seller_name": scene.said.entity("seller"), "seller_order": scene.said.entity("order_number")}
        return {question: value for question, value in known.items() if value}

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        seller, order = answers["seller_name"] or None, answers["seller_order"] or None
        question = answers["seller_question"]
        reference = services().requests.seller_question(scene.conversation, seller, order, question, scene.claim)
        scene.say("utter_seller_asked", reference=reference)
        return [SlotSet("to_rate", True)]


class ReportSecurity(Service):
    questions = ("security_what", "security_when", "security_contact")

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        when, contact = answers["security_when"] or None, answers["security_contact"] or None
        what = answers["security_what"]
        reference = services().requests.security_report(scene.conversation, what, when, contact, scene.claim)
        scene.say("utter_security_reported", reference=reference)
        return [SlotSet("to_rate", True)]


class Rate(Service):
    questions = ("stars", "rating_word")

    def begin(self, scene: Scene) -> Answers | None:
        stars = scene.said.entity("stars")
        return {"stars": stars} if stars else {}

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        stars, word = answers["stars"], answers["rating_word"] or None
        services().requests.rate(scene.conversation, int(stars), word, scene.claim)
        scene.say("utter_rated_low" if stars in LOW else "utter_rated")
        return [SlotSet("to_rate", False)]


class Praise(Service):
    """Kept and thanked for at once."""

    def begin(self, scene: Scene) -> Answers | None:
        services().requests.praise(scene.conversation, scene.said.text, scene.claim)
        scene.say("utter_praise")
        return None


class Human(Service):
    """A place in the queue, at once."""

    def __init__(self, reason: Reason = Reason.ASKED) -> None:
        self._reason = reason

    def begin(self, scene: Scene) -> Answers | None:
        reference = services().requests.human(scene.conversation, self._reason, scene.claim)
        scene.say("utter_request_human", reference=reference)
        return None


def _known_phone(scene: Scene) -> str | None:
    """Return the telephone number the shopper has given in this conversation already."""
    latest = services().life.latest(scene.conversation)
    known = scene.slot("contact") or (latest.contact if latest else None)
    return known if known and "@" not in known else None
