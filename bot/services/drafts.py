"""The draft of a complaint: every validated slot, kept outside Rasa from the moment it is given."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot import failpoints
from bot.domain.draft import Draft, DraftState
from bot.domain.errors import NotFound, StaleTurn
from bot.domain.turn import TurnRef
from bot.services.ports import Clock, Store, Work


@dataclass(frozen=True, slots=True)
class Given:
    """A validated value and the words it was given in."""

    slot: str
    value: str
    typed: str | None = None


class Drafts:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open(self, conversation_id: str, claim: TurnRef | None) -> Draft:
        """Return the conversation's open draft, beginning one if there is none."""
        with self._store.write() as work:
            work.conversations.locked(conversation_id)
            require_claim(work, claim)
            draft = open_draft(work, conversation_id, self._clock())
            work.commit()
        return draft

    def read(self, draft_id: str, claim: TurnRef | None = None) -> Draft:
        """Return a draft; raise NotFound, or StaleTurn where it is gone because the turn's shopper was erased."""
        with self._store.read() as work:
            draft = work.drafts.get(draft_id)
            if draft is None:
                require_claim(work, claim)
            return _found(draft, draft_id)

    def current(self, conversation_id: str) -> Draft | None:
        """Return the draft that is being filled, None if there is none."""
        with self._store.read() as work:
            return work.drafts.open_of(conversation_id)

    def record(
        self, draft_id: str, given: list[Given], skipped: list[str], refused: dict[str, int], claim: TurnRef | None
    ) -> Draft:
        """Keep what one message brought; a refused slot keeps its old value and counts so many more refusals."""
        with self._store.write() as work:
            require_claim(work, claim)
            draft = _found(work.drafts.get(draft_id), draft_id)
            for value in given:
                draft.put(value.slot, value.value, value.typed)
            for slot in skipped:
                draft.skip(slot)
            for slot, times in refused.items():
                draft.refuse(slot, times)
            work.commit()
        failpoints.here("slots.after_commit")
        return draft

    def pause(self, conversation_id: str, claim: TurnRef | None) -> Draft | None:
        """Put the open draft aside for later and return it; one put aside before it is given up.

        Where nothing is open, what is put aside already is returned: a repeated turn changes nothing.
        """
        with self._store.write() as work:
            work.conversations.locked(conversation_id)
            require_claim(work, claim)
            aside = work.drafts.paused_of(conversation_id)
            draft = put_aside(work, conversation_id)
            if draft is None:
                return aside[0] if aside else None
            work.commit()
        return draft

    def pause_if_worth_it(self, conversation_id: str, claim: TurnRef | None) -> bool:
        """Put the open draft aside if anything was given in it, else give it up; return whether one is put aside now."""
        draft = self.current(conversation_id)
        if draft is not None and not any(entry.value for entry in draft.slots.values()):
            self.abandon(conversation_id, claim)
            return False
        return self.pause(conversation_id, claim) is not None

    def paused(self, conversation_id: str) -> Draft | None:
        """Return the draft that was put aside, None if there is none."""
        with self._store.read() as work:
            return next(iter(work.drafts.paused_of(conversation_id)), None)

    def resume(self, conversation_id: str, claim: TurnRef | None) -> Draft:
        """Open the draft that was put aside again; where one is open already, that one is returned.

        Raise NotFound where there is neither.
        """
        with self._store.write() as work:
            work.conversations.locked(conversation_id)
            require_claim(work, claim)
            draft = work.drafts.open_of(conversation_id)
            if draft is not None:
                return draft
            draft = next(iter(work.drafts.paused_of(conversation_id)), None)
            if draft is None:
                raise NotFound(f"no draft is paused in conversation {conversation_id}")
            draft.resume()
            work.commit()
        return draft

    def abandon(self, conversation_id: str, claim: TurnRef | None) -> bool:
        """Close the open draft and the one put aside without filing them; return whether there was any."""
        with self._store.write() as work:
            require_claim(work, claim)
            draft = work.drafts.open_of(conversation_id)
            dropped = [*([draft] if draft else []), *work.drafts.paused_of(conversation_id)]
            for one in dropped:
                one.close(DraftState.ABANDONED)
            work.commit()
        return bool(dropped)


def open_draft(work: Work, conversation_id: str, now: datetime) -> Draft:
    """Return the conversation's open draft, beginning one if there is none. Part of the caller's transaction."""
    draft = work.drafts.open_of(conversation_id)
    if draft is None:
        draft = Draft(secrets.token_hex(16), conversation_id, now)
        work.drafts.add(draft)
    return draft


def put_aside(work: Work, conversation_id: str) -> Draft | None:
    """Put the open draft aside and give up one that was so before; return it, None where nothing is open.

    Part of the caller's transaction.
    """
    draft = work.drafts.open_of(conversation_id)
    if draft is not None:
        for older in work.drafts.paused_of(conversation_id):
            older.close(DraftState.ABANDONED)
        draft.pause()
    return draft


def require_claim(work: Work, claim: TurnRef | None) -> None:
    """Raise StaleTurn where a turn is being run that another claim has overtaken, or whose shopper was erased meanwhile.

    No claim is given where no turn of ours is behind a call: in `rasa shell`.
    """
    if claim is None:
        return
    turn = work.turns.get(claim.turn_id)
    if turn is None:
        raise StaleTurn(f"turn {claim.turn_id} is gone")
    turn.require(claim)


def _found(draft: Draft | None, draft_id: str) -> Draft:
    if draft is None:
        raise NotFound(f"no draft {draft_id}")
    return draft
