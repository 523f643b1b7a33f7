"""What the shop does with a filed complaint: its statuses and its levels, each change with a reason."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.complaint import Complaint, Level, Status
from bot.domain.errors import ComplaintUnknown
from bot.domain.shop import Shop
from bot.services.life import keep, raise_to
from bot.services.ports import Clock, Store
from bot.services.references import canonical


class Desk:
    def __init__(self, store: Store, clock: Clock, shop: Shop) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop

    def move(self, number: str, status: Status, actor: str, reason: str | None) -> Complaint:
        """Take a complaint to another status; raise NotAllowed, with what is the matter, where no step leads there."""

        def move(complaint: Complaint, at: datetime) -> None:
            complaint.move(status, at, actor, reason)
            if status is Status.REOPENED:
                complaint.promise(self._shop.due_at(at, complaint.kind))

        return self._change(number, move)

    def raise_level(self, number: str, level: Level, actor: str, reason: str | None) -> Complaint:
        """Take a complaint to a higher level, which promises an answer anew."""
        return self._change(number, lambda complaint, at: raise_to(complaint, level, at, actor, self._shop, reason=reason))

    def _change(self, number: str, change: Callable[[Complaint, datetime], None]) -> Complaint:
        with self._store.write() as work:
            complaint = work.complaints.locked(canonical(number))
            if complaint is None:
                raise ComplaintUnknown(f"no complaint has the number {number}")
            now = self._clock()
            change(complaint, now)
            keep(work, complaint, now, self._shop)
        return complaint
