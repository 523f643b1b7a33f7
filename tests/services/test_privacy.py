"""One shopper's data: erased from every table and file, and nobody else's; handed out whole; deleted when it is too old."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.audit import Action
from bot.domain.errors import Forbidden, NotAllowed, SessionUnknown, SubjectUnknown
from bot.domain.label import InboxFilter, Utterance
from bot.domain.lists import ComplaintFilter
from bot.domain.names import Status
from bot.domain.privacy import ERASED, ErasedComplaints, Rest
from bot.domain.shop import Shop
from bot.services.chat import Incoming
from bot.services.drafts import Given
from bot.services.inbox import note
from bot.services.record import record_of
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, a_reading
from tests.conftest import Clock
from tests.services.house import SHARED, House, Shopper

NORA = Shopper("زعفرانية", "نورة الفريدة", "+966551234509", "nora.alfarida@example.com", "405-7654321-7654321")
MONA = Shopper("كافورية", "منى الوحيدة", "+966559876501", "mona.alwahida@example.com", "405-1112223-4445556")
BOTH = [ErasedComplaints.ANONYMISE, ErasedComplaints.DELETE]


@pytest.fixture
def house(store: Store, clock: Clock, shop: Shop, words: Words, tmp_path: Path) -> House:
    house = House(store, clock, shop, words, tmp_path)
    house.opens()
    return house


def conversations(house: House) -> list[str]:
    with house.store.engine.connect() as connection:
        query = sa.select(tables.conversation.c.id).where(tables.conversation.c.channel != ERASED)
        return list(connection.scalars(query.order_by(tables.conversation.c.created_at, tables.conversation.c.id)))


def of_her(house: House, who: Shopper) -> str:
    """The conversation in which she told everything."""
    with house.store.read() as work:
        found = work.privacy.of_contact(who.phone)
    return found[0]


# ------------------------------------------------------------------ erasing


@pytest.mark.parametrize("complaints", BOTH)
def test_nothing_of_an_erased_shopper_is_left_in_any_table_or_file(house: House, complaints: ErasedComplaints) -> None:
    number = house.visit(NORA)
    left = house.places_of(NORA.marker)
    tables_with_her = {
        "message", "choice", "reading", "draft_slot", "complaint", "complaint_entry", "contact_log", "evidence_file",
        "request", "note", "letter", "utterance", "outbox", "delivery",
    }  # fmt: skip
    assert tables_with_her <= set(left)
    assert {Path(place).name for place in left} >= {"tracker.db", "late_delivery.yml"}
    house.privacy(complaints).erase(number, house.huda)
    assert house.places_of(*NORA.traces) == []
    assert [file for file in (house.folder / "evidence").rglob("*") if file.is_file()] == []


def test_another_shopper_keeps_every_row_and_byte(house: House) -> None:
    number = house.visit(MONA)
    before = house.rows("audit")
    files = {file: file.read_bytes() for file in house.folder.rglob("*") if file.is_file() and "tracker" not in file.name}
    events = house.trackers.of(senders(house, conversations(house)))
    house.privacy(ErasedComplaints.DELETE).erase(house.visit(NORA), house.huda)
    house.clock.turn(hours=2)
    house.privacy().sweep()
    after = house.rows("audit")
    of_indexes = [name for name in before if name.startswith(("message_search_", "complaint_search_"))]
    assert {name: rows for name, rows in after.items() if name not in of_indexes} == {
        name: rows for name, rows in before.items() if name not in of_indexes
    }
    assert {file: file.read_bytes() for file in files} == files
    assert house.trackers.of(senders(house, conversations(house))) == events
    assert [line.number for line in found_by_words(house, MONA.marker)] == [number]
    assert len(events) == 1


def senders(house: House, known: list[str]) -> list[str]:
    with house.store.read() as work:
        return work.privacy.senders(known)


def found_by_words(house: House, words: str) -> list[Any]:
    with house.store.read() as work:
        return work.lists.complaints(ComplaintFilter(text=words), house.clock(), None, 10)


@pytest.mark.parametrize("mine", [1, 3])
@pytest.mark.parametrize("theirs", [0, 1, 3])
def test_what_others_have_said_too_stays_however_often_each_has_said_it(house: House, mine: int, theirs: int) -> None:
    """A conversation counts once: the number of messages says nothing of who else has said it."""
    hers, his = (house.chat.open("widget").conversation_id for _ in range(2))
    for conversation, times in ((hers, mine), (his, theirs)):
        for number in range(times):
            message, _ = house.chat.receive(conversation, Incoming(f"client-{number}", SHARED))
            with house.store.write() as work:
                note(work, message, a_reading())
                work.commit()
    house.privacy().erase(hers, house.huda)
    left = [(one.text, one.count) for one in house.inbox.page(InboxFilter())[0]]
    assert left == ([(SHARED, 1)] if theirs else [])


def test_what_statistics_need_of_a_complaint_stays(house: House) -> None:
    number = house.visit(NORA)
    filed = house.complaints.show(number)
    secret = filed.file_secret
    held = house.privacy().erase(number, house.huda)
    assert held.open_complaints == [number]
    kept = house.complaints.show(number)
    record = record_of(kept)
    stays = ("kind", "amount", "remedy", "level", "created_at", "due_at", "first_answered_at")
    assert {name: record[name] for name in stays} == {name: record_of(filed)[name] for name in stays}
    assert (kept.status, kept.description, kept.contact, kept.order_number) == (
        Status.WITHDRAWN,
        "(حُذف بطلب صاحبه)",
        None,
        None,
    )
    assert (kept.closed_at, kept.next_mark_at, kept.contacts) == (house.clock(), None, [])
    assert kept.file_secret != secret
    said = [house.words.sentence(entry) for entry in kept.timeline]
    assert said[-1] == "سُحبت الشكوى"
    assert "أُضيف إلى الشكوى: (حُذف بطلب صاحبه)" in said
    with house.store.read() as work:
        shell = work.conversations.get(kept.conversation_id)
    assert shell is not None
    assert (shell.channel, shell.known, shell.customer) == (ERASED, {}, None)


@pytest.mark.parametrize("named_by", ["conversation", "number", "telephone", "as she types it", "address"])
def test_a_shopper_is_found_by_conversation_complaint_or_contact(house: House, named_by: str) -> None:
    house.visit(MONA)
    number = house.visit(NORA)
    names = {
        "conversation": of_her(house, NORA), "number": number.replace("-", " ").lower(), "telephone": NORA.phone,
        "as she types it": "٠٥٥ ١٢٣ ٤٥٠٩", "address": NORA.email.upper(),
    }  # fmt: skip
    held = house.privacy().find(names[named_by])
    assert len(held.conversations) == 2  # also where she proved on another day that the complaint is hers
    assert held.complaints == [number]
    assert (held.counts["message"] > 8, held.counts["evidence_file"], held.counts["utterance"]) == (True, 2, 1)
    house.privacy().erase(names[named_by], house.huda)
    assert house.places_of(*NORA.traces) == []
    assert house.places_of(MONA.marker) != []


def test_who_only_types_anothers_contact_gets_nothing_of_theirs(house: House) -> None:
    house.visit(NORA)
    stranger = house.chat.open("widget").conversation_id
    draft = house.drafts.open(stranger, None)
    house.drafts.record(draft.id, [Given("contact", NORA.email, NORA.email)], [], {}, None)
    assert house.privacy().find(stranger).conversations == [stranger]


def test_all_conversations_the_shop_has_signed_for_one_customer_are_hers(house: House) -> None:
    house.visit(NORA)
    later = house.chat.open("widget").conversation_id
    house.chat.get_to_know(later, {"customer": NORA.customer})
    assert later in house.privacy().find(of_her(house, NORA)).conversations


@pytest.mark.parametrize(
    "subject", ["", "0" * 32, "SH-00000-00000-0000", "nobody@example.com", "'; DROP TABLE message", "٠٥٠"]
)
def test_of_an_unknown_subject_nothing_is_erased(house: House, subject: str) -> None:
    house.visit(NORA)
    before = house.rows()
    with pytest.raises(SubjectUnknown, match="nothing is stored"):
        house.privacy().erase(subject, house.huda)
    assert house.rows() == before


def test_erasing_is_for_those_who_may(house: House) -> None:
    number = house.visit(NORA)
    for act in (house.privacy().erase, house.privacy().export):
        with pytest.raises(Forbidden):
            act(number, house.sara)
    assert house.complaints.show(number).contact == NORA.email


def test_once_erased_a_shopper_is_unknown_and_her_session_is_over(house: House) -> None:
    number = house.visit(NORA)
    session = house.chat.open("widget")
    house.chat.get_to_know(session.conversation_id, {"customer": NORA.customer})
    house.privacy().erase(number, "command line")
    for subject in (number, NORA.email, session.conversation_id):
        with pytest.raises(SubjectUnknown):
            house.privacy().erase(subject, "command line")
    with pytest.raises(SessionUnknown):
        house.chat.access(session.token)
    with pytest.raises(SessionUnknown):
        house.chat.receive(session.conversation_id, Incoming("a-new-message", "هل من أحد"))


def test_the_audit_keeps_who_erased_whom_by_id_alone(house: House) -> None:
    number = house.visit(NORA)
    held = house.privacy().erase(number, house.huda)
    lines = [line for line in house.audit.page().lines if line.action is Action.ERASED]
    assert {line.subject for line in lines} == set(held.conversations)
    assert {(line.by, line.user_id, str(line.details)) for line in lines} == {("huda", house.huda.id, "{}")}


# ------------------------------------------------------------------ what a crash leaves


def test_an_erasure_that_fails_has_erased_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = house.visit(NORA)
    before = house.rows()
    with monkeypatch.context() as patched:
        patched.setattr("bot.services.privacy.write", broken)
        with pytest.raises(OSError, match="pulled"):
            house.privacy().erase(number, house.huda)
    assert house.rows() == before
    assert len([file for file in (house.folder / "evidence").rglob("*") if file.is_file()]) == 2


def broken(*_: Any, **__: Any) -> None:
    raise OSError("the plug was pulled")


def test_what_a_crash_leaves_behind_the_next_run_sweeps_up(house: House) -> None:
    number = house.visit(NORA)
    cut_off = house.privacy(file_of=broken, forget_trackers=broken, forget_sentences=broken, tidy_index=broken)
    with pytest.raises(OSError, match="pulled"):
        cut_off.erase(number, house.huda)
    assert {Path(place).name for place in house.places_of(NORA.marker)} >= {"tracker.db", "late_delivery.yml"}
    with pytest.raises(SubjectUnknown):  # nothing is stored any more, and what was left is swept up on the way
        house.privacy().erase(number, house.huda)
    assert house.places_of(*NORA.traces) == []


def a_talk(house: House, *texts: str) -> str:
    talk = Talk(house.chat, house.store, house.clock, house.words, FakeEngine())
    for text in texts:
        talk.ask(text)
    return talk.id


def test_a_sentence_that_an_erased_shopper_has_repeated_stays_for_whoever_else_has_said_it(house: House) -> None:
    """It was counted once for each conversation, and more often than that in messages."""
    hers, anothers = a_talk(house, SHARED, SHARED, SHARED), a_talk(house, SHARED)
    house.privacy().erase(hers, house.huda)
    assert [(one.text, one.count) for one in house.inbox.page(InboxFilter(state=None))[0]] == [(SHARED, 1)]
    house.privacy().erase(anothers, house.huda)
    assert house.inbox.page(InboxFilter(state=None))[0] == []


def test_no_number_of_what_was_erased_is_given_again(house: House) -> None:
    """A receiver of events would take the next one for one it has had, and streams would not see a message as new."""
    numbered = (tables.turn, tables.message, tables.outbox)
    number = house.visit(NORA)
    with house.store.engine.connect() as connection:
        before = {table.name: set(connection.scalars(sa.select(table.c.id))) for table in numbered}
    house.privacy(ErasedComplaints.DELETE).erase(number, house.huda)
    house.visit(MONA)
    with house.store.engine.connect() as connection:
        after = {table.name: set(connection.scalars(sa.select(table.c.id))) for table in numbered}
    assert all(before.values())
    assert all(min(after[name]) > max(before[name]) for name in before)


def test_what_rasa_writes_after_an_erasure_is_swept_up_within_the_hour(house: House) -> None:
    house.visit(NORA)
    conversation = of_her(house, NORA)
    [sender] = senders(house, [conversation])
    house.privacy().erase(conversation, house.huda)
    engine = sa.create_engine(f"sqlite:///{house.folder / 'tracker.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO events (sender_id, data) VALUES (:it, '{}')"), {"it": sender})
    engine.dispose()
    house.clock.turn(minutes=61)
    assert house.privacy().sweep() > 0
    assert house.trackers.of([sender]) == []
    assert house.privacy().sweep() == 0
    with house.store.read() as work:
        assert work.privacy.unswept() == []


# ------------------------------------------------------------------ utterances and training data


def test_what_others_say_too_stays_trained_and_is_counted_less(house: House) -> None:
    house.visit(MONA)
    house.visit(NORA)
    house.privacy().erase(NORA.email, house.huda)
    kept = {one.text: one for one in house.inbox.page(InboxFilter(state=None))[0]}
    assert set(kept) == {MONA.sentence, SHARED}
    assert (kept[SHARED].count, kept[SHARED].label) == (1, "late_delivery")
    trained = (house.folder / "project/data/nlu/accepted/late_delivery.yml").read_text("utf-8")
    assert SHARED in trained
    assert MONA.marker in trained
    assert NORA.marker not in trained


def test_a_sentence_that_was_imported_too_stays(house: House) -> None:
    with house.store.write() as work:
        work.labels.bring([Utterance(SHARED, SHARED, "late_delivery", 0.9, "m", house.clock(), house.clock())])
        work.commit()
    house.visit(NORA)
    house.privacy().erase(NORA.email, house.huda)
    assert [(one.text, one.count) for one in house.inbox.page(InboxFilter(state=None))[0]] == [(SHARED, 1)]


def test_erasing_writes_no_label_that_was_not_written_before(house: House) -> None:
    house.visit(NORA)
    file = house.folder / "project/data/nlu/accepted/late_delivery.yml"
    file.unlink()
    house.privacy().erase(NORA.email, house.huda)
    assert not file.exists()


# ------------------------------------------------------------------ handing out


def test_the_export_holds_everything_readable_with_the_files_and_no_key(house: House) -> None:
    house.visit(MONA)
    number = house.visit(NORA)
    secrets = [house.complaints.show(number).file_secret, *senders(house, house.privacy().find(number).conversations)]
    packed = zipfile.ZipFile(io.BytesIO(house.privacy().export(number, house.huda)))
    text = packed.read("data.json").decode("utf-8")
    data = json.loads(text)
    assert {"message", "complaint", "complaint_entry", "request", "note", "letter", "evidence_file", "reading"} <= set(data)
    assert all(trace in text for trace in NORA.traces)
    assert not any(trace in text for trace in MONA.traces)
    assert not any(secret in json.dumps(data | {"letter": []}) for secret in secrets)  # a letter has its link to the file
    assert data["rasa_events"] == [{"event": "user", "text": NORA.sentence}]
    assert [line["number"] for line in data["complaint"]] == [number]
    files = [name for name in packed.namelist() if name.startswith("files/")]
    assert len(files) == 2
    assert all(packed.read(name) for name in files)
    assert house.audit.page(by="huda").lines[0].action is Action.EXPORTED


# ------------------------------------------------------------------ too old


def test_what_is_over_and_too_old_is_deleted_and_nothing_else(house: House) -> None:
    old = house.visit(NORA)
    house.desk.move(old, Status.CLOSED, "shop", None)
    silent = house.chat.open("widget").conversation_id
    still_open = house.visit(MONA)
    house.clock.turn(days=366)
    young = house.chat.open("widget").conversation_id
    house.chat.receive(young, Incoming("a-new-message", "طلبي تأخر"))
    privacy = house.privacy()
    told: list[tuple[int, int]] = []
    assert privacy.purge("worker", dry_run=True) == 3
    assert silent in conversations(house)
    assert privacy.purge("worker", done=lambda *through: told.append(through)) == 3  # with the one where she proved it
    assert house.places_of(*NORA.traces) == []
    assert told == [(3, 3)]
    assert privacy.find(still_open).complaints == [still_open]
    assert young in conversations(house)
    assert silent not in conversations(house)
    assert house.complaints.show(old).status is Status.CLOSED
    [line] = [line for line in house.audit.page().lines if line.action is Action.PURGED]
    assert (line.by, line.details) == ("worker", {"days": 365, "conversations": 3})


def test_a_day_before_its_time_a_conversation_stays(house: House) -> None:
    conversation = house.chat.open("widget").conversation_id
    house.clock.turn(days=300)
    house.chat.receive(conversation, Incoming("a-new-message", "طلبي تأخر"))
    house.clock.turn(days=365, seconds=-1)
    assert house.privacy().purge("worker") == 0
    house.clock.turn(seconds=2)
    assert house.privacy().purge("worker") == 1
    assert conversations(house) == []


def test_many_go_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.privacy.BATCH", 3)
    for _ in range(7):
        house.chat.open("widget")
    house.clock.turn(days=31)
    told: list[tuple[int, int]] = []
    assert house.privacy().purge("worker", 30, done=lambda *through: told.append(through)) == 7
    assert told == [(3, 7), (6, 7), (7, 7)]


def test_letters_and_events_that_are_long_done_go_and_what_waits_stays(house: House) -> None:
    house.visit(NORA)
    house.clock.turn(days=400)
    before = house.rows()
    house.privacy().purge("worker")
    after = house.rows()
    assert (len(before["outbox"]) > 5, after["outbox"]) == (True, [])
    assert len(after["letter"]) == len(before["letter"]) > 0  # no mail server was there: they wait


def test_where_everything_is_kept_nothing_is_purged(house: House) -> None:
    house.chat.open("widget")
    house.clock.turn(days=4000)
    with pytest.raises(NotAllowed, match="SHAKWA_RETENTION_DAYS is 0"):
        house.privacy(days=0).purge("worker")
    assert house.privacy(days=0).purge("command line", 30) == 1


def test_every_kind_of_rest_is_swept(house: House) -> None:
    house.visit(NORA)
    cut_off = house.privacy(file_of=broken)
    with pytest.raises(OSError, match="pulled"):
        cut_off.erase(NORA.email, house.huda)
    with house.store.read() as work:
        assert {kind for kind, _, _ in work.privacy.unswept()} == set(Rest)
