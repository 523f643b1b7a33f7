"""What a service sees of the turn it serves: who asks, what was said, what is known already, and a voice."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.ask import FORM, Said, claim, conversation, said, services
from bot.domain.complaint import Complaint
from bot.domain.turn import TurnRef


@dataclass(frozen=True)
class Scene:
    tracker: Tracker
    dispatcher: CollectingDispatcher

    @cached_property
    def said(self) -> Said:
        return said(self.tracker)

    @cached_property
    def conversation(self) -> str:
        return conversation(self.tracker)

    @cached_property
    def claim(self) -> TurnRef | None:
        return claim(self.tracker)

    def slot(self, name: str) -> Any:
        return self.tracker.get_slot(name)

    def say(self, response: str, **values: str) -> None:
        """Say a response of the domain; an empty line in a value would begin a new bubble."""
        told = {name: value.replace("\n\n", "\n") for name, value in values.items()}
        self.dispatcher.utter_message(response=response, **told)

    def back_to_the_form(self) -> list[EventType]:
        """Return what leads back to a complaint that is being written, if there is one."""
        return [FollowupAction(FORM)] if services().drafts.current(self.conversation) else []


def shown(complaint: Complaint) -> dict[str, str]:
    """Return what responses say of a complaint."""
    lines = services().life.status_lines(complaint)
    return {
        "number": complaint.number,
        "status": lines.status,
        "level": lines.level,
        "due": lines.due or "",
        "timeline": "\n".join(lines.timeline),
        "link": services().files.link(complaint),
    }
