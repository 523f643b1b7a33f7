"""What changes over the days: the worker counts each reading once, by day; the analysts' page shows the counts."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from math import inf
from typing import Any

from bot.domain.drift import DayCount, Stretch, Uncounted, WordCount, figures
from bot.domain.errors import NotAllowed
from bot.domain.label import FALLBACK, UNSURE
from bot.domain.shop import Shop
from bot.language.variety import VARIETIES, variety_of
from bot.language.vocabulary import new_words
from bot.services.ports import Clock, Store

BATCH = 500
"""Readings counted in one transaction: it holds SQLite's one lock for writers some ten milliseconds."""
SHORTEST, LONGEST = 14, 366
"""Days that are shown: two weeks at least, as they are compared."""
MOST_WORDS = 40
LOOKED_AT = 400
"""New words that are looked at for those that are not known meanwhile."""

Vocabulary = Callable[[], frozenset[str]]
"""Returns every form of every word of the training data as it is now."""


class Drift:
    def __init__(self, store: Store, clock: Clock, shop: Shop, vocabulary: Vocabulary) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._vocabulary = vocabulary

    def catch_up(self, within: float = inf) -> int:
        """Count what is in no count yet, for at most so many seconds; return how many readings that were."""
        begun, counted = time.monotonic(), 0
        while time.monotonic() - begun < within:
            with self._store.read() as work:
                read = work.drift.uncounted(BATCH)
            if not read:
                break
            counted += self._count(read)
        return counted

    def of(self, days: int = 30, model: str = "", variety: str = "") -> dict[str, Any]:
        """Return the figures of the last days, today included; an empty model or variety asks for all."""
        if not SHORTEST <= days <= LONGEST or variety not in ("", *VARIETIES):
            raise NotAllowed(f"{days} days of {variety or 'all'} cannot be shown", "drift_unreadable")
        last = self._day(self._clock())
        wanted = Stretch(last - timedelta(days=days - 1), last, model, variety)
        since, until = self._begins(wanted.first), self._begins(last + timedelta(days=1))
        with self._store.read() as work:
            rows, cases = work.drift.days(wanted), work.drift.cases(wanted, since, until)
            words, models, waiting = work.drift.words(wanted, LOOKED_AT), work.drift.models(wanted), work.drift.waiting()
        known = self._vocabulary()
        shown = [asdict(one) for one in words if new_words(one.word, known)][:MOST_WORDS]
        told = figures(wanted, rows, [(self._day(case.at), case) for case in cases])
        return told | {"models": models, "waiting": waiting, "words": shown}

    def _count(self, read: list[Uncounted]) -> int:
        """Count a batch; what somebody else has counted meanwhile is left out."""
        known = self._vocabulary()
        looked_at = [(one, *_looked_at(one, known)) for one in read]
        with self._store.write() as work:
            open_ids = work.drift.still_uncounted([one.message_id for one in read])
            mine = [(one, variety, new) for one, variety, new in looked_at if one.message_id in open_ids]
            typed = [(one, variety, new) for one, variety, new in mine if one.typed]
            work.drift.count(self._days_of(typed), self._words_of(typed))
            work.drift.mark([(one, variety) for one, variety, _ in mine])
            work.commit()
        return len(mine)

    def _days_of(self, read: list[tuple[Uncounted, str, list[str]]]) -> list[DayCount]:
        counts: Counter[tuple[date, str, str, str]] = Counter()
        unsure, new = counts.copy(), counts.copy()
        for one, variety, words in read:
            key = (self._day(one.at), one.model, one.intent, variety)
            counts[key] += 1
            unsure[key] += one.intent != FALLBACK and one.confidence < UNSURE
            new[key] += bool(words)
        return [DayCount(*key, count, unsure[key], new[key]) for key, count in counts.items()]

    def _words_of(self, read: list[tuple[Uncounted, str, list[str]]]) -> list[WordCount]:
        counts = Counter(
            (self._day(one.at), word, one.utterance_id, variety)
            for one, variety, words in read
            if one.utterance_id is not None
            for word in words
        )
        return [WordCount(*key, count) for key, count in counts.items()]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._shop.zone).date()

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time_of_day(), self._shop.zone)


def _looked_at(one: Uncounted, known: frozenset[str]) -> tuple[str, list[str]]:
    """Return the variety and the new words of a reading; a tapped button has neither."""
    return (variety_of(one.text), new_words(one.text, known)) if one.typed else ("", [])
