"""A random walk of shoppers, two gateways, an agent and a worker over one store, with faults in between.

Where there is a Redis, both gateways' streams are read beside it, and it comes and goes.

Everything that is left to chance comes from one seed. A killed process loses what it held in memory and nothing else:
at a place the walk has picked, `Killed` is raised through everything, and whatever was open is given up.
"""

import asyncio
import random
import resource
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot import failpoints
from bot.domain.conversation import Message
from bot.domain.errors import ClientIdReused, EngineDown, EngineFailed, NotFound, ShakwaError, StaleTurn
from bot.domain.privacy import ErasedComplaints
from bot.domain.shop import Shop
from bot.domain.turn import Answer, Job
from bot.services.chat import Chat, Incoming
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts
from bot.services.outbox import Outbox
from bot.services.replies import Replies
from bot.services.takeover import Takeover
from bot.services.turns import Turns
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import Nobody, at_once, wait_for
from tests.chaos.erasure import BY, Erased, left_of, privacy_over, sweep_up
from tests.chaos.form import ASKED, CHAT, YES, Form
from tests.chaos.promises import problems_in
from tests.chaos.streams import MAY_WAIT, Stream, Streams
from tests.conftest import Clock
from tests.services.staff import a_user, users_of
from tests.system.auditor import Problems
from tests.system.running import Acknowledged

AWAY = {"_lock": "database locked", "_fill": "disk full"}
"""Fault → what is counted where it made the store refuse."""
FIRED = {"_die": "killed at", "_end_connections": "database gone at"}


class Killed(BaseException):
    """The process has ended here."""


@dataclass
class Shopper:
    id: str
    name: str
    sender_key: str = ""
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """What is not acknowledged yet: (client_id, text)."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    seen: list[tuple[int, str]] = field(default_factory=list)
    """What the stream has brought: (number, text)."""
    asked: str = ""
    answered: bool = True
    """Whether anything was answered since the last word."""
    runs: int = 0
    said: int = 0
    stream: Stream | None = None
    erasing: bool = False
    """Whether an erasure was begun that may have come to its end."""


class Walk:
    def __init__(self, store: Store, shop: Shop, words: Words, seed: int, streams: Streams | None = None) -> None:
        self.store, self.draw, self.clock = store, random.Random(seed), Clock()
        self.chat = Chat(store, self.clock, "a secret of the tests")
        self.form = Form(Drafts(store, self.clock), Complaints(store, self.clock, shop))
        kept = ErasedComplaints.DELETE if seed % 3 == 0 else ErasedComplaints.ANONYMISE
        self.privacy = privacy_over(store, self.clock, shop, self.form, kept)
        self.gateways = [Turns(store, self.clock, self.form, Nobody(), words) for _ in range(2)]
        self.agents = Takeover(store, self.clock, words)
        self.replies = Replies(store, self.clock, shop, words)
        self.agent = a_user(users_of(store, self.clock))
        self.outbox, self.received = Outbox(store, self.clock), dict[int, dict[str, Any]]()
        self.streams, self._seed, self._opened = streams, seed, 0
        self.shoppers = [self._a_shopper() for _ in range(1 + seed % 2)]
        self.erased: list[Erased] = []
        self.jobs: list[tuple[Turns, Job, Answer | None]] = []
        """Turns that gateways hold in memory, with what the engine brought."""
        self.acknowledged: list[Acknowledged] = []
        self.faults: Counter[str] = Counter()
        self.problems: Problems = []
        self.moves: list[str] = []
        self.redis_is = "there"
        self._sqlite = store.engine.dialect.name == "sqlite"

    def _a_shopper(self) -> Shopper:
        self._opened += 1
        shopper = Shopper(self.chat.open("widget").conversation_id, f"shopper{self._seed}x{self._opened}")
        with self.store.read() as work:
            conversation = work.conversations.get(shopper.id)
        assert conversation is not None
        shopper.sender_key = conversation.sender_key
        if self.streams:
            shopper.stream = self.streams.open(self._opened % 2, shopper.id)
        return shopper

    # ------------------------------------------------------------------ the walk

    def go(self, steps: int) -> Problems:
        """Take so many steps, looking after each fault, then let everything heal; return the first problems seen."""
        for _ in range(steps):
            faults = self.faults.total()
            self._step()
            if self.faults.total() > faults and self._check():
                break
        if not self.problems:
            self.heal()
        return self.problems

    def _step(self) -> None:
        often: list[Callable[[], None]] = [self._speak, self._work, self._work]
        now_and_then = [
            self._claim,
            self._ask,
            self._finish,
            self._deliver,
            self._publish,
            self._read,
            self._agent_does,
            self._send_again,
            self._two_at_once,
            self._erase,
            self._redis_comes_or_goes,
        ]
        move = self.draw.choice(often * 4 + now_and_then)
        self.moves.append(move.__name__)
        self.clock.turn(seconds=self.draw.randrange(10))
        with self._fault():
            move()
        self._settle_erasures()

    def heal(self) -> None:
        """End every fault, let every pause pass, and see that nothing was lost."""
        if self.streams:
            self.streams.bring_redis_back()
        for shopper in self.shoppers:
            with suppress(ShakwaError):
                self.agents.hand_back(shopper.id, self.agent)
        for _ in range(12):
            self.clock.turn(minutes=2)
            for shopper in self.shoppers:
                self._deliver_all(shopper)
                asyncio.run(self.draw.choice(self.gateways).run(shopper.id))
        self.outbox.publish(self._receive)
        for shopper in self.shoppers:
            self._catch_up(shopper)
        self.problems += sweep_up(self.privacy, self.clock, self.store)
        self._check()
        self.problems += [*self._unsettled(), *left_of(self.store, self.form, self.erased), *self._unheard()]

    def _check(self) -> Problems:
        self.problems += [*problems_in(self.store.engine, self.acknowledged, self._now_for_events()), *self._misread()]
        return self.problems

    def _now_for_events(self) -> Any:
        """While the worker may be dead an event may wait; `_unsettled` sees to the end."""
        return self.clock() - timedelta(days=400)

    def filed(self) -> set[str]:
        """Return the numbers of all complaints of which the worker has told, also of those that were erased since."""
        return {payload["number"] for payload in self.received.values() if payload["topic"] == "complaint.filed"}

    # ------------------------------------------------------------------ moves

    def _speak(self) -> None:
        shopper = self.draw.choice(self.shoppers)
        self._catch_up(shopper)
        if shopper.answered or self.draw.random() < 0.1:
            shopper.said += 1
            shopper.answered = False
            shopper.waiting.append((f"client-{shopper.name}-{shopper.said}", self._answer(shopper)))
        self._deliver()

    def _answer(self, shopper: Shopper) -> str:
        if self.draw.random() < 0.1:
            return CHAT
        if self.draw.random() < 0.1:
            return f"contact=edited{shopper.said}@example.com"
        if shopper.asked == "confirmed":
            return YES
        if shopper.asked in ASKED and shopper.asked != "order_number":
            return f"{shopper.asked}={ASKED[shopper.asked]}"
        shopper.runs += 1
        return f"order_number={shopper.name}-{shopper.runs}"

    def _deliver(self) -> None:
        """Bring what a shopper holds; now and then the acknowledgement is lost, and all of it comes again."""
        shopper = self.draw.choice(self.shoppers)
        if shopper.waiting:
            client_id, text = shopper.waiting[0]
            self._let_in(shopper)
            kept = self.chat.keep(shopper.id, Incoming(client_id, text), claims=self.draw.random() < 0.5)
            if kept.job:
                self.jobs.append((self.draw.choice(self.gateways), kept.job, None))
            self._wake(shopper.id)
            if self._chance("acknowledgement lost"):
                return
            self._acknowledge(shopper, kept.message)

    def _acknowledge(self, shopper: Shopper, message: Message) -> None:
        shopper.sent.append(shopper.waiting.pop(0))
        assert message.client_id is not None
        self.acknowledged.append(Acknowledged(message.client_id, message.text, message.seq))

    def _deliver_all(self, shopper: Shopper) -> None:
        while shopper.waiting:
            self._acknowledge(shopper, self.chat.receive(shopper.id, Incoming(*shopper.waiting[0]))[0])

    def _send_again(self) -> None:
        """An old delivery arrives once more, or an old id comes with another text."""
        shopper = self.draw.choice(self.shoppers)
        if not shopper.sent:
            return
        client_id, text = self.draw.choice(shopper.sent)
        if self._chance("id reused for another text", 0.3):
            with suppress(ClientIdReused):
                self.chat.receive(shopper.id, Incoming(client_id, f"{text} غير"))
                self.problems.append(f"{client_id} was taken for another text")
            return
        self.faults["old delivery again, out of order"] += 1
        _, new = self.chat.receive(shopper.id, Incoming(client_id, text))
        if new:
            self.problems.append(f"{client_id} was taken twice")

    def _work(self) -> None:
        """A gateway takes a turn to its end, where nothing comes between."""
        self._claim()
        self._ask()
        self._finish()

    def _claim(self) -> None:
        gateway, shopper = self.draw.choice(self.gateways), self.draw.choice(self.shoppers)
        if job := gateway.claim(shopper.id):
            self.jobs.append((gateway, job, None))

    def _two_at_once(self) -> None:
        """Both gateways claim at one instant: one of them gets the turn."""
        shopper = self.draw.choice(self.shoppers)
        claimed = at_once(2, lambda number: self.gateways[number].claim(shopper.id))
        jobs = [(self.gateways[number], job, None) for number, job in enumerate(claimed) if isinstance(job, Job)]
        if len(jobs) > 1:
            self.problems.append(f"both gateways hold a turn of {shopper.id}")
        self.faults["two gateways at once"] += bool(jobs)
        self.jobs += jobs

    def _ask(self) -> None:
        asked = [number for number, (_, _, answer) in enumerate(self.jobs) if answer is None]
        if not asked:
            return
        number = self.draw.choice(asked)
        gateway, job, _ = self.jobs.pop(number)  # a kill loses it
        if self._chance("gateway gone with its turn", 0.05):
            return
        try:
            answer = self.form.take(job)
        except (StaleTurn, NotFound):  # overtaken, or erased meanwhile
            return
        except (EngineDown, EngineFailed) as error:
            self._put_back(gateway, job, error)
            return
        if not self._chance("answer lost", 0.05):
            self.jobs.append((gateway, job, answer))

    def _put_back(self, gateway: Turns, job: Job, error: Exception) -> None:
        with suppress(StaleTurn):
            gateway.put_back(job, reached=isinstance(error, EngineFailed))

    def _finish(self) -> None:
        """A gateway keeps what it has been answered; which comes first is left to chance."""
        done = [number for number, (_, _, answer) in enumerate(self.jobs) if answer is not None]
        if done:
            gateway, job, answer = self.jobs.pop(self.draw.choice(done))
            assert answer is not None
            with suppress(StaleTurn):
                if job.silent:
                    gateway.finish_in_silence(job, answer.reading)
                else:
                    gateway.finish(job, answer)
                self._wake(job.conversation_id)

    def _publish(self) -> None:
        self.outbox.publish(self._receive)

    def _receive(self, topic: str, payload: dict[str, Any]) -> None:
        event = payload | {"topic": topic}
        known = self.received.setdefault(payload["event_id"], event)
        if known != event:
            self.problems.append(f"event {payload['event_id']} came twice, as {known} and as {event}")

    def _agent_does(self) -> None:
        shopper = self.draw.choice(self.shoppers)
        with suppress(ShakwaError):
            match self.draw.randrange(8):
                case 0:
                    self.agents.claim(shopper.id, self.agent)
                case 1 | 2:
                    self.replies.say(shopper.id, self.agent, f"agent-{self.draw.randrange(9)}-{shopper.name}", "تمام")
                case 3 | 4 | 5 | 6:
                    self.agents.hand_back(shopper.id, self.agent)
                case 7:
                    self.agents.close(shopper.id, self.agent)
            self.faults["agent comes or goes"] += 1

    def _read(self) -> None:
        self._catch_up(self.draw.choice(self.shoppers))

    def _catch_up(self, shopper: Shopper) -> None:
        """Come back to the stream with the last number that was seen."""
        last = shopper.seen[-1][0] if shopper.seen else 0
        for message in self.chat.history(shopper.id, last):
            shopper.seen.append((message.seq, message.text))
            shopper.answered = shopper.answered or message.sender in ("bot", "agent")
            shopper.asked = message.custom.get("asks", shopper.asked if message.sender != "bot" else "")

    def _erase(self) -> None:
        """A shopper asks for erasure, in the middle of whatever they were at, and comes back as another."""
        shopper = self.draw.choice(self.shoppers)
        if self.draw.random() < 0.15:
            shopper.erasing = True
            self.privacy.erase(shopper.id, BY)

    def _settle_erasures(self) -> None:
        """See which erasures have come to their end; one that was cut off before has changed nothing."""
        for number, shopper in enumerate(self.shoppers):
            if shopper.erasing and not self._is_there(shopper):
                self.faults["shopper erased"] += 1
                self.erased.append(Erased(shopper.id, shopper.sender_key, shopper.name))
                self.acknowledged = [
                    one for one in self.acknowledged if not one.client_id.startswith(f"client-{shopper.name}-")
                ]
                if self.streams and shopper.stream:
                    self.streams.close(shopper.stream)
                self.shoppers[number] = self._a_shopper()
            shopper.erasing = False

    def _is_there(self, shopper: Shopper) -> bool:
        with self.store.read() as work:
            return work.conversations.get(shopper.id) is not None

    def _wake(self, conversation_id: str) -> None:
        """Tell the streams of a gateway, unless that gateway dies first."""
        if self.streams and not self._chance("signal never sent", 0.1):
            self.streams.wake(self.draw.randrange(2), conversation_id)

    def _let_in(self, shopper: Shopper) -> None:
        if self.streams:
            told, took = self.streams.let_in(shopper.id)
            if told or took > MAY_WAIT:
                self.problems.append(f"{shopper.id} was told to wait {told} s and held up for {took:.1f} s")

    def _redis_comes_or_goes(self) -> None:
        """It stays away for as many steps as it happens to."""
        if self.streams is None:
            return
        if self.redis_is == "there":
            self.redis_is = self.draw.choice(["stopped", "held still", "emptied"])
            self.faults[f"Redis {self.redis_is}"] += 1
            self.streams.take_redis_away(self.redis_is)
        else:
            self.streams.bring_redis_back()
            self.redis_is = "there"

    # ------------------------------------------------------------------ faults

    def _chance(self, fault: str, share: float = 0.15) -> bool:
        happens = self.draw.random() < share
        self.faults[fault] += happens
        return happens

    @contextmanager
    def _fault(self) -> Iterator[None]:
        """Do what is inside under one of the faults, or none; afterwards the fault is over."""
        often, seldom = [self._kill, self._nothing] * 3, [self._lock, self._jump]
        fault = self.draw.choice([*often * 2, *[self._cut, self._fill, self._engine] * 2, *seldom])
        with fault(), suppress(Killed):
            try:
                yield
            except sa.exc.OperationalError:
                if fault != self._cut:  # which was counted at its place
                    self.faults[AWAY[fault.__name__]] += 1
            finally:
                failpoints.arm(None)
                self.form.broken = lambda: None

    @contextmanager
    def _nothing(self) -> Iterator[None]:
        yield

    @contextmanager
    def _kill(self) -> Iterator[None]:
        with self._somewhere(self._die):
            yield

    @contextmanager
    def _cut(self) -> Iterator[None]:
        """The database ends our connections while somebody works."""
        with self._somewhere(self._end_connections):
            yield

    @contextmanager
    def _somewhere(self, do: Callable[[], None]) -> Iterator[None]:
        """Do it at the first place that is passed, or the second, or …"""

        def obey(place: str) -> None:
            if self.draw.random() < 0.5:
                failpoints.arm(None)
                self.moves[-1] += f" {do.__name__} at {place}"
                self.faults[f"{FIRED[do.__name__]} {place}"] += 1
                do()

        failpoints.arm(obey)
        yield

    def _die(self) -> None:
        raise Killed

    def _end_connections(self) -> None:
        if self._sqlite:
            raise sa.exc.OperationalError("", None, sqlite3.OperationalError("disk I/O error"))
        other = sa.create_engine(self.store.engine.url, poolclass=sa.NullPool)
        with other.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = current_setting('application_name') AND pid != pg_backend_pid()"
            )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Somebody else writes, for longer than anybody waits."""
        other = sa.create_engine(self.store.engine.url, poolclass=sa.NullPool)
        with other.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql("LOCK TABLE conversation, turn, outbox IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()

    @contextmanager
    def _fill(self) -> Iterator[None]:
        """No byte more goes to any file of SQLite's; PostgreSQL's are not ours to fill."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        if self._sqlite:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    @contextmanager
    def _engine(self) -> Iterator[None]:
        error = self.draw.choice([EngineDown("away"), EngineDown("slower than the deadline"), EngineFailed("500")])

        def fail() -> Exception:
            self.faults[f"engine: {error}"] += 1
            return error

        self.form.broken = fail
        yield

    @contextmanager
    def _jump(self) -> Iterator[None]:
        """The clock jumps: by seconds, past a lease, by hours, back."""
        self.clock.turn(seconds=self.draw.choice([1, 17, 19, 60, 3_600, 90_000, -5, -3_600]))
        self.faults["clock jumps, leases run out"] += 1
        yield

    # ------------------------------------------------------------------ what only the walk knows

    def _misread(self) -> Problems:
        """Whoever reads sees a beginning of what is stored, in its order, each number once."""
        message = tables.message.c
        problems = []
        for shopper in self.shoppers:
            query = sa.select(message.seq, message.text).filter_by(conversation_id=shopper.id).order_by(message.seq)
            with self.store.engine.connect() as connection:
                stored = [tuple(row) for row in connection.execute(query)]
            if stored[: len(shopper.seen)] != shopper.seen:
                problems.append(f"{shopper.id} has read {shopper.seen} where {stored} is stored")
        return problems

    def _unheard(self) -> Problems:
        """When all is well again every page has read everything, each once, though nobody looks unless woken."""
        if self.streams is None:
            return []
        self.streams.forget_what_was_heard()
        problems = self.streams.ended()
        if not self.streams.hear_one_another():
            problems.append("the gateways do not hear one another again")
        for shopper in self.shoppers:
            stored = [(message.seq, message.text) for message in self.chat.history(shopper.id)]
            assert shopper.stream
            with suppress(AssertionError):
                wait_for(lambda stream=shopper.stream, stored=stored: stream.read == stored)
            if shopper.stream.read != stored:
                problems.append(f"the page of {shopper.id} has read {shopper.stream.read} where {stored} is stored")
        return problems

    def _unsettled(self) -> Problems:
        """When all is well again every turn is settled, and every event was received."""
        turn, outbox = tables.turn.c, tables.outbox.c
        with self.store.engine.connect() as connection:
            left = list(connection.scalars(sa.select(turn.id).where(turn.state.in_(["pending", "running"]))))
            unanswered = list(connection.scalars(_done_without_an_answer()))
            events = set(connection.scalars(sa.select(outbox.id)))
            waiting = list(connection.scalars(sa.select(outbox.id).where(outbox.done_at.is_(None))))
        return [
            *(f"turn {one} was never settled" for one in left),
            *(f"turn {one} is done and brought no answer" for one in unanswered),
            *(f"event {one} was never received" for one in sorted(events - set(self.received))),
            *(f"event {one} waits although the worker is well" for one in waiting),
        ]


def _done_without_an_answer() -> Any:
    turn, message = tables.turn.c, tables.message.c
    return sa.select(turn.id).where(turn.state == "done", ~sa.exists().where(message.turn_id == turn.id))
