"""The complaint form: what each message brings, whether it will do, and what is asked next.

One call does all of it, and every value is in the store before the next question is asked. The reason why a question
is asked once more is the slot `ask_again`, which picks its wording in the domain.
"""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import FORM, Said, dealt_with, services
from actions.opening import begin, opening_slots, settle_duplicate
from actions.remarks import remark
from actions.scene import Scene
from actions.slots import candidates, valid
from bot.domain.draft import NEVER_SKIPPED, SKIPPED_AT_ONCE, SLOTS, Draft, DraftState, asked_for
from bot.language.fields import named_field
from bot.services.drafts import Given
from bot.services.fields import VALIDATE, Unclear

ANSWERED_ELSEWHERE = frozenset({
    "add_details", "ask_response_time", "ask_why", "bot_challenge", "contact_seller", "escalate_complaint", "express_anger",
    "faq", "goodbye", "greet", "help", "order_status", "out_of_scope", "praise", "request_callback", "request_human", "stop",
    "thank", "track_complaint", "withdraw_complaint",
})  # fmt: skip
"""Intents that the form leaves to the rules of `data/stories/`: Rasa asks the form first, whatever was said."""

GIVE_UP_AFTER = dict.fromkeys(SLOTS, 4) | {"remedy": 1}
"""Slot → refusals borne: a wish that is in no list is still a wish, and stands in the story."""

INSTEAD = {"complaint_kind": "other_complaint", "remedy": "other"}
"""What is kept where an answer cannot be read after all; the shopper sees it in the summary and can change it."""

ALWAYS_SAID = ("draft_id", "requested_slot")
"""Slots that Rasa is told in every turn of the form, changed or not."""

EXPLAIN_AFTER = 2
"""Refusals after which a question is explained with an example, and may be skipped where the record allows."""


@dataclass
class Heard:
    """What one message brought, and what it leaves to ask."""

    given: list[Given] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Slot → reason."""
    skipped: list[str] = field(default_factory=list)
    edit: str | None = None
    confirmed: bool | None = None

    def refusals(self) -> dict[str, int]:
        """Return how much each refusal counts: wanting to skip brings the explanation at once."""
        return {slot: EXPLAIN_AFTER if reason == "explained" else 1 for slot, reason in self.refused.items()}


class ValidateComplaintForm(Action):
    def name(self) -> str:
        return "validate_complaint_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        scene = Scene(tracker, dispatcher)
        message = scene.said
        if message.intent in ANSWERED_ELSEWHERE and message.asked and not dealt_with(tracker):
            return [ActionExecutionRejected(FORM)]
        draft = begin(scene)
        if draft is None:
            return [SlotSet("ask_again", None), SlotSet("requested_slot", "resume_draft")]
        if settle_duplicate(scene, draft) or draft.state in (DraftState.FILED, DraftState.MERGED):
            return [SlotSet("confirmed", True), SlotSet("requested_slot", None)]
        heard = Heard() if dealt_with(tracker) else hear(message, draft)
        before = {slot: draft.value(slot) for slot in SLOTS}
        draft = services().drafts.record(draft.id, heard.given, heard.skipped, heard.refusals(), scene.claim)
        remark(scene, before, draft, list(heard.refused))
        return _events(scene, draft, heard)


def hear(message: Said, draft: Draft) -> Heard:
    """Take from the message what the form can use; what it cannot use is refused only if it was asked for."""
    heard = Heard()
    for slot, raw in candidates(message, draft).items():
        _take(heard, draft, message, slot, raw)
    heard.edit = message.entity("field") or _named(heard, message)
    if message.intent in ("skip", "deny") and message.asked in VALIDATE:
        _skip(heard, draft, message.asked, message.intent)
    if message.asked == "confirmed":
        _confirm(heard, message)
    return heard


def _named(heard: Heard, message: Said) -> str | None:
    """Return the field the shopper says is wrong without saying what is right."""
    wants_change = message.intent == "correct_details" or (message.asked == "confirmed" and message.intent == "deny")
    return named_field(message.text) if wants_change and not heard.given and not message.tapped else None


def next_question(draft: Draft, heard: Heard, message: Said) -> tuple[str | None, str | None]:
    """Return the slot to ask for next (None when the form is done) and why it is asked once more, if it is."""
    if heard.confirmed:
        return None, None
    asked = heard.edit or next((slot for slot in heard.refused), None) or _missing(draft)
    if asked == "confirmed":
        return asked, _unsettled(heard, message)
    return asked, _reason(draft, heard, asked)


def _take(heard: Heard, draft: Draft, message: Said, slot: str, raw: str) -> None:
    if slot not in VALIDATE:
        return
    try:
        heard.given.append(Given(slot, valid(slot, raw), raw))
    except Unclear as unclear:
        if slot == message.asked:
            _refuse(heard, draft, slot, raw, unclear.reason)


def _refuse(heard: Heard, draft: Draft, slot: str, raw: str, reason: str) -> None:
    """Ask once more; after GIVE_UP_AFTER refusals go on with what there is, so that nobody is asked for ever."""
    entry = draft.slots.get(slot)
    if entry is None or entry.refusals < GIVE_UP_AFTER[slot] or slot == "description":
        heard.refused[slot] = reason
    elif slot in INSTEAD:
        heard.given.append(Given(slot, INSTEAD[slot], raw))
    else:
        heard.skipped.append(slot)


def _skip(heard: Heard, draft: Draft, slot: str, intent: str) -> None:
    """Skip what the shopper does not know or want to say; a bare "no" first brings the explanation. What is known stays."""
    if draft.value(slot) is not None:
        return
    knows = intent == "deny" and slot not in SKIPPED_AT_ONCE and not _explained(draft, slot)
    if slot not in NEVER_SKIPPED and not knows:
        heard.skipped.append(slot)
    else:
        heard.refused[slot] = "explained"


def _explained(draft: Draft, slot: str) -> bool:
    return slot in draft.slots and draft.slots[slot].refusals >= EXPLAIN_AFTER


def _confirm(heard: Heard, message: Said) -> None:
    if message.intent == "affirm":
        heard.confirmed = True
    elif message.intent == "deny":
        heard.confirmed = False


def _missing(draft: Draft) -> str:
    for slot in asked_for(draft.value("complaint_kind")):
        skipped = slot in draft.slots and draft.slots[slot].skipped
        if draft.value(slot) is None and not skipped:
            return slot
    return "confirmed"


def _unsettled(heard: Heard, message: Said) -> str | None:
    """Return why the summary is shown once more: something is to change, or the answer was neither yes nor no."""
    if message.asked != "confirmed" or heard.given:
        return None
    return {"deny": "which_field", "correct_details": "which_field", "inform": "unclear"}.get(message.intent)


def _reason(draft: Draft, heard: Heard, asked: str) -> str | None:
    reason = heard.refused.get(asked)
    return "explained" if reason and _explained(draft, asked) else reason


def _events(scene: Scene, draft: Draft, heard: Heard) -> list[EventType]:
    slot, reason = next_question(draft, heard, scene.said)
    another = scene.slot("not_duplicate") or (scene.said.asked == "merge" and not dealt_with(scene.tracker))
    twin = None if another else services().life.duplicate(draft)
    if twin is not None:
        slot, reason = "merge", None
    mirrored = {name: draft.value(name) for name in SLOTS}
    own = {
        "draft_id": draft.id,
        "skipped": sorted(name for name, entry in draft.slots.items() if entry.skipped) or None,
        "ask_again": reason,
        "summary": _summary(draft) if slot == "confirmed" else None,
        "confirmed": heard.confirmed or None,
        "not_duplicate": another or None,
        "twin": twin.number if twin else None,
        "requested_slot": slot,
    }
    wanted = mirrored | own | opening_slots(scene)
    # Of what is so already, only these are said: Rasa's form wants the next question each time, and takes an answer that
    # sets no other slot for none at all: a turn that is taken again after a crash, say, or the same unclear word twice.
    changed = {name: value for name, value in wanted.items() if name in ALWAYS_SAID or value != scene.slot(name)}
    return [SlotSet(name, value) for name, value in changed.items()]


def _summary(draft: Draft) -> str:
    lines = (f"{line['label']}: {line['value']}" for line in services().words.summary(draft))
    return "\n".join(lines).replace("\n\n", "\n")  # an empty line would begin a new bubble
