"""Filing a complaint, exactly once, and reading it back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bot import failpoints
from bot.domain.complaint import Complaint, Kind, Remedy, Severity, shown_number
from bot.domain.draft import Draft, DraftState
from bot.domain.errors import ComplaintUnknown, NotAllowed, NotFound
from bot.domain.shop import Shop
from bot.domain.sla import wind
from bot.domain.turn import TurnRef
from bot.services.drafts import require_claim
from bot.services.evidence import give
from bot.services.ports import Clock, Store, Work
from bot.services.references import canonical, unused
from bot.services.severity import weigh


class Complaints:
    def __init__(
        self, store: Store, clock: Clock, shop: Shop, hazardous: Callable[[str], bool] = lambda text: False
    ) -> None:
        """`hazardous` says whether a description tells of danger to somebody's health."""
        self._store = store
        self._clock = clock
        self._shop = shop
        self._hazardous = hazardous

    def file(self, draft_id: str, claim: TurnRef | None, *, angry: bool = False) -> Complaint:
        """Turn a draft into a complaint, once: a draft already filed returns the complaint it became.

        It weighs more where the shopper is `angry`. Complaint, timeline, outbox row and the closing of the draft are one
        transaction; the unique key on the draft holds where two of them meet.
        """
        with self._store.write() as work:
            require_claim(work, claim)
            draft = work.drafts.get(draft_id)
            if draft is None:
                raise NotFound(f"no draft {draft_id}")
            filed = work.complaints.by_draft(draft_id)
            if filed is not None:
                return filed
            complaint = self._complaint(work, draft, angry)
            failpoints.here("filing.before_insert")
            work.complaints.add(complaint)
            if given := give(work, draft.conversation_id, complaint):
                complaint.add_files(complaint.created_at, "shopper", given)
            wind(complaint, complaint.created_at, self._shop)
            draft.close(DraftState.FILED)
            work.outbox.add("complaint.filed", {"number": complaint.number}, complaint.created_at)
            failpoints.here("filing.before_commit")
            work.commit()
        failpoints.here("filing.after_commit")
        return complaint

    def show(self, number: str) -> Complaint:
        """Return a complaint by its number however it was typed; only for those who may see every complaint."""
        with self._store.read() as work:
            complaint = work.complaints.by_number(canonical(number))
        if complaint is None:
            raise ComplaintUnknown(f"no complaint has the number {number}")
        return complaint

    def newest(self, limit: int) -> list[Complaint]:
        with self._store.read() as work:
            return work.complaints.newest(limit)

    def of_conversation(self, conversation_id: str) -> list[Complaint]:
        """Return what was filed in this conversation, oldest first: what its shopper may ask about."""
        with self._store.read() as work:
            return work.complaints.of(conversation_id)

    def _complaint(self, work: Work, draft: Draft, angry: bool) -> Complaint:
        kind, description = draft.value("complaint_kind"), draft.value("description")
        if kind is None or description is None:
            raise NotAllowed(f"draft {draft.id} has no kind or no description yet")
        now = self._clock()
        complaint = Complaint(
            number=unused(shown_number, 13, lambda number: work.complaints.by_number(number) is not None),
            draft_id=draft.id,
            conversation_id=draft.conversation_id,
            kind=Kind(kind),
            description=description,
            created_at=now,
            due_at=self._shop.due_at(now, Kind(kind)),
            severity=Severity.LOW,
            **_optional(draft),
        )
        skipped = sorted(s.slot for s in draft.slots.values() if s.skipped)
        told = {"angry": angry, "hazard": self._hazardous(description)}
        complaint.note(now, "shopper", "filed", skipped=skipped, **{name: True for name in told if told[name]})
        complaint.severity = weigh(complaint, now, self._shop)
        return complaint


def _optional(draft: Draft) -> dict[str, Any]:
    bought, remedy = draft.value("purchase_date"), draft.value("remedy")
    same = {slot: draft.value(slot) for slot in ("order_number", "product", "seller", "amount", "contact")}
    return same | {
        "purchase_date": date.fromisoformat(bought) if bought else None,
        "purchase_date_typed": draft.slots["purchase_date"].typed if bought else None,
        "remedy": Remedy(remedy) if remedy else None,
        "expected": draft.wish,
    }
