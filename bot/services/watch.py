"""Looks at the clocks of complaints: what has run out is written down, told to whoever listens, and put into the queue."""

from bot.domain.handoff import Reason
from bot.domain.shop import Shop
from bot.domain.sla import strike, wind
from bot.services.ports import Clock, Store
from bot.services.queue import enter
from bot.services.severity import weigh

AT_ONCE = 500


class Watch:
    def __init__(self, store: Store, clock: Clock, shop: Shop) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop

    def mark_due(self) -> int:
        """Mark the clocks that have run out since the last look; return how many complaints were looked at."""
        with self._store.read() as work:
            numbers = work.complaints.to_mark(self._clock(), AT_ONCE)
        for number in numbers:
            self._mark(number)
        return len(numbers)

    def _mark(self, number: str) -> None:
        now = self._clock()
        with self._store.write() as work:
            complaint = work.complaints.locked(number)
            if complaint is None:
                return
            wind(complaint, now, self._shop)
            struck = strike(complaint, now)
            complaint.severity = weigh(complaint, now, self._shop)
            for clock in struck:
                event = {"number": number, "clock": clock, "severity": str(complaint.severity)}
                work.outbox.add("complaint.breached", event, now)
            if struck:
                enter(work, complaint.conversation_id, Reason.OVERDUE, now)
            work.commit()
