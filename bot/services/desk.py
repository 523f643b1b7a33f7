"""What the shop does with a filed complaint: its statuses and levels, answers, offers, who answers for it."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.complaint import Complaint, Level, Status
from bot.domain.conversation import Message, Sender
from bot.domain.desk import Letter
from bot.domain.errors import ComplaintUnknown, ConversationErased, NotAllowed, ShakwaError, UserUnknown
from bot.domain.privacy import ERASED
from bot.domain.shop import Shop
from bot.domain.user import Permission, User
from bot.language.spelling import clean
from bot.services.chat import checked
from bot.services.life import keep, raise_to
from bot.services.ports import Clock, Store, Work
from bot.services.references import canonical
from bot.services.words import Words

MOST_AT_ONCE = 200

Link = Callable[[Complaint], str]
"""Returns the address under which a shopper reads the complaint's file."""


class Desk:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words, link: Link) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._words = words
        self._link = link

    def move(self, number: str, status: Status, actor: str, reason: str | None) -> Complaint:
        """Take a complaint to another status; raise NotAllowed, with what is the matter, where no step leads there."""

        def move(work: Work, complaint: Complaint, at: datetime) -> None:
            complaint.move(status, at, actor, reason and clean(reason))
            if status is Status.REOPENED:
                complaint.promise(self._shop.due_at(at, complaint.kind))

        return self._change(number, move)

    def raise_level(self, number: str, level: Level, actor: str, reason: str | None) -> Complaint:
        """Take a complaint to a higher level, which promises an answer anew."""

        def raise_it(work: Work, complaint: Complaint, at: datetime) -> None:
            raise_to(complaint, level, at, actor, self._shop, reason=reason and clean(reason))

        return self._change(number, raise_it)

    def answer(self, number: str, user: User, text: str) -> Complaint:
        """Tell the shopper something, in their conversation and, where they left an address, by e-mail."""
        text = checked(text)

        def answer(work: Work, complaint: Complaint, at: datetime) -> None:
            complaint.answer(at, user.login, text)
            self._tell(work, complaint, user, text, at)

        return self._change(number, answer)

    def offer(self, number: str, user: User, text: str) -> Complaint:
        """Offer something that would settle the matter, and tell the shopper."""
        text = checked(text)

        def offer(work: Work, complaint: Complaint, at: datetime) -> None:
            complaint.make_offer(at, user.login, text)
            self._tell(work, complaint, user, self._words.timeline_lines["offered"].format(text=text), at)

        return self._change(number, offer)

    def settle_offer(self, number: str, user: User, *, accepted: bool) -> Complaint:
        """Keep whether the shopper took the offer, as they told somebody."""
        return self._change(number, lambda work, complaint, at: complaint.settle_offer(at, user.login, accepted=accepted))

    def assign(self, number: str, user: User, assignee_id: int | None) -> Complaint:
        def assign(work: Work, complaint: Complaint, at: datetime) -> None:
            other = work.users.get(assignee_id) if assignee_id is not None else None
            if assignee_id is not None and (other is None or not other.may(Permission.CHANGE_COMPLAINTS)):
                raise UserUnknown(f"no user {assignee_id} who could answer for a complaint")
            complaint.assign(at, user.login, assignee_id, other.name if other else self._words.notices["nobody"])

        return self._change(number, assign)

    def change_many(self, numbers: list[str], change: Callable[[str], Complaint]) -> dict[str, str]:
        """Change each of several complaints; return the code of the refusal for those that would not be changed."""
        if not numbers:
            raise NotAllowed("no complaint was chosen", "nothing_chosen")
        if len(numbers) > MOST_AT_ONCE:
            raise NotAllowed(f"at most {MOST_AT_ONCE} complaints are changed at once", "too_many_chosen")
        refused = {}
        for number in dict.fromkeys(numbers):
            try:
                change(number)
            except ShakwaError as error:
                refused[number] = error.code
        return refused

    def _tell(self, work: Work, complaint: Complaint, user: User, text: str, at: datetime) -> None:
        conversation = work.conversations.get(complaint.conversation_id)
        assert conversation is not None
        message = Message(conversation.id, conversation.next_seq(), Sender.AGENT, text, at)
        message.custom = {"agent": user.name, "about": complaint.number}
        work.messages.add(message)
        if complaint.contact and "@" in complaint.contact:
            told = {"shop": self._shop.name, "number": complaint.number, "text": text, "link": self._link(complaint)}
            subject, body = self._words.notices["answer_subject"], self._words.notices["answer_letter"]
            work.letters.add(Letter(complaint.contact, subject.format(**told), body.format(**told), at))

    def _change(self, number: str, change: Callable[[Work, Complaint, datetime], None]) -> Complaint:
        with self._store.write() as work:
            found = work.complaints.by_number(canonical(number))
            if found is None:
                raise ComplaintUnknown(f"no complaint has the number {number}")
            # The conversation before the complaint, as everywhere.
            conversation = work.conversations.locked(found.conversation_id)
            if conversation is not None and conversation.channel == ERASED:
                raise ConversationErased(f"whoever filed {found.number} had their data erased")
            complaint = work.complaints.locked(found.number)
            assert complaint is not None
            now = self._clock()
            change(work, complaint, now)
            keep(work, complaint, now, self._shop)
        return complaint
