"""An installation in which shoppers leave traces everywhere, and what is found of them in its tables and files."""

import io
import json
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from bot.domain.complaint import Complaint
from bot.domain.conversation import Button
from bot.domain.handoff import Reason
from bot.domain.label import InboxFilter, LabelState
from bot.domain.privacy import ErasedComplaints
from bot.domain.shop import Shop
from bot.domain.turn import Answer
from bot.domain.user import Role, User
from bot.engine import dataset
from bot.services.audit import Audit
from bot.services.chat import Chat, Incoming
from bot.services.complaints import Complaints
from bot.services.desk import Desk
from bot.services.drafts import Drafts, Given
from bot.services.evidence import Evidence
from bot.services.inbox import Inbox, Verdict
from bot.services.life import ComplaintLife
from bot.services.outbox import Outbox
from bot.services.privacy import Elsewhere, Privacy, Terms
from bot.services.replies import Replies
from bot.services.requests import Requests
from bot.services.takeover import Takeover
from bot.services.training import Training
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.store import search
from bot.store.trackers import Trackers
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, a_reading, a_reply
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

LABELS = frozenset({"late_delivery", "damaged_item", "out_of_scope"})
SHARED = "وين طلبي"
"""What every shopper says too."""
EVENTS = "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)"


class House:
    def __init__(self, store: Store, clock: Clock, shop: Shop, words: Words, folder: Path) -> None:
        self.store, self.clock, self.shop, self.words, self.folder = store, clock, shop, words, folder
        self.chat = Chat(store, clock, "a secret of the tests")
        self.drafts, self.requests = Drafts(store, clock), Requests(store, clock)
        self.complaints, self.life = Complaints(store, clock, shop), ComplaintLife(store, clock, shop, words)
        self.desk = Desk(store, clock, shop, words, lambda complaint: f"https://shop.example/{complaint.file_secret}")
        self.evidence = Evidence(store, clock, folder / "evidence", "a secret of the tests")
        self.trackers = Trackers(f"sqlite:///{folder / 'tracker.db'}")
        self.inbox, self.audit = Inbox(store, clock, lambda: LABELS), Audit(store, clock)
        project = folder / "project"
        self.training = Training(self.inbox, shop, partial(dataset.changes, project), partial(dataset.write, project))

    @cached_property
    def sara(self) -> User:
        return a_user(users_of(self.store, self.clock))

    @cached_property
    def noor(self) -> User:
        return a_user(users_of(self.store, self.clock), Role.ANALYST, "noor", "نور")

    @cached_property
    def huda(self) -> User:
        return a_user(users_of(self.store, self.clock), Role.SUPERVISOR, "huda", "هدى")

    def privacy(self, complaints: ErasedComplaints = ErasedComplaints.ANONYMISE, days: int = 365, **other: Any) -> Privacy:
        elsewhere = Elsewhere(
            self.evidence.path, self.trackers.of, self.trackers.forget, dataset.fingerprint,
            partial(dataset.forget, self.folder / "project"), partial(search.tidy, self.store.engine),
        )  # fmt: skip
        terms = Terms(days, complaints, self.words.notices["erased"], self.shop.region)
        return Privacy(self.store, self.clock, self.training, terms, replace(elsewhere, **other))

    # ------------------------------------------------------------------ traces

    def opens(self) -> None:
        """Somebody listens to events, and works here."""
        Webhooks(self.store, self.clock, lambda letter: Outcome(200), lambda url: None).add(
            "https://erp.example/hook", ["complaint.filed", "complaint.changed", "request.made", "conversation.waiting"]
        )
        assert (self.sara.login, self.noor.login, self.huda.login) == ("sara", "noor", "huda")

    def visit(self, who: "Shopper") -> str:
        """Let a shopper leave a trace in every place there is; return the complaint's number."""
        talk = self._talks(who)
        self._shows(talk.id, who)
        filed = self._complains(talk.id, who)
        self._asks(talk.id, who)
        self._is_served(talk.id, filed.number, who)
        self._is_proved_elsewhere(filed, who)
        self._is_labelled(who)
        self._is_remembered(talk.id, who)
        Outbox(self.store, self.clock).publish(lambda topic, payload: None)
        return filed.number

    def _talks(self, who: "Shopper") -> Talk:
        talk = Talk(self.chat, self.store, self.clock, self.words, FakeEngine())
        signed = {"customer": who.customer, "name": who.name, "contact": who.email}
        self.chat.get_to_know(talk.id, signed | {"order_number": who.order, "product": f"غسالة {who.marker}"})
        for text in (who.sentence, SHARED, who.sentence):
            read = replace(a_reading(), entities=[{"entity": "product", "value": who.marker, "start": 0, "end": 4}])
            if text == SHARED:
                read = a_reading()
            button = Button(f"نعم {who.marker}", f'/inform{{"product": "{who.marker}"}}')
            talk.engine.outcomes = [Answer([a_reply(f"أهلًا يا {who.name}", button, seen=who.marker)], read)]
            talk.ask(text)
        return talk

    def _shows(self, conversation: str, who: "Shopper") -> None:
        for content, kind in ((picture(), "png"), (f"%PDF-1.7 {who.marker}".encode(), "pdf")):
            with self.evidence.incoming() as upload:
                upload.write(content)
                upload.flush()
                kept = self.evidence.keep(conversation, f"فاتورة {who.marker}.{kind}", Path(upload.name))
            if kind == "pdf":
                self.chat.receive(conversation, Incoming(f"files-{kept.id[:20]}", files=(kept.id,)))

    def _complains(self, conversation: str, who: "Shopper") -> Complaint:
        told = {
            "complaint_kind": "damaged_item", "order_number": who.order, "product": f"غسالة {who.marker}",
            "description": f"وصلت مكسورة {who.marker} {who.phone}", "remedy": "refund", "contact": who.email,
            "seller": f"بائع {who.marker}", "amount": "300 SAR",
        }  # fmt: skip
        draft = self.drafts.open(conversation, None)
        self.drafts.record(
            draft.id, [Given(slot, value, value) for slot, value in told.items()], ["purchase_date"], {}, None
        )
        filed = self.complaints.file(draft.id, None)
        self.life.add_words(filed.number, f"زيادة {who.marker}", conversation, None)
        self.life.mention_evidence(filed.number, f"صورة {who.marker}", conversation, None)
        self.life.log_contact(filed.number, conversation, "phone", "أمس", None, f"كلمني {who.name}", None, who.marker)
        other = self.drafts.open(conversation, None)
        self.drafts.record(other.id, [Given("contact", who.phone, who.phone), Given("product", who.marker)], [], {}, None)
        return filed

    def _asks(self, conversation: str, who: "Shopper") -> None:
        self.requests.callback(conversation, who.phone, f"بعد {who.marker}", None)
        self.requests.seller_question(conversation, who.marker, who.order, f"سؤال {who.marker}", None)
        self.requests.security_report(conversation, f"بلاغ {who.marker}", None, who.email, None)
        self.requests.rate(conversation, 2, f"سيئ {who.marker}", None)

    def _is_served(self, conversation: str, number: str, who: "Shopper") -> None:
        takeover = Takeover(self.store, self.clock, self.words)
        replies = Replies(self.store, self.clock, self.shop, self.words)
        self.requests.human(conversation, Reason.ASKED, None)
        takeover.claim(conversation, self.sara)
        replies.say(conversation, self.sara, f"say-{conversation[:12]}", f"أهلًا {who.name} {who.marker}")
        replies.note(conversation, self.sara, f"@noor انتبهي {who.marker}")
        self.desk.answer(number, self.sara, f"نعتذر {who.name} {who.marker}")
        self.desk.offer(number, self.sara, f"قسيمة {who.marker}")

    def _is_proved_elsewhere(self, filed: Complaint, who: "Shopper") -> None:
        phone = Talk(self.chat, self.store, self.clock, self.words, FakeEngine())
        phone.say(f"رقم شكواي {filed.number} وبريدي {who.email}")
        with self.store.write() as work:
            assert filed.id is not None
            work.proofs.miss(phone.id, filed.number, self.clock())
            work.proofs.add(phone.id, filed.id, self.clock())
            work.outbox.add("complaint.changed", {"number": filed.number, "said": who.marker}, self.clock())
            work.commit()

    def _is_labelled(self, who: "Shopper") -> None:
        for text in (who.sentence, SHARED):
            [one] = [one for one in self.inbox.page(InboxFilter(state=None))[0] if one.text == text]
            assert one.id is not None
            if one.state is LabelState.NEW:
                self.inbox.decide(self.noor, one.id, one.version, Verdict(LabelState.ACCEPTED, "late_delivery"))
        self.training.write()

    def _is_remembered(self, conversation: str, who: "Shopper") -> None:
        with self.store.read() as work:
            [sender] = work.privacy.senders([conversation])
        engine = sa.create_engine(f"sqlite:///{self.folder / 'tracker.db'}")
        with engine.begin() as connection:
            connection.execute(sa.text(EVENTS))
            row = {"sender": sender, "data": json.dumps({"event": "user", "text": who.sentence})}
            connection.execute(sa.text("INSERT INTO events (sender_id, data) VALUES (:sender, :data)"), row)
        engine.dispose()

    # ------------------------------------------------------------------ what is found

    def rows(self, *but: str) -> dict[str, list[str]]:
        """Return every row of every table of the database as it now is, those of search too; `but` leaves tables out."""
        found = sa.MetaData()
        found.reflect(self.store.engine)
        with self.store.engine.connect() as connection:
            return {
                table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
                for table in found.tables.values()
                if table.name not in but
            }

    def places_of(self, *words: str) -> list[str]:
        """Return the tables and files in which any of the words stands, however it is written down there."""
        forms = {form for word in words for form in (word, self.store.search_form(word)) if form}
        needles = [form.encode() for form in forms] + [json.dumps(form)[1:-1].encode() for form in forms]
        places = [name for name, rows in self.rows().items() if any(needle in "".join(rows).encode() for needle in needles)]
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        if database := self.store.engine.url.database:
            files += Path(database).parent.glob(f"{Path(database).name}*") if Path(database).is_file() else []
        return places + [str(file) for file in files if any(needle in file.read_bytes() for needle in needles)]


class Shopper:
    def __init__(self, marker: str, name: str, phone: str, email: str, order: str) -> None:
        self.marker, self.name, self.phone, self.email, self.order = marker, name, phone, email, order
        self.customer = f"customer-{marker}"
        self.sentence = f"غسالة {marker} تأخرت"

    @property
    def traces(self) -> tuple[str, ...]:
        return (self.marker, self.name, self.phone, self.email, self.order)


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
    return drawn.getvalue()
