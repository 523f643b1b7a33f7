"""The supervisors' figures for a stretch of days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.errors import NotAllowed
from bot.domain.figures import figures
from bot.domain.shop import Shop
from bot.services.ports import Clock, Store

LONGEST = 366
"""Days."""


class Dashboard:
    def __init__(self, store: Store, clock: Clock, shop: Shop) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop

    def of(self, first: date | None, last: date | None) -> dict[str, Any]:
        """Return the figures of the days from `first` to `last`, both included, in the shop's time; else the last 30."""
        last = last or self._clock().astimezone(self._shop.zone).date()
        first = first or last - timedelta(days=29)
        if not 0 <= (last - first).days < LONGEST:
            raise NotAllowed(f"from {first} to {last} is no stretch of 1 to {LONGEST} days", "days_unreadable")
        since = datetime.combine(first, time(), self._shop.zone)
        until = datetime.combine(last + timedelta(days=1), time(), self._shop.zone)
        with self._store.read() as work:
            kept = work.figures
            counted = figures(
                kept.complaints(since, until), kept.talks(since, until), kept.stars(since, until),
                kept.agents(since, until), first, last, self._shop.zone,
            )  # fmt: skip
        return {"first": first.isoformat(), "last": last.isoformat()} | counted
