"""How our processes log: one line an event, `area.object.verb` with fields, never a shopper's words."""

import logging

import structlog

QUIET = ("httpx", "httpcore", "uvicorn.access", "sse_starlette", "huey", "alembic", "rasa_sdk", "sanic")


def set_up_logs(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event", "conversation_id"], drop_missing=True
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
    )
