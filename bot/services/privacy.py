"""One shopper's data on request, and what is too old: found, handed out, erased; and what that leaves, swept up."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.audit import Action
from bot.domain.errors import NotAllowed, SubjectUnknown
from bot.domain.label import Example
from bot.domain.privacy import SETTLES, ErasedComplaints, Holdings, Owned, Rest
from bot.domain.user import Permission, User
from bot.language.contacts import read_contact
from bot.services.audit import write
from bot.services.ports import Clock, Store, Work
from bot.services.references import canonical
from bot.services.training import Training

MAY_COME_BACK = (Rest.TRACKER, Rest.SENTENCE)
"""What somebody may still write who was at it: Rasa, and an examination or an export of the training data."""
BATCH = 100
"""Conversations that go in one transaction: others who write wait for no more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What this installation keeps, and in which form."""

    days: int
    """After its last message a conversation is kept so long; 0: for ever."""
    complaints: ErasedComplaints
    mark: str
    """What stands where an erased shopper's words were."""
    region: str
    """Where telephone numbers without a country are."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is kept outside the store: how it is read, and how it is erased. All of it can be done twice."""

    file_of: Callable[[str], Path]
    """Returns where a file that was shown is kept."""
    trackers: Callable[[list[str]], list[dict[str, Any]]]
    """Returns what Rasa remembers of senders."""
    forget_trackers: Callable[[list[str]], None]
    fingerprint: Callable[[Example], str]
    """Returns by what a line of the training data is known without its words."""
    forget_sentences: Callable[[set[str]], None]
    tidy_index: Callable[[], None]


class Privacy:
    def __init__(self, store: Store, clock: Clock, training: Training, terms: Terms, elsewhere: Elsewhere) -> None:
        self._store = store
        self._clock = clock
        self._training = training
        self.terms = terms
        self._elsewhere = elsewhere

    def find(self, subject: str) -> Holdings:
        """Return what is stored of whoever `subject` means: a conversation, a complaint number, a telephone or an address.

        Raise SubjectUnknown where nothing is stored.
        """
        self.sweep()  # what an erasure that was cut off has left
        with self._store.read() as work:
            return work.privacy.holdings(work.privacy.owned(self._conversations(work, subject)))

    def export(self, subject: str, who: User | str) -> bytes:
        """Return a ZIP with everything stored of a shopper as `data.json`, and the files they showed."""
        _require(who)
        with self._store.read() as work:
            owned = work.privacy.owned(self._conversations(work, subject))
            stored = work.privacy.rows(owned)
            files, senders = work.privacy.files(owned), work.privacy.senders(owned.conversations)
        data = {"exported_at": self._clock(), "conversations": owned.conversations} | stored
        packed = self._packed(data | {"rasa_events": self._elsewhere.trackers(senders)}, files)
        self._tell(who, Action.EXPORTED, owned)
        return packed

    def erase(self, subject: str, who: User | str) -> Holdings:
        """Erase everything stored of a shopper; return what that was. Raise SubjectUnknown where nothing is stored."""
        _require(who)
        self.sweep()
        with self._store.write() as work:
            there = work.privacy.lock(self._conversations(work, subject))
            owned = work.privacy.owned(there)
            held = work.privacy.holdings(owned)
            self._erase(work, owned)
            for conversation_id in there:
                write(work, self._clock, who, Action.ERASED, conversation_id)
            work.commit()
        self.sweep()
        return held

    def purge(
        self,
        by: str,
        days: int | None = None,
        *,
        dry_run: bool = False,
        done: Callable[[int, int], object] = lambda *_: None,
    ) -> int:
        """Delete conversations that are over, in which nothing was said for so many days; return how many that are.

        `done` hears how many are through, and of how many.
        """
        days = self.terms.days if days is None else days
        if days < 1:
            raise NotAllowed("SHAKWA_RETENTION_DAYS is 0: everything is kept; --older-than names another age in days")
        before = self._clock() - timedelta(days=days)
        with self._store.read() as work:
            total = work.privacy.count_stale(before)
        if dry_run:
            return total
        purged = 0
        while some := self._purge_some(before):
            purged += some
            done(purged, max(total, purged))
        self._end_purge(by, before, days, purged)
        return purged

    def sweep(self) -> int:
        """Erase outside the store what was erased in it; return how many pieces are through."""
        with self._store.read() as work:
            rest = work.privacy.unswept()
        if not rest:
            return 0
        self._sweep({kind: [name for one, name, _ in rest if one is kind] for kind in Rest})
        settled = self._clock() - SETTLES
        through = [(kind, name) for kind, name, at in rest if kind not in MAY_COME_BACK or at <= settled]
        with self._store.write() as work:
            for kind, name in through:
                work.privacy.swept(kind, name)
            work.commit()
        return len(through)

    def _conversations(self, work: Work, subject: str) -> list[str]:
        subject = subject.strip()
        complaint = work.complaints.by_number(canonical(subject))
        contact = read_contact(subject, self.terms.region)
        if work.conversations.get(subject):
            found = [subject]
        elif complaint is not None:
            found = [complaint.conversation_id]
        else:
            found = work.privacy.of_contact(contact) if contact else []
        if not (related := work.privacy.related(found)):
            raise SubjectUnknown(f"nothing is stored of {subject!r}: give a conversation, a complaint number or a contact")
        return related

    def _erase(self, work: Work, owned: Owned) -> None:
        """Erase in the store and note what is to be swept up. Part of the caller's transaction."""
        now, kept = self._clock(), self.terms.complaints is ErasedComplaints.ANONYMISE
        exported = [self._training.masked(one.example) for one in work.privacy.said_alone(owned) if one.label]
        work.privacy.leave(Rest.FILE, [file_id for file_id, _ in work.privacy.files(owned)], now)
        work.privacy.leave(Rest.TRACKER, work.privacy.senders(owned.conversations), now)
        work.privacy.leave(Rest.SENTENCE, map(self._elsewhere.fingerprint, exported), now)
        work.privacy.leave(Rest.INDEX, ["search"], now)
        work.privacy.erase(owned, now, self.terms.mark if kept else None)

    def _purge_some(self, before: datetime) -> int:
        with self._store.write() as work:
            there = work.privacy.lock(work.privacy.stale(before, BATCH))
            if there:
                self._erase(work, work.privacy.owned(there))
            work.commit()
        return len(there)

    def _end_purge(self, by: str, before: datetime, days: int, purged: int) -> None:
        with self._store.write() as work:
            work.privacy.forget_sent(before)
            if purged:
                write(work, self._clock, by, Action.PURGED, days=days, conversations=purged)
            work.commit()
        self.sweep()

    def _sweep(self, rest: dict[Rest, list[str]]) -> None:
        for file_id in rest[Rest.FILE]:
            self._elsewhere.file_of(file_id).unlink(missing_ok=True)
        if rest[Rest.TRACKER]:
            self._elsewhere.forget_trackers(rest[Rest.TRACKER])
        if rest[Rest.SENTENCE]:
            still = {self._elsewhere.fingerprint(example) for example in self._training.examples()}
            if gone := set(rest[Rest.SENTENCE]) - still:
                self._elsewhere.forget_sentences(gone)
        if rest[Rest.INDEX]:
            self._elsewhere.tidy_index()

    def _tell(self, who: User | str, action: Action, owned: Owned) -> None:
        with self._store.write() as work:
            for conversation_id in owned.conversations:
                write(work, self._clock, who, action, conversation_id)
            work.commit()

    def _packed(self, data: dict[str, Any], files: list[tuple[str, str]]) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2, default=_plain))
            for number, (file_id, name) in enumerate(files, 1):
                kept = self._elsewhere.file_of(file_id)
                if kept.is_file():
                    archive.write(kept, f"files/{number}-{name}")
        return packed.getvalue()


def _require(who: User | str) -> None:
    """Whoever is signed in needs the permission; a command is given by who owns the machine."""
    if isinstance(who, User):
        who.require(Permission.ERASE)


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
