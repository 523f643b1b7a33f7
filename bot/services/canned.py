"""Ready answers: everybody's, and each agent's own. A page finds them by shortcut, fills them in and lets the agent edit."""

import json
from pathlib import Path

from bot.domain.desk import CannedReply
from bot.domain.errors import CannedUnknown, NotAllowed
from bot.domain.user import Permission, User
from bot.services.chat import checked
from bot.services.ports import Store, Work

STARTER = Path(__file__).with_name("canned.ar.json")
LONGEST_SHORTCUT = 32
LONGEST_TITLE = 120


class Canned:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, user: User) -> list[CannedReply]:
        """Return what a user may use, their own first: a shortcut of one's own hides the shared one."""
        assert user.id is not None
        with self._store.read() as work:
            return work.canned.of(user.id)

    def add(self, user: User, shortcut: str, title: str, text: str, *, shared: bool) -> CannedReply:
        user.require(Permission.SHARE_CANNED if shared else Permission.ANSWER)
        reply = CannedReply(_shortcut(shortcut), _title(title), checked(text), None if shared else user.id)
        with self._store.write() as work:
            _require_free(work, reply)
            work.canned.add(reply)
            work.commit()
        return reply

    def change(self, user: User, reply_id: int, shortcut: str, title: str, text: str) -> CannedReply:
        with self._store.write() as work:
            reply = _owned(work, user, reply_id)
            if reply.shortcut != _shortcut(shortcut):
                reply.shortcut = _shortcut(shortcut)
                _require_free(work, reply)
            reply.title, reply.text = _title(title), checked(text)
            work.commit()
        return reply

    def remove(self, user: User, reply_id: int) -> None:
        with self._store.write() as work:
            work.canned.remove(_owned(work, user, reply_id))
            work.commit()

    def stock(self) -> int:
        """Put the starter set in where there is nothing yet; return how many that is."""
        with self._store.write() as work:
            if not work.canned.is_empty():
                return 0
            replies = [CannedReply(**one) for one in json.loads(STARTER.read_text("utf-8"))]
            for reply in replies:
                work.canned.add(reply)
            work.commit()
        return len(replies)


def _owned(work: Work, user: User, reply_id: int) -> CannedReply:
    reply = work.canned.get(reply_id)
    if reply is None or reply.owner_id not in (None, user.id):
        raise CannedUnknown(f"no canned reply {reply_id}")
    user.require(Permission.SHARE_CANNED if reply.owner_id is None else Permission.ANSWER)
    return reply


def _require_free(work: Work, reply: CannedReply) -> None:
    other = work.canned.by_shortcut(reply.owner_id, reply.shortcut)
    if other is not None and other is not reply:
        raise NotAllowed(f"there is a canned reply {reply.shortcut} already", "shortcut_taken")


def _shortcut(typed: str) -> str:
    shortcut = checked(typed).lstrip("/").strip()
    if not shortcut or len(shortcut) > LONGEST_SHORTCUT or any(char.isspace() for char in shortcut):
        raise NotAllowed("a shortcut is one word of at most 32 letters", "shortcut_unreadable")
    return shortcut


def _title(typed: str) -> str:
    return checked(typed)[:LONGEST_TITLE]
