"""Who may see which complaint: found by its number, shown to its own conversation or against the contact filed with it."""

from bot.domain.complaint import Complaint
from bot.domain.errors import ComplaintUnknown, ProofNeeded
from bot.domain.proof import WINDOW, Door, opens, require_tries_left
from bot.services.ports import Clock, Store, Work
from bot.services.references import canonical


class Doors:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def access(self, number: str, conversation_id: str, contact: str | None) -> Complaint:
        """Return the complaint if this conversation may see it; `contact` proves so for now and later.

        Raise ProofNeeded without a contact and ComplaintUnknown with a wrong one, each whether the complaint is another's
        or there is none; TooMany after five wrong ones in a quarter of an hour, given here or anywhere for this number.
        """
        number = canonical(number)
        with self._store.read() as work:
            door = work.complaints.door(number, conversation_id)
            if door and door.known:
                return _behind(work, door)
        if contact is None:
            raise ProofNeeded("a contact is needed to show a complaint in another conversation than its own")
        return self._prove(door, number, conversation_id, contact)

    def _prove(self, door: Door | None, number: str, conversation_id: str, contact: str) -> Complaint:
        now = self._clock()
        with self._store.write() as work:
            work.conversations.locked(conversation_id)  # so that tries made at once are counted one after another
            require_tries_left(work.proofs.missed(conversation_id, number, now - WINDOW), now)
            fits = opens(door, contact)
            if door is None or not fits:
                work.proofs.miss(conversation_id, number, now)
                work.commit()
                raise ComplaintUnknown(f"no complaint {number} was filed with this contact")
            work.proofs.add(conversation_id, door.complaint_id, now)
            complaint = _behind(work, door)
            work.commit()
        return complaint


def known(work: Work, number: str, conversation_id: str) -> Complaint:
    """Return a complaint to change, held against other writers; raise ProofNeeded unless the conversation may see it."""
    door = work.complaints.door(canonical(number), conversation_id)
    complaint = work.complaints.locked(canonical(number)) if door and door.known else None
    if complaint is None:
        raise ProofNeeded("only a conversation that may see a complaint may change it")
    return complaint


def _behind(work: Work, door: Door) -> Complaint:
    complaint = work.complaints.get(door.complaint_id)
    assert complaint is not None
    return complaint
