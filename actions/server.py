"""The action server: rasa-sdk's own, behind the shared secret.

rasa-sdk takes anybody's call, listens on every address and echoes the conversation in its errors; this one does not.
"""

import hmac

import sqlalchemy.exc
import structlog
from rasa_sdk.endpoint import create_app
from sanic import HTTPResponse, Request, Sanic, response

from bot.domain.errors import StaleTurn
from bot.logs import set_up_logs
from bot.settings import Settings

SECRET_HEADER = "X-Shakwa-Secret"
HEALTH = "/health"
CALL = "/webhook"

log = structlog.get_logger()


def guarded_app(secret: str) -> Sanic:
    """Return rasa-sdk's application over our actions, refusing calls without `secret` and telling nothing in errors."""
    app = create_app("actions", cors_origins=[])

    @app.middleware("request")
    async def guard(request: Request) -> HTTPResponse | None:
        given = request.headers.get(SECRET_HEADER, "")
        if request.path == HEALTH or hmac.compare_digest(given.encode(), secret.encode()):
            _bind_turn(request)
            return None
        return response.json({"error": "the shared secret is missing or wrong"}, status=401)

    @app.middleware("response")
    async def tell(request: Request, answer: HTTPResponse) -> None:
        if request.path == CALL:
            log.info("actions.action.ran", status=answer.status)

    @app.exception(sqlalchemy.exc.OperationalError)
    async def store_away(_: Request, error: Exception) -> HTTPResponse:
        log.warning("actions.store.away", cause=type(error).__name__)
        return response.json({"error": "the store cannot be reached"}, status=503)

    @app.exception(StaleTurn)
    async def overtaken(_: Request, error: StaleTurn) -> HTTPResponse:
        log.info("actions.turn.stale", reason=str(error))
        return response.json({"error": "stale turn"}, status=409)

    @app.exception(Exception)
    async def failed(_: Request, error: Exception) -> HTTPResponse:
        log.error("actions.action.failed", cause=type(error).__name__, exc_info=error)
        return response.json({"error": "the action failed"}, status=500)

    return app


def _bind_turn(request: Request) -> None:
    """Let every line logged for this call name its action and its turn, as Rasa was told it."""
    structlog.contextvars.clear_contextvars()
    call = request.json if request.path == CALL else None
    if isinstance(call, dict) and isinstance(tracker := call.get("tracker"), dict):
        metadata = (tracker.get("latest_message") or {}).get("metadata") or {}
        structlog.contextvars.bind_contextvars(action=call.get("next_action"), turn_id=metadata.get("turn_id"))


def main() -> None:
    settings = Settings()
    set_up_logs(settings.log_level, as_json=settings.logs_as_json)
    app = guarded_app(settings.key("actions"))
    app.config.MOTD = False
    app.run(settings.actions_host, settings.actions_port, access_log=False)
