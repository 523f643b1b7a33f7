"""Makes a tracker agree with the draft in the store, which is the truth where they differ.

They differ after a crash between an action's commit and the tracker's save, after the tracker was lost, and after
somebody else (an agent) changed the form.
"""

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

FORM = "complaint_form"
SERVICE_FORM = "service_form"
"""While it is under way, the complaint waits."""


def mirror(form: dict[str, Any] | None, tracker: DialogueStateTracker, domain: Domain) -> None:
    """Bring `tracker` to the state of the open draft `form` (`draft_id`, `values`, `skipped`, `asked`)."""
    if form is not None:
        tracker.update_with_events(_missing(form, tracker), domain)


def _missing(form: dict[str, Any], tracker: DialogueStateTracker) -> list[Event]:
    wanted = {**form["values"], "draft_id": form["draft_id"], "skipped": form["skipped"] or None}
    events: list[Event] = []
    if tracker.active_loop_name not in (FORM, SERVICE_FORM):
        events += [ActionExecuted(FORM), ActiveLoop(FORM), SlotSet("requested_slot", form["asked"])]
        events.append(ActionExecuted("action_listen"))
    events += [SlotSet(slot, value) for slot, value in wanted.items() if tracker.get_slot(slot) != value]
    return events
