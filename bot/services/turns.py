"""The bot's turns: claim one, ask the engine, keep its answer, or put the turn back."""

import asyncio
import re
import secrets
from typing import Any

import structlog

from bot import failpoints
from bot.domain.conversation import Button, Choice, Conversation, Holder, Message, Reading, Reply, Sender
from bot.domain.draft import FORM_ASKS, Draft
from bot.domain.errors import EngineDown, EngineFailed, StaleTurn
from bot.domain.handoff import Reason
from bot.domain.label import FALLBACK
from bot.domain.turn import Answer, Job, Turn, TurnState
from bot.services.evidence import FILES_PAYLOAD, give
from bot.services.inbox import note, suggest
from bot.services.jobs import job_of
from bot.services.meter import Meter
from bot.services.notices import tell
from bot.services.ports import Clock, Engine, Listeners, Store, Work
from bot.services.queue import enter
from bot.services.words import Words

log = structlog.get_logger()

CHOSEN = re.compile(r'/(?P<intent>[a-z_]+)(?:\{"topic": "(?P<topic>[a-z_]+)"\})?')
"""A choice of "did you mean": an intent, or a topic of the help centre."""


class Turns:
    def __init__(
        self, store: Store, clock: Clock, engine: Engine, listeners: Listeners, words: Words, meter: Meter | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine
        self._listeners = listeners
        self._words = words
        self._meter = meter or Meter()

    async def run(self, conversation_id: str, job: Job | None = None) -> None:
        """Answer what is pending in one conversation, in order, until nothing is left to claim now.

        `job` is the first of it, where that has been claimed already.
        """
        more = True
        while more and (job := job or await asyncio.to_thread(self.claim, conversation_id)):
            self._listeners.typing(conversation_id, True)
            try:
                more = await self._take(job)
            finally:
                self._listeners.typing(conversation_id, False)
                self._listeners.wake(conversation_id)
            job = None

    async def _take(self, job: Job) -> bool:
        """Take one turn; return whether there may be another to claim."""
        with structlog.contextvars.bound_contextvars(conversation_id=job.conversation_id, turn_id=job.claim.turn_id):
            try:
                return await self._answer(job)
            except StaleTurn as error:  # also where the engine had failed: there is nothing to put back
                self._meter.turns.add("dropped")
                log.info("turn.result.dropped", reason=str(error))
                return True

    async def _answer(self, job: Job) -> bool:
        more = True
        try:
            if job.silent:
                reading = None if job.payload else await self._engine.parse(job.text)
                await asyncio.to_thread(self.finish_in_silence, job, reading)
            else:
                failpoints.here("turn.before_engine")
                answer = await self._engine.answer(job)
                more = await asyncio.to_thread(self.finish, job, answer)
                failpoints.here("turn.after_commit")
                log.info("turn.answered", replies=len(answer.replies), intent=answer.reading.intent)
        except StaleTurn:
            raise
        except (EngineDown, EngineFailed) as error:
            log.warning("turn.engine.failed", code=error.code, reason=str(error))
            await asyncio.to_thread(self.put_back, job, reached=isinstance(error, EngineFailed))
        except Exception as error:
            log.error("turn.broken", cause=type(error).__name__, exc_info=error)
            await asyncio.to_thread(self.put_back, job, reached=True)
        return more

    def waiting(self) -> list[str]:
        """Return the conversations with a turn to claim: new ones, and those whose runner died or paused."""
        with self._store.read() as work:
            return work.turns.waiting(self._clock())

    def claim(self, conversation_id: str) -> Job | None:
        """Take the oldest unsettled turn if nobody runs it; one runs per conversation at any time."""
        now = self._clock()
        with self._store.write() as work:
            conversation = work.conversations.locked(conversation_id)
            turn = work.turns.first_open(conversation_id)
            if conversation is None or turn is None or not turn.claimable(now):
                return None
            message = work.messages.at(conversation.id, turn.message_seq)
            job = job_of(work, conversation, message, turn.claim(now))
            work.commit()
        return job

    def finish(self, job: Job, answer: Answer) -> bool:
        """Keep the reading and the replies, unless a later claim has overtaken this one: an agent's too.

        Return whether another turn waits.
        """
        with self._store.write() as work:
            conversation, turn = self._held(work, job)
            if conversation.holder is not Holder.BOT:
                raise StaleTurn(f"turn {turn.id}: an agent holds the conversation")
            self._keep_reading(work, turn, answer.reading)
            self._say(work, conversation, turn, answer.replies)
            if answer.reading.intent == "express_anger":
                enter(work, conversation.id, Reason.ANGRY, self._clock())
            turn.finish()
            conversation.told_kept = False
            more = work.turns.first_open(conversation.id) is not None
            failpoints.here("turn.before_commit")
            work.commit()
        self._meter.turns.add("answered")
        self._meter.turn_seconds.add((self._clock() - turn.created_at).total_seconds())
        self._meter.read(answer.reading)
        return more

    def finish_in_silence(self, job: Job, reading: Reading | None) -> None:
        """Keep how a message was read that a person answers; a tapped button was not read."""
        with self._store.write() as work:
            _, turn = self._held(work, job)
            if reading is not None:
                self._keep_reading(work, turn, reading)
            if job.payload == FILES_PAYLOAD:
                self._give_files(work, job)
            turn.suppress()
            work.commit()
        self._meter.turns.add("read")
        if reading is not None:
            self._meter.read(reading)

    def _learn_from_choice(self, work: Work, chosen: Message) -> None:
        """A button tapped right after what was not understood says what was meant."""
        label = CHOSEN.fullmatch(chosen.payload or "")
        before = work.messages.last_reading_before(chosen.conversation_id, chosen.seq) if label else None
        if label and before and before[1] == FALLBACK:
            suggest(work, before[0], f"faq/{label['topic']}" if label["topic"] else label["intent"])

    def _give_files(self, work: Work, job: Job) -> None:
        """Give what the shopper shows a person to the newest open complaint; without one, the next one filed gets it."""
        complaint = next((one for one in reversed(work.complaints.of(job.conversation_id)) if one.is_open), None)
        if complaint is None:
            return
        if given := give(work, job.conversation_id, complaint):
            complaint.add_files(self._clock(), "shopper", given)

    def _keep_reading(self, work: Work, turn: Turn, reading: Reading) -> None:
        message = work.messages.at(turn.conversation_id, turn.message_seq)
        assert message.id is not None
        work.messages.keep_reading(message.id, reading)
        note(work, message, reading)
        if message.payload is not None:
            self._learn_from_choice(work, message)

    def put_back(self, job: Job, *, reached: bool) -> None:
        """Leave the turn for another try and tell the shopper, once an outage, that the message is kept.

        Where an agent holds the conversation, the shopper waits for the agent and is told nothing.
        """
        with self._store.write() as work:
            conversation, turn = self._held(work, job)
            turn.put_back(self._clock(), reached=reached)
            failed = turn.state is TurnState.FAILED
            if conversation.holder is Holder.BOT and (failed or not conversation.told_kept):
                tell(work, conversation, self._words, "failed" if failed else "kept", self._clock())
                conversation.told_kept = not failed
            work.commit()
        self._meter.turns.add("failed" if failed else "retried")

    def _held(self, work: Work, job: Job) -> tuple[Conversation, Turn]:
        conversation = work.conversations.locked(job.conversation_id)
        turn = work.turns.get(job.claim.turn_id)
        if conversation is None or turn is None:
            raise StaleTurn(f"turn {job.claim.turn_id} is gone")
        turn.require(job.claim)
        return conversation, turn

    def _say(self, work: Work, conversation: Conversation, turn: Turn, replies: list[Reply]) -> None:
        draft = work.drafts.open_of(conversation.id)
        for part, reply in enumerate(replies):
            message = Message(
                conversation.id, conversation.next_seq(), Sender.BOT, reply.text, self._clock(), turn_id=turn.id, part=part
            )
            lines = self._asked(draft, reply.custom)
            offered = [_offer(message, button) for button in (*reply.buttons, *(_edits(line) for line in lines))]
            own, edits = offered[: len(reply.buttons)], offered[len(reply.buttons) :]
            message.buttons = [{"id": choice.id, "title": choice.title} for choice in own]
            summary = [line | {"edit": choice.id} for line, choice in zip(lines, edits, strict=True)]
            message.custom = reply.custom | ({"summary": summary} if summary else {})
            work.messages.add(message)
            work.messages.offer(offered)

    def _asked(self, draft: Draft | None, custom: dict[str, Any]) -> list[dict[str, str]]:
        """Note in the draft what is asked; return the lines of the summary where that is whether it is right."""
        if draft is None or custom.get("asks") not in FORM_ASKS:
            return []
        draft.asked = custom["asks"]
        return self._words.summary(draft) if draft.asked == "confirmed" else []


def _offer(message: Message, button: Button) -> Choice:
    return Choice(secrets.token_urlsafe(12), message.conversation_id, message.seq, button.title, button.payload)


def _edits(line: dict[str, str]) -> Button:
    return Button(line["label"], EDIT[line["slot"]])


EDIT = {
    slot: f'/correct_details{{"field": "{slot}"}}'
    for slot in (
        "complaint_kind", "order_number", "purchase_date", "product", "description", "remedy", "contact", "seller", "amount",
    )
}  # fmt: skip
"""What tapping a line of the summary means to Rasa."""
