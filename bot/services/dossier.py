"""What an agent sees beside a conversation: the form, the complaints, who holds it, notes, earlier conversations."""

from dataclasses import dataclass

from bot.domain.audit import Action
from bot.domain.complaint import Complaint
from bot.domain.conversation import Conversation, Reading
from bot.domain.desk import Note
from bot.domain.draft import ASKED, VOLUNTEERED, Draft
from bot.domain.errors import ComplaintUnknown, ConversationErased, ConversationUnknown
from bot.domain.evidence import EvidenceFile
from bot.domain.handoff import Handoff
from bot.domain.privacy import ERASED
from bot.domain.user import User
from bot.services.ports import Store, Work
from bot.services.references import canonical


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form as it now is."""

    slot: str
    value: str | None
    typed: str | None
    skipped: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    conversation: Conversation
    handoff: Handoff | None
    """The one that has not ended."""
    draft: Draft | None
    complaints: list[Complaint]
    """Filed in this conversation, oldest first."""
    notes: list[Note]
    earlier: list[tuple[Conversation, list[Complaint]]]
    """Other conversations of the same shopper with what was filed in them, newest first."""
    names: dict[int, str]
    """Of users, by id."""

    @property
    def form(self) -> list[Field]:
        """Return every slot of the form in the order it is asked for; empty where no complaint is being written."""
        if self.draft is None:
            return []
        entries = [(slot, self.draft.slots.get(slot)) for slot in ASKED + VOLUNTEERED]
        return [
            Field(slot, entry.value if entry else None, entry.typed if entry else None, bool(entry and entry.skipped))
            for slot, entry in entries
        ]


@dataclass(frozen=True, slots=True)
class ComplaintDossier:
    complaint: Complaint
    files: list[EvidenceFile]
    notes: list[Note]
    names: dict[int, str]
    """Of users, by id."""
    erased: bool
    """Whether its shopper's data was erased: what is left tells nothing of them."""


class Dossiers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, conversation_id: str, *, with_earlier: bool = True) -> Dossier:
        """Return what is known of a conversation; raise ConversationUnknown, or ConversationErased."""
        with self._store.read() as work:
            conversation = _found(work, conversation_id)
            complaints = work.complaints.of(conversation_id)
            contacts = {complaint.contact for complaint in complaints} | {conversation.known.get("contact")}
            known = sorted(contact for contact in contacts if contact)
            others = work.handoffs.others_of(conversation, known) if with_earlier else []
            return Dossier(
                conversation,
                work.handoffs.open_of(conversation_id),
                work.drafts.open_of(conversation_id),
                complaints,
                work.handoffs.notes(conversation_id),
                [(other, work.complaints.of(other.id)) for other in others],
                work.users.names(),
            )

    def complaint(self, number: str) -> ComplaintDossier:
        """Return a complaint with its files, by its number however it was typed; raise ComplaintUnknown."""
        with self._store.read() as work:
            complaint = work.complaints.by_number(canonical(number))
            if complaint is None or complaint.id is None:
                raise ComplaintUnknown(f"no complaint has the number {number}")
            files, notes = work.evidence.of_complaint(complaint.id), work.handoffs.notes(complaint.conversation_id)
            conversation = work.conversations.get(complaint.conversation_id)
            erased = conversation is not None and conversation.channel == ERASED
            return ComplaintDossier(complaint, files, notes, work.users.names(), erased)

    def readings(self, conversation_id: str, after: int = 0) -> dict[int, Reading]:
        """Return how the shopper's messages after number `after` were read, by number."""
        with self._store.read() as work:
            return work.handoffs.readings(conversation_id, after)

    def mentions(self, user: User) -> list[Note]:
        """Return the notes that mention a user who has not seen them."""
        assert user.id is not None
        with self._store.read() as work:
            return work.handoffs.mentions(user.id)


def _found(work: Work, conversation_id: str) -> Conversation:
    conversation = work.conversations.get(conversation_id)
    if conversation is None and not work.audit.has(Action.ERASED, conversation_id):
        raise ConversationUnknown(f"no conversation {conversation_id}")
    if conversation is None or conversation.channel == ERASED:
        raise ConversationErased(f"conversation {conversation_id} was erased")
    return conversation
