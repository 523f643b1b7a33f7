"""Shoppers as programs: one speaks the widget's protocol, the other the REST form of Rasa."""

import json
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx

from bot.domain.promises import Acknowledged
from tests.system.running import System

PATIENCE = 60


@dataclass(frozen=True)
class Tap:
    """An answer given with the button of this title."""

    title: str


@dataclass(frozen=True)
class Reply:
    text: str
    buttons: dict[str, str]
    """Title → id of the choice."""
    custom: dict[str, Any]

    @property
    def asks(self) -> str | None:
        return self.custom.get("asks")


class Shopper(ABC):
    def __init__(self, system: System) -> None:
        self.system = system
        self.http = httpx.Client(base_url=system.url, timeout=30, trust_env=False)
        self.last: list[Reply] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def answer(self, answer: str | Tap) -> Reply:
        """Give an answer and return the last bubble of the reply."""
        self.last = self.tap(answer.title) if isinstance(answer, Tap) else self.say(answer)
        return self.last[-1]

    def choice(self, title: str) -> str:
        return next(reply.buttons[title] for reply in reversed(self.last) if title in reply.buttons)

    @abstractmethod
    def say(self, text: str) -> list[Reply]: ...
    @abstractmethod
    def tap(self, title: str) -> list[Reply]: ...


class WidgetShopper(Shopper):
    """Sends until it is acknowledged, and hears over the stream what comes: each number once, none left out."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        session = self.http.post("/api/session", json={}).json()
        self.conversation: str = session["conversation"]
        self.headers = {"Authorization": f"Bearer {session['token']}"}
        self.messages: list[dict[str, Any]] = []

    def say(self, text: str) -> list[Reply]:
        return self.replies(self.send(text=text))

    def tap(self, title: str) -> list[Reply]:
        return self.replies(self.send(choice=self.choice(title)))

    def send(self, client_id: str | None = None, **content: str) -> int:
        """Send a text or a choice, again and again until it is acknowledged; return the message's number."""
        body = {"client_id": client_id or str(uuid.uuid4()), **content}
        until = time.monotonic() + PATIENCE
        while (response := self._post(body)) is None:
            assert time.monotonic() < until, f"never acknowledged: {content}"
            time.sleep(0.1)
        assert response.status_code in (200, 202), response.text
        message = response.json()["message"]
        self.system.acknowledged.append(Acknowledged(body["client_id"], message["text"], message["seq"]))
        return int(message["seq"])

    def replies(self, seq: int, seconds: float = PATIENCE) -> list[Reply]:
        """Wait for the bot's answer to message `seq` and return all its bubbles."""
        self.hear(lambda: any(one["from"] == "bot" and one["seq"] > seq for one in self.messages), seconds)
        self.messages += self.history()[len(self.messages) :]  # the bubbles of one turn are stored together
        self.last = [reply_of(one) for one in self.messages if one["from"] == "bot" and one["seq"] > seq]
        return self.last

    def notices(self) -> list[str]:
        return [one["custom"]["notice"] for one in self.messages if one["from"] == "system"]

    def hear(self, enough: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Listen until it is enough, coming back with the last number whenever the line breaks."""
        until = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < until, f"nothing more was heard after {self.messages[-1:]}"
            try:
                self._listen(enough, until)
            except httpx.TransportError:
                time.sleep(0.1)

    def history(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.http.get("/api/messages", headers=self.headers).json()["messages"]
        return messages

    def _post(self, body: dict[str, str]) -> httpx.Response | None:
        try:
            response = self.http.post("/api/messages", json=body, headers=self.headers)
        except httpx.TransportError:
            return None
        return None if response.is_server_error else response

    def _listen(self, enough: Callable[[], bool], until: float) -> None:
        headers = self.headers | {"Last-Event-ID": str(len(self.messages))}
        timeout = httpx.Timeout(10, read=max(0.1, until - time.monotonic()))
        with self.http.stream("GET", "/api/stream", headers=headers, timeout=timeout) as response:
            for message in messages_in(before(until, response.iter_lines())):
                assert message["seq"] == len(self.messages) + 1, "a number was left out or came twice"
                self.messages.append(message)
                if enough():
                    break


class RestShopper(Shopper):
    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.sender = f"shopper-{uuid.uuid4()}"

    def say(self, text: str) -> list[Reply]:
        return self._talk(text, text)

    def tap(self, title: str) -> list[Reply]:
        return self._talk(self.choice(title), title)

    def _talk(self, message: str, shown: str) -> list[Reply]:
        client_id = str(uuid.uuid4())
        body = {"sender": self.sender, "message": message, "metadata": {"client_id": client_id}}
        response = self.http.post("/webhooks/rest/webhook", json=body)
        assert response.status_code == httpx.codes.OK, response.text
        self.system.acknowledged.append(Acknowledged(client_id, shown))
        self.last = [
            Reply(
                one["text"], {button["title"]: button["payload"] for button in one.get("buttons", [])}, one.get("custom", {})
            )
            for one in response.json()
        ]
        return self.last


def complain(shopper: Shopper, opening: str, answers: dict[str, str | Tap]) -> tuple[list[str], Reply]:
    """Go from the first word to the end of the form; return what was asked for, in order, and the last reply."""
    asked: list[str] = []
    reply = shopper.answer(opening)
    while slot := reply.asks:
        asked.append(slot)
        assert slot in answers, f"asked for {slot} after {asked}: {reply.text}"
        assert len(asked) <= 12, f"it goes round in circles: {asked}"
        reply = shopper.answer(answers[slot])
    return asked, reply


def before(until: float, lines: Iterator[str]) -> Iterator[str]:
    """Yield lines until it is too late: a stream that is only kept alive would be heard for ever."""
    for line in lines:
        assert time.monotonic() < until, "nothing more was heard in time"
        yield line


def reply_of(message: dict[str, Any]) -> Reply:
    buttons = {button["title"]: button["id"] for button in message.get("buttons", [])}
    return Reply(message["text"], buttons, message.get("custom", {}))


def messages_in(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield the messages of a stream of server-sent events."""
    event = ""
    for line in lines:
        if line.startswith("event:"):
            event = line.removeprefix("event:").strip()
        elif line.startswith("data:") and event == "message":
            yield json.loads(line.removeprefix("data:"))
