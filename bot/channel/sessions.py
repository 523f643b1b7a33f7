"""Ends a session of Rasa's where a conversation has become long, so that its turns cost no more than its first ones.

Rasa goes through all events since the session began several times in every turn: the three hundredth turn took twelve
times as long as the tenth. What the shopper is being asked, and what they have told, goes on in the new session.
"""

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

LONG = 150
"""Events: some twelve turns. Between two forms a session ends then."""
LONGEST = 600
"""Events after which one ends within a form, too: what was said in it before no longer counts as said in this one."""
NOT_UNDERSTOOD = "nlu_fallback"


def begin_anew(tracker: DialogueStateTracker, domain: Domain) -> None:
    """Begin a new session if the tracker's is long and nothing is open but a form."""
    if _is_long(tracker):
        tracker.update_with_events(_events(tracker), domain)


def _is_long(tracker: DialogueStateTracker) -> bool:
    said = tracker.latest_message
    if said is not None and said.intent.get("name") == NOT_UNDERSTOOD:
        return False  # the answer to "did you mean" goes back to its words
    return len(tracker.events) > (LONGEST if tracker.active_loop_name else LONG)


def _events(tracker: DialogueStateTracker) -> list[Event]:
    told = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value != slot.initial_value]
    loop: list[Event] = []
    if tracker.active_loop_name:
        asked = SlotSet(REQUESTED_SLOT, tracker.get_slot(REQUESTED_SLOT))
        loop = [ActionExecuted(tracker.active_loop_name), ActiveLoop(tracker.active_loop_name), asked]
    began: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    return [*began, *told, *loop, ActionExecuted(ACTION_LISTEN_NAME)]
