"""Fills an empty store with made-up shoppers, complaints, colleagues and utterances: a look at everything in two minutes.

It goes through the same services as people do, at moments of the last two weeks, and is the same each time.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.complaint import Complaint, Level, Status
from bot.domain.conversation import Reading, Reply
from bot.domain.handoff import Reason
from bot.domain.turn import Answer
from bot.domain.user import Role, User
from bot.services.chat import Chat, Incoming
from bot.services.complaints import Complaints
from bot.services.console import Console
from bot.services.drafts import Drafts, Given
from bot.services.ports import Store
from bot.services.queue import enter
from bot.services.requests import Requests
from bot.services.turns import Turns

DATA = Path(__file__).with_name("demo.ar.json")
COMPLAINTS = 40
DAYS = 14
MODEL = "demo"


@dataclass
class Calendar:
    """A clock that is turned back and forward."""

    today: datetime
    ago: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return self.today - self.ago


@dataclass(frozen=True)
class Demo:
    """The services of one store, all on `calendar`."""

    calendar: Calendar
    store: Store
    chat: Chat
    drafts: Drafts
    complaints: Complaints
    requests: Requests
    console: Console
    turns: Turns

    def fill(self, done: Callable[[], object]) -> dict[str, str]:
        """Fill the store and return the one-time password of each new user; `done` is called after each complaint."""
        told: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
        chance = random.Random(20)
        passwords = self._people(told["people"])
        staff = {user.login: user for user in self.console.users.all()}
        for number in range(COMPLAINTS):
            self.calendar.ago = timedelta(days=DAYS * (1 - number / COMPLAINTS), minutes=chance.randrange(300))
            filed = self._complaint(told, chance, number)
            self._work_on(told, filed, staff["sara"], chance)
            done()
        self.calendar.ago = timedelta()
        self.console.watch.mark_due()
        self._unclear(told)
        self._waiting(told, chance)
        return passwords

    def _people(self, people: list[dict[str, str]]) -> dict[str, str]:
        return {one["login"]: self.console.users.add(one["login"], one["name"], Role(one["role"]))[1] for one in people}

    def _talk(self, text: str, intent: str, sure: float, reply: str, shopper: dict[str, str] | None = None) -> str:
        """Have a shopper say something and the bot answer; return the conversation."""
        conversation = self.chat.open("widget").conversation_id
        if shopper:
            self.chat.get_to_know(conversation, shopper)
        self.chat.receive(conversation, Incoming("demo-client-1", text))
        job = self.turns.claim(conversation)
        assert job is not None
        others = [
            {"name": "no_reply", "confidence": round((1 - sure) / 2, 3)},
            {"name": "late_delivery", "confidence": 0.03},
        ]
        ranking = [{"name": intent, "confidence": sure}, *(one for one in others if one["name"] != intent)]
        self.turns.finish(job, Answer([Reply(reply)], Reading(intent, sure, ranking, [], MODEL, intent)))
        return conversation

    def _complaint(self, told: dict[str, Any], chance: random.Random, number: int) -> Complaint:
        story, name = chance.choice(told["stories"]), chance.choice(told["shoppers"])
        shopper = {"name": name, "customer": f"demo-{told['shoppers'].index(name)}"}
        conversation = self._talk(story["text"], story["kind"], story["sure"], told["bot"], shopper)
        draft = self.drafts.open(conversation, None)
        values = {
            "complaint_kind": story["kind"], "order_number": f"405-{7654300 + number}-{chance.randrange(10**6, 10**7)}",
            "product": chance.choice(told["products"]), "description": story["text"], "remedy": story["remedy"],
            "contact": f"+9665000000{number:02d}", "amount": f"{chance.randrange(40, 2600)} SAR",
        }  # fmt: skip
        self.drafts.record(draft.id, [Given(slot, value, value) for slot, value in values.items()], [], {}, None)
        return self.complaints.file(draft.id, None)

    def _work_on(self, told: dict[str, Any], filed: Complaint, agent: User, chance: random.Random) -> None:
        """Do what a shop does with most complaints in the days after they come in."""
        fate = chance.random()
        filed_ago = self.calendar.ago
        if fate < 0.75:
            self.calendar.ago = max(timedelta(), filed_ago - timedelta(hours=chance.randrange(2, 60)))
            self.console.desk.answer(filed.number, agent, chance.choice(told["answers"]))
        if fate < 0.15:
            self.console.desk.offer(filed.number, agent, told["offer"])
        if 0.3 < fate < 0.75:
            self.calendar.ago = max(timedelta(), self.calendar.ago - timedelta(hours=chance.randrange(4, 80)))
            self.console.desk.move(filed.number, Status.RESOLVED, agent.login, None)
            self.requests.rate(filed.conversation_id, chance.choice((2, 3, 4, 5, 5, 5)), None, None)
        if fate > 0.92:
            self.console.desk.raise_level(filed.number, Level.SUPERVISOR, agent.login, None)

    def _unclear(self, told: dict[str, Any]) -> None:
        for at, one in enumerate(told["unclear"]):
            for _ in range(1 + at % 3):
                self._talk(one["text"], one["as"], one["sure"], told["bot"])

    def _waiting(self, told: dict[str, Any], chance: random.Random) -> None:
        for minutes, one in zip((21, 9, 3), told["waiting"], strict=True):
            self.calendar.ago = timedelta(minutes=minutes)
            name = {"name": chance.choice(told["shoppers"])}
            conversation = self._talk(one["text"], "request_human", 0.9, told["bot"], name)
            if one["reason"] == Reason.ANGRY:
                with self.store.write() as work:
                    enter(work, conversation, Reason.ANGRY, self.calendar())
                    work.commit()
            else:
                self.requests.human(conversation, Reason(one["reason"]), None)
        self.calendar.ago = timedelta()
