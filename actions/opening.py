"""How the complaint form gets its draft: a new one, one put aside before, or a second one that begins with what is known."""

from contextlib import suppress
from typing import Any

from actions.ask import dealt_with, services
from actions.scene import Scene
from actions.slots import valid
from bot.domain.draft import Draft, DraftState
from bot.language.introductions import introduced_as
from bot.services.drafts import Given
from bot.services.fields import Unclear

CARRIED_OVER = ("order_number", "product", "contact", "description")
"""What a second complaint from the same message takes from the first, beside the date."""


FROM_THE_PAGE = ("order_number", "product", "contact")


def begin(scene: Scene) -> Draft | None:
    """Return the draft this form fills; None where the shopper is to say first whether to go on with the one put aside."""
    drafts = services().drafts
    draft = drafts.read(scene.slot("draft_id"), scene.claim) if scene.slot("draft_id") else None
    if draft is not None and draft.state not in (DraftState.ABANDONED, DraftState.PAUSED):
        return draft
    if scene.said.asked == "resume_draft" and dealt_with(scene.tracker):
        return None
    if _takes_up(scene, "resume") or (scene.said.asked == "resume_draft" and scene.said.intent == "affirm"):
        return drafts.resume(scene.conversation, scene.claim)
    if scene.said.asked == "resume_draft":
        drafts.abandon(scene.conversation, scene.claim)
    elif _comes_back_to(scene, drafts.paused(scene.conversation)):
        return None
    draft = drafts.open(scene.conversation, scene.claim)
    return _second(scene, draft) if _takes_up(scene, "second") else _with_what_the_page_knows(scene, draft)


def opening_slots(scene: Scene) -> dict[str, Any]:
    """Return what a message that opens a complaint leaves for later: the other problem it names, and the shopper's name."""
    if scene.said.asked is not None or dealt_with(scene.tracker):
        return {}
    name = introduced_as(scene.said.text) or services().chat.known(scene.conversation).get("name")
    second = {"second_problem": scene.said.second, "offered": None}
    return second | ({"dear": services().words.dear(name)} if name else {})


def settle_duplicate(scene: Scene, draft: Draft) -> bool:
    """Give the draft's words to the open complaint about the same matter, if the shopper has just agreed to that."""
    agreed = scene.said.asked == "merge" and scene.said.intent == "affirm" and not dealt_with(scene.tracker)
    if agreed and draft.state is DraftState.OPEN:
        services().life.merge(draft.id, scene.slot("twin"), scene.claim)
    return agreed


def _comes_back_to(scene: Scene, paused: Draft | None) -> bool:
    """Whether somebody begins who has a complaint put aside, about the same matter as far as it is named."""
    if paused is None or scene.said.entity("task"):
        return False
    return scene.said.intent in ("file_complaint", paused.value("complaint_kind"))


def _takes_up(scene: Scene, offer: str) -> bool:
    """Whether the shopper takes what was offered last, by its button or with a yes."""
    return scene.said.entity("task") == offer or (scene.said.intent == "affirm" and scene.slot("offered") == offer)


def _with_what_the_page_knows(scene: Scene, draft: Draft) -> Draft:
    """Begin with the order, the product and the contact that the shop's page has said, as far as they will do."""
    if draft.slots:
        return draft
    known, given = services().chat.known(scene.conversation), []
    for slot in FROM_THE_PAGE:
        with suppress(Unclear):
            given += [Given(slot, valid(slot, known[slot]))] if slot in known else []
    return services().drafts.record(draft.id, given, [], {}, scene.claim) if given else draft


def _second(scene: Scene, draft: Draft) -> Draft:
    """Begin with the kind that was mentioned beside the first complaint, and with what the first has told already."""
    first = services().complaints.of_conversation(scene.conversation)[-1]
    known = {slot: getattr(first, slot) for slot in CARRIED_OVER}
    bought = first.purchase_date.isoformat() if first.purchase_date else None
    known |= {"complaint_kind": scene.slot("second_problem"), "purchase_date": bought}
    given = [Given(slot, value) for slot, value in known.items() if value]
    return services().drafts.record(draft.id, given, [], {}, scene.claim)
