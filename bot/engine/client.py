"""Asks Rasa through our input channel."""

from typing import Any, Self

import httpx

from bot.domain.conversation import Button, DecidingWord, Reading, Reply
from bot.domain.errors import EngineDown, EngineFailed
from bot.domain.turn import Answer, Job

TURN_SECONDS = 15.0
"""A turn's deadline: the action server has 8 s of it, the channel gives up after 13."""

CONNECT_SECONDS = 2.0
"""A machine that is gone does not even refuse."""

DOWN = frozenset({401, 403, 404, 502, 503, 504})
"""Statuses that say nothing about the message: the engine is starting, misconfigured or lacks its action server."""


class RasaClient:
    def __init__(self, url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"X-Shakwa-Secret": secret}
        # Rasa is on this machine or a private network: a proxy in the environment is not for it.
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(TURN_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

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
            return (await self._http.get("/webhooks/shakwa/", timeout=2)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            response = await self._http.post(path, json=body)
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


def _reply(body: dict[str, Any]) -> Reply:
    buttons = tuple(Button(button["title"], button["payload"]) for button in body["buttons"])
    return Reply(body["text"], buttons, body["custom"])


def _reason(response: httpx.Response) -> str:
    return response.text[:200]
