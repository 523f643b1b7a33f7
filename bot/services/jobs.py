"""What the engine is asked in a turn, in the transaction that claims it."""

from datetime import datetime

from bot.domain.conversation import Conversation, Holder, Message
from bot.domain.turn import Job, Turn, TurnRef
from bot.services.ports import Work


def owe(work: Work, conversation: Conversation, message: Message, now: datetime, *, claims: bool) -> Job | None:
    """Keep that a message is owed an answer; where `claims`, and nothing older is owed, return its turn claimed."""
    if not claims or work.turns.first_open(conversation.id) is not None:
        work.turns.add(Turn(conversation.id, message.seq, now))
        return None
    turn = Turn.claimed(conversation.id, message.seq, now)
    work.turns.add(turn)
    assert turn.id is not None
    return job_of(work, conversation, message, TurnRef(turn.id, turn.epoch))


def job_of(work: Work, conversation: Conversation, message: Message, claim: TurnRef) -> Job:
    """Return what the engine is asked about a message, with the open draft as it stands."""
    draft = work.drafts.open_of(conversation.id)
    form = None if draft is None else {
        "draft_id": draft.id,
        "values": {slot: entry.value for slot, entry in draft.slots.items() if entry.value is not None},
        "skipped": sorted(slot for slot, entry in draft.slots.items() if entry.skipped),
        "asked": draft.asked,
    }  # fmt: skip
    silent = conversation.holder is not Holder.BOT
    return Job(claim, conversation.id, conversation.sender_key, message.text, message.payload, form, silent)
