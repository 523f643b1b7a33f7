"""The input channel the gateway talks to: one turn in, its replies and its reading out, or an error.

    POST /webhooks/shakwa/turn   {sender, text, payload, form, turn_id, epoch} → {replies, reading}
    POST /webhooks/shakwa/parse  {text} → reading
    POST /webhooks/shakwa/why    {text} → [{text, share}], the words that decided
    GET  /webhooks/shakwa/       200

All of them answer 503 until a model is loaded. Rasa's own REST channel answers `200 []` whatever fails; this one says
502 where the action server or the tracker store is at fault, 500 where this message is.
"""

import asyncio
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import sqlalchemy.exc
import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, HTTPResponse, Request, response

from bot.channel import action_calls
from bot.channel.processor import ActionFailed, TurnProcessor
from bot.channel.tracker_store import TrackerOvertaken
from bot.logs import set_up_logs
from bot.nlu.deciding import deciding_words, model_of, read

SECRET_HEADER = "X-Shakwa-Secret"
TURN_SECONDS = 13
"""Two seconds less than the gateway waits, so that it hears why."""

COMMAND = re.compile(r"[A-Za-z_]+(?:/[A-Za-z_]+)?\s*(?:\{.*)?", re.DOTALL)
"""An intent in Rasa's notation, with or without entities, after its slash."""

AWAY = frozenset({401, 404, 503})
"""What an action server answers that is another's, older or newer than the model, or cut off from its store."""

LEADING = re.compile(r"\A[\s/\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
"""Slashes, blanks and what cannot be seen, at the beginning."""

log = structlog.get_logger()


class BubbleChannel(CollectingOutputChannel):
    """Collects each response of the domain as one bubble with its buttons and its custom part."""

    @classmethod
    def name(cls) -> str:
        return "shakwa"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Each paragraph is a bubble of its own; buttons and the custom part go with the last."""
        *first, last = (message.get("text") or "").split("\n\n")
        self.messages += [{"text": text, "buttons": [], "custom": {}} for text in first]
        buttons = [{"title": button["title"], "payload": button["payload"]} for button in message.get("buttons") or ()]
        self.messages.append({"text": last, "buttons": buttons, "custom": message.get("custom") or {}})


class GatewayInput(InputChannel):
    @classmethod
    def name(cls) -> str:
        return "shakwa"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "GatewayInput":
        secret = (credentials or {}).get("secret") or ""
        if not secret or secret.startswith("${"):  # Rasa leaves a variable that is not set as it is
            raise RasaException("The shakwa channel has no secret. Start Rasa with `shakwa engine`, which gives it one.")
        if credentials and "log_level" in credentials:
            # Rasa has set up its own logs by now, which would write a traceback with every local variable.
            set_up_logs(credentials["log_level"], as_json=credentials["logs_as_json"])
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("shakwa", "bot_channel_input")

        @routes.middleware("request")
        async def guard(request: Request) -> HTTPResponse | None:
            if hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self._secret.encode()):
                return None
            return response.json({"error": "the shared secret is missing or wrong"}, status=401)

        @routes.middleware("request")
        async def wait(request: Request) -> HTTPResponse | None:
            agent = request.app.ctx.agent
            return None if agent is not None and agent.is_ready() else response.json({"ready": False}, status=503)

        @routes.listener("after_server_stop")
        async def close_connections(*_: Any) -> None:
            await action_calls.close()

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"ready": True})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            with structlog.contextvars.bound_contextvars(turn_id=request.json["turn_id"], epoch=request.json["epoch"]):
                return await _guarded(_turn(request.app.ctx.agent, request.json))

        @routes.post("/parse")
        async def parse(request: Request) -> HTTPResponse:
            return await _guarded(_parse(request.app.ctx.agent, request.json["text"]))

        @routes.post("/why")
        async def why(request: Request) -> HTTPResponse:
            return await _guarded(_why(request.app.ctx.agent, request.json["text"]))

        return routes


async def _turn(agent: Any, body: dict[str, Any]) -> dict[str, Any]:
    bubbles = BubbleChannel()
    processor = TurnProcessor.over(agent.processor, body["form"])
    message = UserMessage(
        body["payload"] or typed(body["text"]),
        bubbles,
        body["sender"],
        input_channel=GatewayInput.name(),
        metadata={"turn_id": body["turn_id"], "epoch": body["epoch"]},
    )
    begun = time.monotonic()
    await processor.handle_message(message)
    log.info("channel.turn.answered", seconds=round(time.monotonic() - begun, 3))
    return {"replies": bubbles.messages, "reading": processor.reading}


async def _parse(agent: Any, text: str) -> dict[str, Any]:
    processor = TurnProcessor.over(agent.processor, None)
    await processor.parse_message(UserMessage(typed(text), sender_id="parse"))
    return processor.reading


async def _why(agent: Any, text: str) -> list[dict[str, Any]]:
    runner = agent.processor.graph_runner
    model = model_of(runner)
    return deciding_words(model, read(runner, agent.processor.model_metadata.nlu_target, typed(text))) if model else []


async def _guarded(work: Awaitable[Any]) -> HTTPResponse:
    try:
        async with asyncio.timeout(TURN_SECONDS):
            return response.json(await work)
    except ActionFailed as error:
        cause = error.__cause__
        log.warning("channel.action.failed", action=str(error), cause=type(cause).__name__)
        return _failed(error, 502 if _unreachable(cause) else 500)
    except (TimeoutError, sqlalchemy.exc.OperationalError, TrackerOvertaken) as error:
        log.warning("channel.turn.unsaved", cause=type(error).__name__)
        return _failed(error, 502)
    except Exception as error:
        log.exception("channel.turn.failed")
        return _failed(error, 500)


def typed(text: str) -> str:
    """Return typed text as Rasa may see it: a leading "/" would be obeyed as a command, whatever blank is before it.

    Nothing is left of what looks like a command: `restart` without its slash would be read as the wish to begin anew.
    """
    bare = LEADING.sub("", text)
    commanded = "/" in text[: len(text) - len(bare)] and COMMAND.fullmatch(bare)
    return "-" if commanded or not bare else bare


def _unreachable(cause: BaseException | None) -> bool:
    """Whether the action server or its store could not be reached, as opposed to having failed on this message."""
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectionError | TimeoutError) or getattr(cause, "status", 0) in AWAY:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _failed(error: BaseException, status: int) -> HTTPResponse:
    return response.json({"error": type(error).__name__}, status=status)
