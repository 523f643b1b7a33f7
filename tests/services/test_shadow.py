"""A candidate that reads along: what it reads is kept and compared, and whatever it does, no turn notices."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.domain.errors import ShakwaError
from bot.domain.shadow import Guess, Pair, agreement, latency
from bot.services.chat import Chat
from bot.services.shadow import AT_ONCE, TRIES, Follower, Shadow
from bot.services.words import Words
from bot.store import drift_tables, label_tables, tables
from bot.store.shadow import WINDOW
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, an_answer
from tests.conftest import Clock


class Broken(ShakwaError):
    """What the reader failed with."""


class FakeReader:
    """Reads everything as told, and fails on texts with a word."""

    def __init__(self, model: str, stage: "Stage") -> None:
        self.model, self.stage, self.closed = model, stage, False

    def read(self, text: str) -> Guess:
        self.stage.before_reading()
        if self.closed or "يكسر" in text:
            raise Broken(text)
        self.stage.texts.append((self.model, text))
        return Guess(self.stage.intent, 0.8, 5.0)

    def close(self) -> None:
        self.closed = True


class Stage:
    """The candidate of the moment and the readers that were opened."""

    def __init__(self) -> None:
        self.candidate: str | None = "new.tar.gz"
        self.intent = "late_delivery"
        self.readers: list[FakeReader] = []
        self.texts: list[tuple[str, str]] = []
        self.before_reading: Callable[[], object] = lambda: None

    def open(self, model: str) -> FakeReader:
        self.readers.append(FakeReader(model, self))
        return self.readers[-1]

    @property
    def running(self) -> list[str]:
        return [one.model for one in self.readers if not one.closed]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def shadow(store: Store, clock: Clock, stage: Stage) -> Shadow:
    return Shadow(store, clock, lambda: stage.candidate)


@pytest.fixture
def follower(store: Store, clock: Clock, stage: Stage) -> Follower:
    return Follower(store, clock, lambda: stage.candidate, stage.open)


@pytest.fixture
def said(chat: Chat, store: Store, clock: Clock, words: Words) -> Callable[..., Talk]:
    def say(text: str, intent: str = "late_delivery") -> Talk:
        answer = an_answer("أبشر")
        read = replace(answer, reading=replace(answer.reading, intent=intent))
        talk = Talk(chat, store, clock, words, FakeEngine(read))
        talk.ask(text)
        return talk

    return say


Said = Callable[..., Talk]


def test_from_the_switch_on_each_message_is_read_once(shadow: Shadow, follower: Follower, said: Said, stage: Stage) -> None:
    said("قبل أن يبدأ")
    assert (follower.go_round(), stage.readers) == (0, [])
    shadow.turn(True, "noor")
    assert (follower.go_round(), stage.readers) == (0, [])  # nothing to read: nothing is loaded
    said("وين طلبي")
    said("طلبي تأخر")
    assert [follower.go_round(), follower.go_round()] == [2, 0]
    assert stage.texts == [("new.tar.gz", "وين طلبي"), ("new.tar.gz", "طلبي تأخر")]
    assert len(stage.readers) == 1
    shadow.turn(False, "noor")
    said("بعد أن انتهى")
    assert (follower.go_round(), stage.running) == (0, [])
    assert shadow.show()["read"] == 2


def test_the_switch_says_who_and_when_and_turning_it_again_changes_nothing(shadow: Shadow, clock: Clock) -> None:
    first = shadow.turn(True, "noor")
    clock.turn(hours=1)
    assert shadow.turn(True, "ali") == first
    told = shadow.show()
    assert (told["is_on"], told["by"], told["at"], told["candidate"]) == (True, "noor", first.at, "new.tar.gz")
    assert (told["read"], told["share"], told["ms_p50"]) == (0, None, None)


def test_what_is_read_otherwise_is_shown_with_its_utterance(
    shadow: Shadow, follower: Follower, said: Said, store: Store
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    said("طلبي غلط", "wrong_item")
    said("طلبي غلط", "wrong_item")
    follower.go_round()
    told = shadow.show()
    assert (told["read"], told["agreed"], told["share"]) == (3, 1, 0.3333)
    assert told["pairs"] == [["wrong_item", "late_delivery", 2]]
    assert told["intents"][0] == {"name": "wrong_item", "read": 2, "agreed": 0}
    assert [(one["text"], one["live"], one["shadow"]) for one in told["differences"]] == [
        ("طلبي غلط", "wrong_item", "late_delivery")
    ] * 2
    with store.read() as work:
        assert work.labels.newest(1)[0] == (told["differences"][0]["utterance_id"], "طلبي غلط")
    assert (told["ms_p50"], told["ms_p95"]) == (5.0, 5.0)


def test_a_tapped_button_and_what_the_live_model_has_not_read_are_left_alone(
    shadow: Shadow, follower: Follower, said: Said, store: Store, chat: Chat, clock: Clock, words: Words
) -> None:
    shadow.turn(True, "noor")
    said("نعم")
    with store.engine.begin() as connection:
        connection.execute(sa.update(tables.message).where(tables.message.c.sender == "shopper").values(payload="/affirm"))
    Talk(chat, store, clock, words, FakeEngine()).say("لم يُقرأ بعد")
    assert follower.go_round() == 0


def test_a_turn_that_ends_late_is_read_all_the_same(
    shadow: Shadow, follower: Follower, said: Said, stage: Stage, chat: Chat, store: Store, clock: Clock, words: Words
) -> None:
    shadow.turn(True, "noor")
    late = Talk(chat, store, clock, words, FakeEngine())
    late.say("قيلت أولًا")
    said("قيلت ثانيًا")
    follower.go_round()
    late.run()
    follower.go_round()
    assert [text for _, text in stage.texts] == ["قيلت ثانيًا", "قيلت أولًا"]


def test_a_reader_that_fails_is_replaced_and_the_text_it_failed_on_left_out_at_last(
    shadow: Shadow, follower: Follower, said: Said, stage: Stage
) -> None:
    shadow.turn(True, "noor")
    for text in ("وين طلبي", "هذا يكسر", "طلبي تأخر"):
        said(text)
    assert follower.go_round() == 1
    for _ in range(TRIES - 1):
        with pytest.raises(Broken):
            follower.go_round()
    assert [follower.go_round(), follower.go_round()] == [1, 0]
    assert [text for _, text in stage.texts] == ["وين طلبي", "طلبي تأخر"]
    assert len(stage.readers) == 1 + TRIES
    assert stage.running == ["new.tar.gz"]


def test_a_killed_reader_is_started_anew_and_nothing_is_lost(
    shadow: Shadow, follower: Follower, said: Said, stage: Stage
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    follower.go_round()
    stage.readers[0].closed = True
    said("طلبي تأخر")
    with pytest.raises(Broken):
        follower.go_round()
    assert follower.go_round() == 1
    assert shadow.show()["read"] == 2


def test_promoted_while_it_reads_its_readings_are_dropped_and_its_process_ends(
    shadow: Shadow, follower: Follower, said: Said, stage: Stage
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    stage.before_reading = lambda: setattr(stage, "candidate", None)
    assert follower.go_round() == 0
    assert follower.go_round() == 0
    assert stage.running == []
    assert (shadow.show()["is_on"], shadow.show()["read"]) == (True, 0)


def test_a_new_candidate_is_taken_up_and_begins_with_the_last_messages(
    shadow: Shadow, follower: Follower, said: Said, stage: Stage
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    follower.go_round()
    stage.candidate = "newer.tar.gz"
    said("طلبي تأخر")
    assert follower.go_round() == 2
    assert stage.running == ["newer.tar.gz"]
    assert [text for model, text in stage.texts if model == "newer.tar.gz"] == ["وين طلبي", "طلبي تأخر"]
    assert shadow.show()["model"] == "newer.tar.gz"
    stage.candidate = None
    assert (shadow.show()["model"], shadow.show()["candidate"]) == ("newer.tar.gz", None)


def test_no_more_at_once_than_so_many_and_no_further_back_than_the_window(
    shadow: Shadow, follower: Follower, said: Said, store: Store
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    with store.engine.begin() as connection:
        [message] = connection.execute(sa.select(tables.message).where(tables.message.c.seq == 1)).mappings()
        [reading] = connection.execute(sa.select(tables.reading)).mappings()
        more = [dict(message) | {"id": 10_000 + n, "seq": 100 + n, "client_id": None} for n in range(WINDOW + 100)]
        connection.execute(sa.insert(tables.message), more)
        connection.execute(sa.insert(tables.reading), [dict(reading) | {"message_id": one["id"]} for one in more])
    assert follower.go_round() == AT_ONCE
    with store.read() as work:
        newest = more[-1]["id"]
        assert work.shadow.unread("new.tar.gz", newest - 10, 99)[0][0] == newest - 9
    with store.write() as work:
        work.shadow.keep("old.tar.gz", {newest: Guess("greet", 0.9, 1.0)}, message["created_at"])
        work.commit()
    with store.read() as work:
        assert work.shadow.unread("new.tar.gz", 0, 1)[0][0] == newest - WINDOW + 1


def test_what_was_read_goes_with_its_message(shadow: Shadow, follower: Follower, said: Said, store: Store) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    follower.go_round()
    with store.engine.begin() as connection:
        for table in (label_tables.seen, tables.reading, tables.message):
            connection.execute(sa.delete(table))
        assert connection.scalar(sa.select(sa.func.count()).select_from(drift_tables.shadow_reading)) == 0


def test_a_message_that_was_deleted_while_it_was_read_spoils_nothing(
    shadow: Shadow, follower: Follower, said: Said, store: Store, stage: Stage
) -> None:
    shadow.turn(True, "noor")
    said("وين طلبي")
    said("طلبي تأخر")

    def delete() -> None:
        with store.engine.begin() as connection:
            first = sa.select(sa.func.min(tables.reading.c.message_id)).scalar_subquery()
            message = connection.scalar(sa.select(first))
            for table, column in ((label_tables.seen, "message_id"), (tables.reading, "message_id"), (tables.message, "id")):
                connection.execute(sa.delete(table).where(table.c[column] == message))
        stage.before_reading = lambda: None

    stage.before_reading = delete
    follower.go_round()
    assert shadow.show()["read"] == 1


def test_nothing_read_is_no_agreement() -> None:
    assert agreement([])["share"] is None
    assert agreement([Pair("a", "a", 3), Pair("a", "b", 1)])["share"] == 0.75
    assert latency([1.0, 2.0, 3.0]) == {"ms_p50": 2.0, "ms_p95": 2.9}
