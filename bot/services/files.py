"""The complaint's file: everything a shopper may hand to a supervisor or to the authority, behind one secret link."""

import re
from dataclasses import dataclass
from datetime import tzinfo
from operator import itemgetter

from bot.domain.complaint import Complaint, LoggedContact
from bot.domain.errors import ComplaintUnknown
from bot.domain.shop import Shop
from bot.services.evidence import Evidence
from bot.services.ports import Clock, Store
from bot.services.words import Words

SECRET = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Happening:
    """One line of the record: when it was, over which channel, and what."""

    when: str
    channel: str
    what: str


@dataclass(frozen=True)
class FilePage:
    """What the page shows, in words; what is not known is left out."""

    number: str
    printed: str
    shop: Shop
    facts: list[tuple[str, str]]
    story: str
    standing: list[tuple[str, str]]
    wanted: list[tuple[str, str]]
    happenings: list[Happening]
    evidence: list[str]
    """What the shopper says they have to show."""
    files: list[tuple[str, str]]
    """What was handed in: name and address."""
    rights: list[str]
    contact: str | None


class ComplaintFiles:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words, evidence: Evidence, public_url: str) -> None:
        """`public_url`: where shoppers reach the gateway, without a slash at the end."""
        self._store = store
        self._clock = clock
        self._shop = shop
        self._words = words
        self._evidence = evidence
        self._public_url = public_url

    def link(self, complaint: Complaint) -> str:
        return f"{self._public_url}/complaints/file/{complaint.file_secret}"

    def page(self, secret: str) -> FilePage:
        """Return the file this secret opens; raise ComplaintUnknown where it opens none."""
        complaint = None
        if SECRET.fullmatch(secret):
            with self._store.read() as work:
                complaint = work.complaints.by_secret(secret)
        if complaint is None:
            raise ComplaintUnknown("no complaint has this file")
        return self._page(complaint)

    def _page(self, complaint: Complaint) -> FilePage:
        words, zone = self._words, self._shop.zone
        due = words.moment(complaint.due_at.astimezone(zone)) if complaint.is_open else None
        remedy = words.remedies[complaint.remedy] if complaint.remedy else None
        bought = words.both(complaint.purchase_date) if complaint.purchase_date else None
        file = words.file
        return FilePage(
            number=complaint.number,
            printed=words.moment(self._clock().astimezone(zone)),
            shop=self._shop,
            facts=_known(
                (words.slots["complaint_kind"], words.kinds[complaint.kind]),
                (words.slots["order_number"], complaint.order_number),
                (words.slots["purchase_date"], bought),
                (words.slots["product"], complaint.product),
                (words.slots["seller"], complaint.seller),
                (words.slots["amount"], complaint.amount and words.shown("amount", complaint.amount)),
                (file["prior_contact"], complaint.prior_contact),
            ),
            story=complaint.description,
            standing=_known(
                (file["filed"], words.moment(complaint.created_at.astimezone(zone))),
                (file["status"], words.status(complaint)),
                (file["level"], words.level(complaint)),
                (file["due"], due),
            ),
            wanted=_known(
                (words.slots["remedy"], remedy),
                (file["expected"], complaint.expected),
                (file["affected"], complaint.affected),
            ),
            happenings=self._happenings(complaint, zone),
            evidence=complaint.evidence,
            files=[(file.name, self._evidence.address(file.id)) for file in self._evidence.of_complaint(complaint)],
            rights=words.rights_of(complaint.kind, self._shop),
            contact=complaint.contact,
        )

    def _happenings(self, complaint: Complaint, zone: tzinfo) -> list[Happening]:
        """Return the changes and the contacts elsewhere in the order they happened; a contact of no known day as logged."""
        words = self._words
        dated = [
            (entry.at, Happening(words.moment(entry.at.astimezone(zone)), words.channels["chat"], words.sentence(entry)))
            for entry in complaint.timeline
            if entry.action != "contact_logged"
        ]
        dated += [(contact.at or contact.added_at, self._contact(contact, zone)) for contact in complaint.contacts]
        return [happening for _, happening in sorted(dated, key=itemgetter(0))]

    def _contact(self, contact: LoggedContact, zone: tzinfo) -> Happening:
        words = self._words
        day = words.day(contact.at.astimezone(zone).date()) if contact.at else ""
        typed = f"({contact.at_typed})" if contact.at_typed else ""
        when = f"{day} {typed}".strip() or words.moment(contact.added_at.astimezone(zone))
        return Happening(when, words.channel(contact.channel), contact.content)


def _known(*pairs: tuple[str, str | None]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in pairs if value]
