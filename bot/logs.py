"""How our processes log: one line an event, `area.object.verb` with fields, never a shopper's words.

A line is one line whatever is in it: what cannot be seen, ends a line or turns its direction is written as an escape, in
our own events as in those of the libraries. In production a line is JSON. `conversation_id` and `turn_id` are bound where a
message comes in (gateway), is answered (gateway, Rasa) and is acted on (action server): one of them finds the rest.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePath
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

QUIET = ("httpx", "httpcore", "uvicorn.access", "sse_starlette", "huey", "alembic", "rasa_sdk", "sanic")
LONGEST = 500
"""Characters of a value: a log is no place for what somebody sends to fill a disk."""
FRAMES = 12
"""The innermost of a traceback."""
FIRST = ["timestamp", "level", "event", "conversation_id", "turn_id"]

PLAIN = (str, int, float, bool, type(None))


def set_up_logs(level: str, *, as_json: bool = False) -> None:
    """Let structlog and the standard library write the same lines; handlers that are there already keep their targets."""
    logging.basicConfig(level=level.upper())
    processors = _processors(as_json, with_messages=level == "debug")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Lines(processors))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: Printer(),
        cache_logger_on_first_use=False,
    )


class Printer(structlog.PrintLogger):
    """Prints lines; one that nobody can take (a full disk, a pipe that is closed) breaks nothing of what is logged.

    What goes round for ever logs what went wrong in a round, and would end for good with its first line to a full disk.
    """

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = error = err = critical = fatal = failure = exception = msg


class Lines(logging.Formatter):
    """Writes what libraries log through the same processors as our own events."""

    def __init__(self, processors: list[Processor]) -> None:
        super().__init__()
        self._processors = processors

    def format(self, record: logging.LogRecord) -> str:
        event: Any = {"event": record.getMessage(), "logger": record.name, "exc_info": record.exc_info}
        for process in self._processors:
            event = process(None, record.levelname.lower(), event)
        return str(event)


def _processors(as_json: bool, with_messages: bool) -> list[Processor]:
    last: Processor = structlog.processors.KeyValueRenderer(key_order=FIRST, drop_missing=True)
    if as_json:
        last = structlog.processors.JSONRenderer(sort_keys=False)
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso", utc=True),
        Traces(with_messages),
        _plain,
        last,
    ]


class Traces:
    """Writes an exception as types and places. Its message may hold what somebody said: that is for `debug` alone."""

    def __init__(self, with_messages: bool) -> None:
        self._with_messages = with_messages

    def __call__(self, _logger: Any, _name: str, event: EventDict) -> EventDict:
        error = _error(event.pop("exc_info", None))
        if error is not None:
            event["exception"] = " caused by ".join(self._told(one) for one in _chain(error))
        return event

    def _told(self, error: BaseException) -> str:
        message = f": {error}" if self._with_messages else ""
        return f"{type(error).__name__}{message} at {_places(error.__traceback__)}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return " > ".join(f"{PurePath(one.filename).name}:{one.lineno} {one.name}" for one in frames)


def _error(given: Any) -> BaseException | None:
    if given is True or given == 1:
        given = sys.exc_info()
    found = given[1] if isinstance(given, tuple) else given
    return found if isinstance(found, BaseException) else None


def _plain(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Make every value one that both renderers escape, and none endless but the places of an exception."""
    return {_key(name): value if name == "exception" else _short(value) for name, value in event.items()}


def _key(name: Any) -> str:
    return "".join(letter if letter.isidentifier() or letter.isdigit() else "_" for letter in str(name))


def _short(value: Any) -> Any:
    told = value if isinstance(value, PLAIN) else repr(value)
    return told[:LONGEST] if isinstance(told, str) else told
