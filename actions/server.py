"""The action server: rasa-sdk's own, on this machine alone, behind the shared secret.

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

log = structlog.get_logger()


def guarded_app(secret: str) -> Sanic:
    """Return rasa-sdk's application over our actions, refusing calls without `secret` and telling nothing in errors."""
    app = create_app("actions", cors_origins=[])

    @app.middleware("request")
    async def guard(request: Request) -> HTTPResponse | None:
        given = request.headers.get(SECRET_HEADER, "")
        if request.path == HEALTH or hmac.compare_digest(given.encode(), secret.encode()):
            return None
        return response.json({"error": "the shared secret is missing or wrong"}, status=401)

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


def main() -> None:
    settings = Settings()
    set_up_logs(settings.log_level)
    app = guarded_app(settings.key("actions"))
    app.config.MOTD = False
    app.run("127.0.0.1", settings.actions_port, access_log=False)
