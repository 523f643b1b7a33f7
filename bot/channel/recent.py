"""The trackers that were saved last by this server, so that the next turn need not read and replay a conversation.

A turn takes its tracker out and the save puts it back: one whose turn failed half way is never used again. Whether
somebody else has saved meanwhile is for the store to say, by the number of the newest event it has.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

MOST = 200
"""Trackers; one takes some 100 kB."""
IDLE_SECONDS = 600.0
"""Whoever was silent so long is read again: words that were erased meanwhile do not stay in memory."""


@dataclass(frozen=True, slots=True)
class Kept:
    tracker: DialogueStateTracker
    domain: Domain
    """Another model's trackers have other slots."""
    newest: int
    """Number of the newest event that was stored."""
    at: float


class Recent:
    """At most MOST trackers, by sender."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def put(self, tracker: DialogueStateTracker, domain: Domain, newest: int) -> None:
        self._kept.pop(tracker.sender_id, None)
        self._kept[tracker.sender_id] = Kept(tracker, domain, newest, self._clock())
        self._forget()

    def take(self, sender_id: str, domain: Domain, newest: int | None) -> DialogueStateTracker | None:
        """Return the sender's tracker, and keep it no longer; None unless `newest` is still the newest event."""
        self._forget()
        kept = self._kept.pop(sender_id, None)
        return kept.tracker if kept and kept.domain is domain and kept.newest == newest else None

    def _forget(self) -> None:
        long_ago = self._clock() - IDLE_SECONDS
        while self._kept and (len(self._kept) > MOST or next(iter(self._kept.values())).at < long_ago):
            self._kept.popitem(last=False)
