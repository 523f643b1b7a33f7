"""Asks Rasa through our input channel."""

import json
from typing import Any, Self

import httpx

from bot.domain.conversation import Button, DecidingWord, Reading, Reply
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job

TURN_SECONDS = 15.0
"""A turn's deadline: the action server has 8 s of it, the channel gives up after 13."""

CONNECT_SECONDS = 2.0
"""A machine that is gone does not even refuse."""

READY_SECONDS = 2.0

CONNECTIONS = httpx.Limits(keepalive_expiry=4.0)
"""One is kept unused for less than the 5 s after which Rasa closes it, so that none is used that is just being closed."""

DOWN = frozenset({401, 403, 404, 502, 503, 504})
"""Statuses that say nothing about the message: the engine is starting, misconfigured or lacks its action server."""


class RasaClient:
    def __init__(self, url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = httpx.URL(url)
        self._headers = {"X-Shakwa-Secret": secret, "Content-Type": "application/json"}
        # Without httpx's client around it, a turn has half of the way: Rasa knows no redirects, cookies or signing in.
        # A transport reads no proxy from the environment either, and one is not for Rasa, which is on a private network.
        self._transport = transport or httpx.AsyncHTTPTransport(limits=CONNECTIONS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def answer(self, job: Job) -> Answer:
        body = await self._post("/webhooks/shakwa/turn", {
            "sender": job.sender_key,
            "text": job.text,
            "payload": job.payload,
            "form": job.form,
            "turn_id": job.claim.turn_id,
            "epoch": job.claim.epoch,
        })  # fmt: skip
        try:
            return Answer([_reply(reply) for reply in body["replies"]], Reading(**body["reading"]))
        except (KeyError, TypeError) as error:
            raise EngineFailed(f"Rasa's answer is not one of our channel's: {error!r}") from error

    async def parse(self, text: str) -> Reading:
        """Return how the NLU reads a text, outside any conversation."""
        return Reading(**await self._post("/webhooks/shakwa/parse", {"text": text}))

    async def why(self, text: str) -> list[DecidingWord]:
        """Return the words that decided how the live model reads a text, the weightiest first."""
        return [DecidingWord(**word) for word in await self._post("/webhooks/shakwa/why", {"text": text})]

    async def ready(self) -> bool:
        try:
            response = await self._ask("GET", "/webhooks/shakwa/", b"", READY_SECONDS)
            return response.status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            response = await self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode(), TURN_SECONDS)
        except httpx.HTTPError as error:
            raise EngineDown(f"Rasa does not answer: {type(error).__name__}") from error
        if response.status_code in DOWN:
            raise EngineDown(f"Rasa answers {response.status_code}: {_reason(response)}")
        if response.status_code != httpx.codes.OK:
            raise EngineFailed(f"Rasa answers {response.status_code}: {_reason(response)}")
        try:
            return response.json()
        except ValueError as error:
            raise EngineFailed(f"Rasa answers what is not JSON: {_reason(response)}") from error

    async def _ask(self, method: str, path: str, content: bytes, seconds: float) -> httpx.Response:
        """Ask and return the answer with all of its body; raise httpx.HTTPError where there is none."""
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS).as_dict()
        request = httpx.Request(
            method, self._url.join(path), headers=self._headers, content=content, extensions={"timeout": timeout}
        )
        response = await self._transport.handle_async_request(request)
        await response.aread()
        return response


def _reply(body: dict[str, Any]) -> Reply:
    buttons = tuple(Button(button["title"], button["payload"]) for button in body["buttons"])
    return Reply(body["text"], buttons, body["custom"])


def _reason(response: httpx.Response) -> str:
    return response.text[:200]
