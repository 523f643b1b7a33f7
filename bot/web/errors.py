"""Every refusal as `{"error": {"code", "message"}}`: a code for programs, an Arabic sentence for people."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bot.domain.errors import (
    ClientIdReused,
    CrossOrigin,
    EngineDown,
    FileKindUnknown,
    FileTooLarge,
    Forbidden,
    HeldByAnother,
    IdentityRefused,
    LabelledMeanwhile,
    LoginTaken,
    NotFound,
    NotText,
    Refused,
    SessionUnknown,
    ShakwaError,
    SignInFailed,
    SignInNeeded,
    TextTooLong,
    TooMany,
)
from bot.web.headers import HEADERS

log = structlog.get_logger()

STATUS: dict[type[ShakwaError], int] = {
    SessionUnknown: 401,
    SignInNeeded: 401,
    SignInFailed: 403,
    Forbidden: 403,
    CrossOrigin: 403,
    IdentityRefused: 403,
    NotFound: 404,
    ClientIdReused: 409,
    HeldByAnother: 409,
    LoginTaken: 409,
    LabelledMeanwhile: 409,
    TextTooLong: 413,
    FileTooLarge: 413,
    FileKindUnknown: 415,
    NotText: 422,
    TooMany: 429,
    Refused: 422,
    EngineDown: 503,
}
"""The nearest ancestor counts."""

RETRY_SECONDS = 2
"""After which a request is worth sending again that the store could not take."""

HTTP_CODES = {
    400: "bad_json",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
}


class Errors:
    """Answers for everything that can go wrong in a request, with the words of this installation."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words

    def install(self, app: FastAPI, away: tuple[type[Exception], ...]) -> None:
        """`away` is what is raised where the store cannot do it just now, and the same request may succeed later."""
        for kind in away:
            app.add_exception_handler(kind, self.away)
        app.add_exception_handler(ShakwaError, self.refused)
        app.add_exception_handler(HTTPException, self.http)
        app.add_exception_handler(RequestValidationError, self.invalid)
        app.add_exception_handler(Exception, self.broken)

    def answer(self, status: int, code: str, headers: dict[str, str] | None = None, **more: str) -> JSONResponse:
        """Answer with a code, its sentence, and what `more` a page can show of it."""
        body = {"error": {"code": code, "message": self._words.get(code, self._words["error"])} | more}
        return JSONResponse(body, status_code=status, headers=headers)

    async def refused(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ShakwaError)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
        more = {"held_by": error.held_by} if isinstance(error, HeldByAnother) else {}
        return self.answer(status, error.code, headers, **more)

    async def http(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers) if error.headers else None
        return self.answer(error.status_code, HTTP_CODES.get(error.status_code, "invalid"), headers)

    async def invalid(self, request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        broken = any(problem["type"] == "json_invalid" for problem in error.errors())
        return self.answer(400, "bad_json") if broken else self.answer(422, "invalid")

    async def away(self, request: Request, error: Exception) -> JSONResponse:
        driver = getattr(error, "orig", error)  # whose word is the clearest: SQLITE_FULL, DiskFull
        cause = getattr(driver, "sqlite_errorname", type(driver).__name__)
        log.error("web.store.away", route=_route(request), cause=cause)
        return self.answer(503, "try_again", {"Retry-After": str(RETRY_SECONDS)})

    async def broken(self, request: Request, error: Exception) -> JSONResponse:
        log.error("web.request.broken", route=_route(request), cause=type(error).__name__, exc_info=error)
        return self.answer(500, "error", HEADERS)


def _route(request: Request) -> str:
    """Return the route as it is written, not the address: that may hold the secret which opens a complaint's file."""
    return str(getattr(request.scope.get("route"), "path", ""))
