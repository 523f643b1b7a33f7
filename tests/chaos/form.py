"""Answers as Rasa with our actions does: over the same services, with a tracker that is saved at the end of a turn.

A shopper writes `slot=value`, YES, or anything else.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import failpoints
from bot.domain.conversation import DecidingWord, Reading, Reply
from bot.domain.draft import Draft, DraftState
from bot.domain.turn import Answer, Job
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.takeover import ASK_FOR_RATING, GO_ON
from tests.builders import a_reading, a_reply, an_answer
from tests.system.auditor import success_words

ASKED = {
    "order_number": "",
    "complaint_kind": "damaged_item",
    "description": "وصلت الغسالة مكسورة",
    "contact": "m@example.com",
}
"""Slot → what a shopper says; an order number is each complaint's own."""
YES = "نعم"
CHAT = "هل من أحد؟"
FILED = success_words()[0]


@dataclass(frozen=True)
class Tracker:
    turn_id: int = 0
    draft_id: str | None = None
    replies: tuple[Reply, ...] = ()


class Form:
    def __init__(self, drafts: Drafts, complaints: Complaints) -> None:
        self._drafts, self._complaints = drafts, complaints
        self._trackers: dict[str, Tracker] = defaultdict(Tracker)
        self.broken: Callable[[], Exception | None] = lambda: None

    async def answer(self, job: Job) -> Answer:
        return self.take(job)

    async def parse(self, text: str) -> Reading:
        self._fail()
        return a_reading()

    async def why(self, text: str) -> list[DecidingWord]:
        raise NotImplementedError

    @property
    def senders(self) -> set[str]:
        return set(self._trackers)

    def forget(self, senders: list[str]) -> None:
        for sender in senders:
            self._trackers.pop(sender, None)

    def take(self, job: Job) -> Answer:
        """Take the turn; one that was taken and saved before is answered as it was then."""
        self._fail()
        before = self._trackers[job.sender_key]
        if before.turn_id != job.claim.turn_id:
            after = self._run(job, before)
            failpoints.here("tracker.before_save")
            self._trackers[job.sender_key] = after
        failpoints.here("tracker.after_save")
        replies = self._trackers[job.sender_key].replies
        return an_answer(*(replace(reply, custom=reply.custom | {"epoch": job.claim.epoch}) for reply in replies))

    def _fail(self) -> None:
        if error := self.broken():
            raise error

    def _run(self, job: Job, tracker: Tracker) -> Tracker:
        slot, _, value = job.text.partition("=")
        if job.payload == ASK_FOR_RATING or not (job.payload == GO_ON or slot in ASKED or slot == YES):
            return Tracker(job.claim.turn_id, tracker.draft_id, (a_reply("تفضل"),))
        draft = self._draft(job, tracker)
        if draft.state is DraftState.OPEN and slot in ASKED:
            draft = self._drafts.record(draft.id, [Given(slot, value, value)], [], {}, job.claim)
        missing = next((name for name in ASKED if draft.value(name) is None), "confirmed")
        if draft.state is DraftState.FILED or (missing == "confirmed" and slot == YES):
            return self._file(job, draft)
        return Tracker(job.claim.turn_id, draft.id, (a_reply("؟", asks=missing),))

    def _draft(self, job: Job, tracker: Tracker) -> Draft:
        draft_id = job.form["draft_id"] if job.form else tracker.draft_id
        draft = self._drafts.read(draft_id, job.claim) if draft_id else None
        if draft is None or draft.state in (DraftState.ABANDONED, DraftState.PAUSED):
            return self._drafts.open(job.conversation_id, job.claim)
        return draft

    def _file(self, job: Job, draft: Draft) -> Tracker:
        number = self._complaints.file(draft.id, job.claim).number
        said = (a_reply("شكرا لك"), a_reply(f"{FILED} {number}", complaint_number=number))
        return Tracker(job.claim.turn_id, None, said)
