"""What becomes of a complaint once it is filed: each change is one transaction with its event, and happens once a turn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.complaint import Complaint, Level, LoggedContact
from bot.domain.draft import Draft, DraftState
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.escalation import next_level
from bot.domain.handoff import Reason
from bot.domain.life import is_higher, one_up
from bot.domain.shop import Shop
from bot.domain.sla import wind
from bot.domain.turn import TurnRef
from bot.services.doors import Doors, known
from bot.services.drafts import require_claim
from bot.services.ports import Clock, Store, Work
from bot.services.queue import enter
from bot.services.references import canonical
from bot.services.severity import weigh
from bot.services.words import Words

Change = Callable[[Complaint, datetime], None]


@dataclass(frozen=True)
class StatusLines:
    """What a shopper may read of a complaint, in words."""

    status: str
    level: str
    due: str | None
    """When the answer is due; None once the complaint is settled."""
    timeline: list[str]


class ComplaintLife:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._words = words
        self._doors = Doors(store, clock)

    # ------------------------------------------------------------------ finding

    def access(self, number: str, conversation_id: str, contact: str | None) -> Complaint:
        """Return the complaint if this conversation may see it: see `Doors.access`."""
        return self._doors.access(number, conversation_id, contact)

    def latest(self, conversation_id: str) -> Complaint | None:
        """Return the newest open complaint filed or proved in this conversation, else the newest of all, else None."""
        with self._store.read() as work:
            complaints = work.complaints.known_to(conversation_id)
        return next(iter([c for c in complaints if c.is_open][::-1] + complaints[::-1]), None)

    def duplicate(self, draft: Draft) -> Complaint | None:
        """Return the open complaint about the same order and matter that the conversation may see, else None.

        Not one of the same contact elsewhere: its number would open it to whoever knows the contact.
        """
        with self._store.read() as work:
            return _duplicate(work, draft)

    def due_level(self, complaint: Complaint) -> Level | None:
        """Return the level that is due without anybody asking for it: see `escalation.next_level`."""
        return next_level(complaint, self._clock(), self._shop)

    def status_lines(self, complaint: Complaint) -> StatusLines:
        zone = self._shop.zone
        due = self._words.moment(complaint.due_at.astimezone(zone)) if complaint.is_open else None
        lines = self._words.timeline(complaint, zone)
        return StatusLines(self._words.status(complaint), self._words.level(complaint), due, lines)

    # ------------------------------------------------------------------ changing

    def merge(self, draft_id: str, number: str, claim: TurnRef | None) -> Complaint:
        """Give the draft's words to the complaint that is its duplicate, and close it; once, however often it is asked."""
        with self._store.write() as work:
            require_claim(work, claim)
            draft = _draft(work, draft_id)
            complaint = _target(work, draft, canonical(number))
            if draft.state is DraftState.MERGED:
                return complaint
            complaint.merge(self._clock(), "shopper", draft.id, draft.value("description"))
            draft.close(DraftState.MERGED)
            self._keep(work, complaint, claim)
        return complaint

    def add_words(self, number: str, text: str, conversation_id: str, claim: TurnRef | None) -> Complaint:
        """Add what the shopper has to say to a complaint that is not closed or withdrawn."""
        add = partial(Complaint.add_words, actor="shopper", text=text)
        return self._change(number, conversation_id, claim, "words_added", add)

    def mention_evidence(self, number: str, text: str, conversation_id: str, claim: TurnRef | None) -> Complaint:
        """Keep what the shopper says they have to show: it is listed in the complaint's file."""
        mention = partial(Complaint.mention_evidence, actor="shopper", text=text)
        return self._change(number, conversation_id, claim, "evidence_mentioned", mention)

    def withdraw(self, number: str, conversation_id: str, reason: str | None, claim: TurnRef | None) -> Complaint:
        withdraw = partial(Complaint.withdraw, actor="shopper", reason=reason)
        return self._change(number, conversation_id, claim, "withdrawn", withdraw)

    def reopen(self, number: str, conversation_id: str, reason: str | None, claim: TurnRef | None) -> Complaint:
        """Take a settled complaint up again, with a new promise of an answer."""

        def reopen(complaint: Complaint, at: datetime) -> None:
            complaint.reopen(at, "shopper", reason)
            complaint.promise(self._shop.due_at(at, complaint.kind))

        return self._change(number, conversation_id, claim, "reopened", reopen)

    def escalate(
        self,
        number: str,
        conversation_id: str,
        level: Level | None,
        affected: str | None,
        expected: str | None,
        claim: TurnRef | None,
    ) -> Complaint:
        """Raise a complaint by one level, for a shopper may always ask for that; its `level` says where it is then.

        Levels are taken one after another: asked for a still higher `level`, it goes one step. Raise NotAllowed
        (`level_not_higher`, `level_highest`) where it is there already.
        """

        def escalate(complaint: Complaint, at: datetime) -> None:
            target = _next(complaint, level)
            raise_to(complaint, target, at, "shopper", self._shop, affected=affected, expected=expected)

        return self._change(number, conversation_id, claim, "level_raised", escalate)

    def log_contact(
        self,
        number: str,
        conversation_id: str,
        channel: str,
        when_typed: str | None,
        when: datetime | None,
        content: str,
        claim: TurnRef | None,
        who: str | None = None,
    ) -> Complaint:
        """Keep a contact the shopper had elsewhere; `channel` is phone, email, visit, social or other."""

        def log(complaint: Complaint, at: datetime) -> None:
            complaint.log_contact(LoggedContact(channel, content, at, when_typed, when, who), "shopper")

        return self._change(number, conversation_id, claim, "contact_logged", log)

    def _change(self, number: str, conversation_id: str, claim: TurnRef | None, action: str, change: Change) -> Complaint:
        with self._store.write() as work:
            require_claim(work, claim)
            complaint = known(work, number, conversation_id)
            if claim is None or not complaint.written_in(claim.turn_id, action):
                change(complaint, self._clock())
                if action == "level_raised":
                    enter(work, conversation_id, Reason.ESCALATED, self._clock())
                self._keep(work, complaint, claim)
        return complaint

    def _keep(self, work: Work, complaint: Complaint, claim: TurnRef | None) -> None:
        complaint.timeline[-1].turn_id = claim.turn_id if claim else None
        keep(work, complaint, self._clock(), self._shop)


def raise_to(complaint: Complaint, level: Level, at: datetime, actor: str, shop: Shop, **told: str | None) -> None:
    """Raise a complaint to a level, which weighs it anew while its old promise still counts, and promises anew."""
    late = weigh(complaint, at, shop)
    complaint.raise_level(level, at, actor, **told)
    complaint.severity = late
    complaint.affected = told.get("affected") or complaint.affected
    complaint.expected = told.get("expected") or complaint.expected
    hours = {Level.SUPERVISOR: shop.supervisor_hours, Level.FORMAL: shop.formal_hours}.get(level)
    if hours:
        complaint.promise(shop.after(at, hours))


def keep(work: Work, complaint: Complaint, now: datetime, shop: Shop) -> None:
    """Commit a change with its event; the complaint is weighed anew."""
    complaint.severity = weigh(complaint, now, shop)
    wind(complaint, now, shop)
    event = {"number": complaint.number, "action": complaint.timeline[-1].action}
    state = {"status": str(complaint.status), "level": str(complaint.level), "severity": str(complaint.severity)}
    work.outbox.add("complaint.changed", event | state, now)
    work.commit()


def _next(complaint: Complaint, asked: Level | None) -> Level:
    up = one_up(complaint.level)
    if up is None:
        raise NotAllowed(f"no level is higher than {complaint.level}", "level_highest")
    return up if asked is None or is_higher(asked, up) else asked


def _draft(work: Work, draft_id: str) -> Draft:
    draft = work.drafts.get(draft_id)
    if draft is None:
        raise NotFound(f"no draft {draft_id}")
    return draft


def _duplicate(work: Work, draft: Draft) -> Complaint | None:
    kind, order = draft.value("complaint_kind"), draft.value("order_number")
    if kind is None or order is None:
        return None
    return work.complaints.like(kind, order, draft.conversation_id)


def _target(work: Work, draft: Draft, number: str) -> Complaint:
    """Return the complaint a draft is to be merged into, or was: held against other writers."""
    complaint = work.complaints.locked(number)
    merged = draft.state is DraftState.MERGED
    fits = complaint and (complaint.took_in(draft.id) if merged else _is(_duplicate(work, draft), complaint))
    if complaint is None or not fits:
        raise NotAllowed(f"{number} is no open complaint about what draft {draft.id} is about", "not_duplicate")
    return complaint


def _is(found: Complaint | None, complaint: Complaint) -> bool:
    return found is not None and found.number == complaint.number
