"""Leaving a complaint that is being written: put aside to go on with later, or dropped."""

from rasa_sdk.events import ActiveLoop, EventType, SlotSet

from actions.ask import FORM, services
from actions.complaints import emptied
from actions.scene import Scene
from actions.service import Answers, Service


class Stop(Service):
    """What was written is put aside before anything is asked: nobody loses it by closing the page now."""

    questions = ("keep_draft",)

    def begin(self, scene: Scene) -> Answers | None:
        drafts = services().drafts
        if scene.tracker.active_loop_name != FORM and drafts.current(scene.conversation) is None:
            scene.say("utter_nothing_to_leave")
            return None
        if drafts.pause_if_worth_it(scene.conversation, scene.claim):
            return {}
        scene.say("utter_stopped")
        return None

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        if answers["keep_draft"] == "no":
            services().drafts.abandon(scene.conversation, scene.claim)
        scene.say("utter_stopped" if answers["keep_draft"] == "no" else "utter_draft_kept")
        return []


class Drop(Service):
    """Give up what was put aside."""

    def begin(self, scene: Scene) -> Answers | None:
        services().drafts.abandon(scene.conversation, scene.claim)
        scene.say("utter_stopped")
        return None


def left_form() -> list[EventType]:
    """Return the events that leave the complaint form with nothing in it."""
    return [*emptied(), ActiveLoop(None), SlotSet("requested_slot", None)]
