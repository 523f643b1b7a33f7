"""What a shopper asks for beside a complaint. Each request gets a short reference, and a repeated turn makes none twice."""

from typing import Any

from bot.domain.errors import NotAllowed
from bot.domain.handoff import Outcome, Reason
from bot.domain.request import Request, RequestKind, shown_reference
from bot.domain.turn import TurnRef
from bot.services.drafts import require_claim
from bot.services.ports import Clock, Store, Work
from bot.services.queue import enter, leave
from bot.services.references import unused

MOST_STARS = 5
LOW_STARS = 2


class Requests:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def callback(self, conversation_id: str, phone: str, best_time: str | None, claim: TurnRef | None) -> str:
        """Ask that somebody telephones; return the reference, e.g. `CB-4821-7730`."""
        return self._make(RequestKind.CALLBACK, conversation_id, claim, phone=phone, best_time=best_time)

    def seller_question(
        self, conversation_id: str, seller: str | None, order_number: str | None, question: str, claim: TurnRef | None
    ) -> str:
        """Pass a question on to a seller; return the reference."""
        asked = {"seller": seller, "order_number": order_number, "question": question}
        return self._make(RequestKind.SELLER_QUESTION, conversation_id, claim, **asked)

    def security_report(
        self, conversation_id: str, what: str, when: str | None, contact: str | None, claim: TurnRef | None
    ) -> str:
        """Report fraud or a stolen account; return the reference."""
        return self._make(RequestKind.SECURITY_REPORT, conversation_id, claim, what=what, when=when, contact=contact)

    def rate(self, conversation_id: str, stars: int, word: str | None, claim: TurnRef | None) -> str:
        """Keep a rating of one to five stars; return the reference. Raise NotAllowed (`rating_unknown`) for another."""
        if not 1 <= stars <= MOST_STARS:
            raise NotAllowed(f"a rating has 1 to {MOST_STARS} stars, not {stars}", "rating_unknown")
        return self._make(RequestKind.RATING, conversation_id, claim, stars=stars, word=word)

    def praise(self, conversation_id: str, text: str, claim: TurnRef | None) -> str:
        return self._make(RequestKind.PRAISE, conversation_id, claim, text=text)

    def human(self, conversation_id: str, reason: Reason, claim: TurnRef | None) -> str:
        """Ask for a person; return the reference of the place in the queue."""
        return self._make(RequestKind.HUMAN, conversation_id, claim, reason=str(reason))

    def newest(self, limit: int) -> list[Request]:
        with self._store.read() as work:
            return work.requests.newest(limit)

    def _make(self, kind: RequestKind, conversation_id: str, claim: TurnRef | None, **data: Any) -> str:
        with self._store.write() as work:
            require_claim(work, claim)
            made = work.requests.by_turn(claim.turn_id, kind) if claim else None
            if made is None:
                made = self._new(work, kind, conversation_id, claim, data)
                work.requests.add(made)
                self._follow(work, made)
                work.outbox.add("request.made", {"reference": made.reference, "kind": str(kind)}, made.created_at)
                work.commit()
        return made.reference

    def _follow(self, work: Work, made: Request) -> None:
        """Do what a request brings with it: a place in the queue, or its end; a look at what a low rating is about."""
        if made.kind is RequestKind.HUMAN:
            enter(work, made.conversation_id, Reason(made.data["reason"]), made.created_at)
        elif made.kind is RequestKind.CALLBACK:
            leave(work, made.conversation_id, Outcome.CALLBACK, made.created_at)
        elif made.kind is RequestKind.RATING and made.data["stars"] <= LOW_STARS:
            for utterance in work.labels.of_conversation(made.conversation_id):
                utterance.rated_badly()

    def _new(
        self, work: Work, kind: RequestKind, conversation_id: str, claim: TurnRef | None, data: dict[str, Any]
    ) -> Request:
        def show(digits: str) -> str:
            return shown_reference(kind, digits)

        reference = unused(show, 7, lambda one: work.requests.by_reference(one) is not None)
        turn_id = claim.turn_id if claim else None
        return Request(reference, conversation_id, kind, self._clock(), data, turn_id)
