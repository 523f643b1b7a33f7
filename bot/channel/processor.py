"""Rasa's message processor for one turn of ours: it raises what Rasa swallows, and knows the form.

Rasa counts an action that failed as one that returned nothing, and its tracker store as empty when it cannot be
read: the next rule step then says "filed" although nothing was. Here both fail the turn, and nothing of it is saved.
"""

from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channel.answers import INFORM, taken_as
from bot.channel.mirror import mirror
from bot.channel.sessions import begin_anew


class ActionFailed(Exception):
    """An action did not run to its end; `__cause__` says why."""


class AnsweredBefore(Exception):
    """The turn was answered and saved, but its answer was lost on the way: `said` is the message as it was read then."""

    def __init__(self, said: UserUttered, replies: list[BotUttered]) -> None:
        super().__init__("this turn was answered before")
        self.said = said
        self.replies = replies


class TurnProcessor(MessageProcessor):
    """The agent's processor as one turn sees it; Rasa's own stays as it is."""

    form: dict[str, Any] | None
    reading: dict[str, Any]

    @classmethod
    def over(cls, processor: MessageProcessor, form: dict[str, Any] | None) -> "TurnProcessor":
        """Return a view that shares everything with `processor` but the tracker store's leniency."""
        turn = cls.__new__(cls)
        turn.__dict__.update(processor.__dict__)
        turn.tracker_store = _innermost(processor.tracker_store)
        turn.form = form
        return turn

    async def handle_message(self, message: UserMessage) -> None:
        """Take the turn; one that was taken before is answered as it was then, and changes nothing."""
        try:
            await super().handle_message(message)
        except AnsweredBefore as turn:
            self.reading = _reading_again(turn.said, self.model_filename)
            for reply in turn.replies:
                await message.output_channel.send_response(message.sender_id, reply.message())

    async def fetch_tracker_and_update_session(
        self, sender_id: str, output_channel: OutputChannel | None = None, metadata: dict[str, Any] | None = None
    ) -> DialogueStateTracker:
        tracker = await self.get_tracker(sender_id)
        _refuse_answered(tracker, metadata or {})
        await self._update_tracker_session(tracker, output_channel, metadata)
        begin_anew(tracker, self.domain)
        mirror(self.form, tracker, self.domain)
        return tracker

    async def parse_message(
        self, message: UserMessage, tracker: DialogueStateTracker | None = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        parse = await super().parse_message(message, tracker, only_output_properties)
        self.reading = _reading(parse, self.model_filename)
        if tracker is not None:
            asked = tracker.get_slot("requested_slot") if tracker.active_loop_name else None
            intent = INFORM if asked and _said_again(tracker, message.text or "") else taken_as(parse, asked)
            self.reading["taken_as"] = intent
            parse["intent"] = {"name": intent, "confidence": parse["intent"]["confidence"]}
        return parse

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        watched = _Watched(action)
        goes_on = await super()._run_action(watched, tracker, output_channel, nlg, prediction)
        if watched.failure is not None:
            raise ActionFailed(action.name()) from watched.failure
        return goes_on


class _Watched(Action):
    """An action that remembers what it failed with, because Rasa's processor does not."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self.failure: Exception | None = None

    def name(self) -> str:
        return self._action.name()

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        try:
            return await self._action.run(output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self.failure = error
            raise

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> Event:
        return self._action.event_for_successful_execution(prediction)


def _said_again(tracker: DialogueStateTracker, text: str) -> bool:
    """Whether the shopper insists on what was taken for something else than an answer: then it is one after all."""
    before = tracker.latest_message
    if before is None or before.text != text or text.startswith("/"):
        return False
    return before.intent.get("name") not in (INFORM, "affirm", "deny", "skip", None)


def _innermost(store: TrackerStore) -> TrackerStore:
    return store._tracker_store if isinstance(store, FailSafeTrackerStore) else store


def _refuse_answered(tracker: DialogueStateTracker, metadata: dict[str, Any]) -> None:
    """Raise AnsweredBefore if the latest message in the tracker is of the same turn."""
    replies: list[BotUttered] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            replies.insert(0, event)
        if isinstance(event, UserUttered):
            if "turn_id" in metadata and event.metadata.get("turn_id") == metadata["turn_id"]:
                raise AnsweredBefore(event, replies)
            return


def _reading_again(said: UserUttered, model: str) -> dict[str, Any]:
    parse = said.parse_data
    first = next(iter(parse.get("intent_ranking", [])), parse["intent"])
    return _reading({**parse, "intent": first}, model) | {"taken_as": parse["intent"]["name"]}


def _reading(parse: dict[str, Any], model: str) -> dict[str, Any]:
    ranking = [{"name": guess["name"], "confidence": guess["confidence"]} for guess in parse.get("intent_ranking", [])]
    return {
        "intent": parse["intent"]["name"] or "",
        "confidence": parse["intent"]["confidence"],
        "ranking": ranking[:5],
        "entities": [{key: entity[key] for key in ("entity", "value", "start", "end")} for entity in parse["entities"]],
        "model": model,
        "taken_as": "",
    }
