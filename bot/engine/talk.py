"""Talks to a running gateway as the widget does: for a terminal in place of a browser."""

import time
import uuid
from dataclasses import dataclass
from typing import Any, Self

import httpx

from bot.domain.conversation import Sender
from bot.domain.errors import GatewayDown, Refused

ANSWER_SECONDS = 60.0
"""How long an answer is waited for: an agent may hold the conversation, and then none comes by itself."""
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message the shopper hears; `choices` are (title, id): the buttons, then what edits the lines of a summary."""

    sender: Sender
    text: str
    choices: tuple[tuple[str, str], ...] = ()


class GatewayClient:
    """One conversation; every method raises GatewayDown where no gateway answers, Refused where it says no."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        self._last = 0
        # The gateway is on this machine or a private network: a proxy in the environment is not for it.
        self._http = httpx.Client(base_url=url, timeout=15, transport=transport, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def open(self) -> str:
        """Begin a conversation and return its id."""
        session = self._ask("POST", "/api/session", json={})
        self._http.headers["Authorization"] = f"Bearer {session['token']}"
        return str(session["conversation"])

    def say(self, text: str) -> list[Bubble]:
        """Say something and return the answer, [] if none came in time."""
        return self._send(text=text)

    def tap(self, choice: str) -> list[Bubble]:
        """Take an offered choice by its id and return the answer, [] if none came in time."""
        return self._send(choice=choice)

    def _send(self, **content: str) -> list[Bubble]:
        self._ask("POST", "/api/messages", json={"client_id": str(uuid.uuid4()), **content})
        until = time.monotonic() + ANSWER_SECONDS
        while not (heard := self._new()) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        return heard

    def _new(self) -> list[Bubble]:
        """Return what others have said since the last look."""
        messages = self._ask("GET", "/api/messages", params={"after": self._last})["messages"]
        self._last = messages[-1]["seq"] if messages else self._last
        return [_bubble(message) for message in messages if message["from"] != Sender.SHOPPER]

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        try:
            response = self._http.request(method, path, **content)
            body = response.json()
        except httpx.TransportError as error:
            raise GatewayDown(f"Nothing answers at {self._url}: start it with `make run`.") from error
        except ValueError as error:
            raise GatewayDown(f"What answers at {self._url} is not Shakwa.") from error
        if response.is_error:
            raise Refused(_reason(body))
        return body


def _bubble(message: dict[str, Any]) -> Bubble:
    buttons = [(button["title"], button["id"]) for button in message.get("buttons", [])]
    lines = [(line["label"], line["edit"]) for line in message.get("custom", {}).get("summary", [])]
    return Bubble(Sender(message["from"]), message["text"], (*buttons, *lines))


def _reason(body: Any) -> str:
    try:
        return str(body["error"]["message"])
    except (KeyError, TypeError):
        return str(body)[:200]
