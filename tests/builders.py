"""Builders and stand-ins that many tests share: an engine that answers as told, a conversation that gets one turn."""

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.domain.conversation import Button, DecidingWord, Message, Reading, Reply, Sender
from bot.domain.turn import Answer, Job
from bot.services.chat import Chat, Incoming
from bot.services.ports import Store
from bot.services.turns import Turns
from bot.services.words import Words

PATIENCE_SECONDS = 60
"""How long a test waits for another thread or process before it fails."""


def a_reading(intent: str = "late_delivery") -> Reading:
    ranking = [{"name": intent, "confidence": 0.91}, {"name": "not_received", "confidence": 0.05}]
    entities = [{"entity": "product", "value": "غسالة", "start": 5, "end": 10}]
    return Reading(intent, 0.91, ranking, entities, "shakwa-20261122-120000.tar.gz", "inform")


def a_reply(text: str = "أبشر", *buttons: Button, **custom: Any) -> Reply:
    return Reply(text, buttons, custom)


def an_answer(*replies: Reply | str) -> Answer:
    return Answer([a_reply(reply) if isinstance(reply, str) else reply for reply in replies], a_reading())


class FakeEngine:
    """Gives the outcomes it was told in order, raising those that are errors; then it repeats what was said."""

    def __init__(self, *outcomes: Answer | Exception) -> None:
        self.outcomes = list(outcomes)
        self.jobs: list[Job] = []
        self.parsed: list[str] = []
        self.broken: Exception | None = None
        """Raised for every message while it is set."""
        self.open = threading.Event()
        """No answer is given while this is cleared."""
        self.open.set()

    async def answer(self, job: Job) -> Answer:
        self.jobs.append(job)
        if not self.open.is_set():
            assert await asyncio.to_thread(self.open.wait, PATIENCE_SECONDS)
        outcome = self.outcomes.pop(0) if self.outcomes else self.broken or an_answer(f"رد على: {job.text}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def parse(self, text: str) -> Reading:
        self.parsed.append(text)
        if self.broken is not None:
            raise self.broken
        return a_reading()

    async def why(self, text: str) -> list[DecidingWord]:
        if self.broken is not None:
            raise self.broken
        words = text.split()
        return [DecidingWord(word, 1 / len(words)) for word in words]

    async def aclose(self) -> None: ...


class Nobody:
    """Listeners where nobody listens."""

    def wake(self, conversation_id: str) -> None: ...
    def typing(self, conversation_id: str, on: bool) -> None: ...


class Talk:
    """One shopper's conversation and the bot's turns in it, run by hand."""

    def __init__(self, chat: Chat, store: Store, clock: Callable[[], Any], words: Words, engine: FakeEngine) -> None:
        self.chat, self.engine = chat, engine
        self.turns = Turns(store, clock, engine, Nobody(), words)
        self.id = chat.open("widget").conversation_id

    def say(self, text: str | None = None, choice: str | None = None) -> Message:
        return self.chat.receive(self.id, Incoming(uuid.uuid4().hex, text, choice))[0]

    def run(self) -> None:
        asyncio.run(self.turns.run(self.id))

    def ask(self, text: str | None = None, choice: str | None = None) -> list[Message]:
        """Say something, run what is pending and return what the shopper was answered."""
        said = self.say(text, choice)
        self.run()
        return [message for message in self.chat.history(self.id, said.seq) if message.sender is not Sender.SHOPPER]

    def texts(self, *senders: Sender) -> list[str]:
        return [message.text for message in self.chat.history(self.id) if not senders or message.sender in senders]


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)` … `work(count - 1)` in threads that start together; return results and errors in that order."""
    outcomes: list[Any] = [None] * count
    start = threading.Barrier(count)

    def one(number: int) -> None:
        start.wait(PATIENCE_SECONDS)
        try:
            outcomes[number] = work(number)
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS * 2)
    return outcomes


def errors_in(outcomes: list[Any]) -> list[Exception]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def wait_for(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail where it never does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.01)


@contextmanager
def noted(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent to a database meanwhile, each with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
        sent.append((statement, given))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def plan_of(engine: sa.Engine, statement: str, given: Any) -> list[str]:
    """Return the steps in which SQLite would answer a statement."""
    with engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]


class Log:
    """A logger that only notes the events it is told."""

    def __init__(self, said: list[str]) -> None:
        self.said = said

    def info(self, event: str, **_: Any) -> None:
        self.said.append(event)

    warning = info
