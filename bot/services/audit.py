"""Who saw which shopper's words: a line a look, whichever page or list showed them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain.audit import ONE_LOOK, Action, AuditLine
from bot.domain.user import User
from bot.services.ports import Clock, Store, Work

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    lines: list[AuditLine]
    before: int | None
    """What to ask the next page with; None where this is the last."""


class Audit:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def saw(self, user: User, action: Action, conversations: Iterable[str], **details: Any) -> None:
        """Keep that a user was shown conversations; the same way of looking counts once in ONE_LOOK."""
        assert user.id is not None
        shown = list(dict.fromkeys(conversations))
        since = self._clock() - ONE_LOOK
        if not shown:
            return
        with self._store.read() as work:
            if work.audit.seen(user.id, action, shown, since) == set(shown):
                return
        with self._store.write() as work:
            work.audit.hold(user.id)  # a page asks for several things at once
            seen = work.audit.seen(user.id, action, shown, since)
            for conversation_id in shown:
                if conversation_id not in seen:
                    write(work, self._clock, user, action, conversation_id, **details)
            work.commit()

    def note(self, who: User | str, action: Action, subject: str = "", **details: Any) -> None:
        """Keep what somebody did; `details` hold ids and counts alone."""
        with self._store.write() as work:
            write(work, self._clock, who, action, subject, **details)
            work.commit()

    def page(self, subject: str = "", by: str = "", before: int | None = None, limit: int = PAGE) -> AuditPage:
        """Return the newest lines about a conversation, of a login, or all."""
        with self._store.read() as work:
            found = work.audit.lines(subject, by, before, limit + 1)
        lines = found[:limit]
        return AuditPage(lines, lines[-1].id if len(found) > limit else None)


def write(work: Work, clock: Clock, who: User | str, action: Action, subject: str = "", **details: Any) -> None:
    """Keep a line. Part of the caller's transaction."""
    by, user_id = (who.login, who.id) if isinstance(who, User) else (who, None)
    work.audit.add(AuditLine(clock(), by, action, subject, details, user_id))
