"""Puts the console's routes and its page into the gateway."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import FileResponse

from bot.domain.draft import SLOTS
from bot.domain.errors import SignInNeeded
from bot.domain.user import Role
from bot.domain.webhook import Topic
from bot.services.words import Words
from bot.web.console.account import AccountRoutes, own
from bot.web.console.audit import AuditRoutes
from bot.web.console.canned import CannedRoutes
from bot.web.console.complaints import ComplaintRoutes
from bot.web.console.conversations import ConversationRoutes
from bot.web.console.dashboard import DashboardRoutes
from bot.web.console.door import Door
from bot.web.console.drift import DriftRoutes
from bot.web.console.health import HealthRoutes
from bot.web.console.importing import ImportRoutes
from bot.web.console.models import ModelRoutes
from bot.web.console.nlu import NluRoutes
from bot.web.console.presence import Presence
from bot.web.console.privacy import PrivacyRoutes
from bot.web.console.stream import Board, StreamRoutes
from bot.web.console.webhooks import WebhookRoutes
from bot.web.gateway import Gateway
from bot.web.runner import Runner
from bot.web.streams import Hub

HERE = Path(__file__).resolve().parents[1]
PAGES = ("/console", "/console/{page:path}")
"""One page, whatever its address names; what it shows comes from the routes, each behind its permission."""


def add_console(app: FastAPI, gateway: Gateway, hub: Hub, runner: Runner, presence: Presence) -> None:
    console, chat, words, address = gateway.console, gateway.chat, gateway.words, gateway.evidence.address
    audit = console.audit
    door = Door(console.users, gateway.public_url)
    talks = ConversationRoutes(
        door,
        chat,
        console.queue,
        console.takeover,
        console.replies,
        console.dossiers,
        audit,
        words,
        hub,
        runner,
        address,
    )
    board = Board(console.queue)
    stream = StreamRoutes(door, console.users, chat, board, console.dossiers, audit, words, hub, presence, address)
    for routes in (
        AccountRoutes(console.users, audit, door),
        talks,
        stream,
        CannedRoutes(door, console.canned),
        ComplaintRoutes(door, console, words, hub, address),
        DashboardRoutes(door, console.dashboard),
        WebhookRoutes(door, gateway.webhooks),
        NluRoutes(door, console.inbox, gateway.training, audit, gateway.why),
        ImportRoutes(door, gateway.importing),
        HealthRoutes(door, gateway.health),
        ModelRoutes(door, gateway.models, gateway.runs),
        AuditRoutes(door, audit),
        PrivacyRoutes(door, gateway.privacy, hub),
        DriftRoutes(door, console.drift, gateway.shadow),
    ):
        app.include_router(routes.router())
    _add_page(app, door, words, gateway.shop_name)


def _add_page(app: FastAPI, door: Door, words: Words, shop_name: str) -> None:
    told = _told(words, shop_name)

    @app.get("/console/api/config", tags=["account"])
    def config(request: Request) -> dict[str, Any]:
        """Return the words of the page, and who is signed in, if anybody is."""
        try:
            return told | {"me": own(door.signed_in(request))}
        except SignInNeeded:
            return told | {"me": None}

    async def page() -> FileResponse:
        return FileResponse(
            HERE / "templates" / "console.html", media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )

    for path in PAGES:
        app.add_api_route(path, page, include_in_schema=False)


def _told(words: Words, shop_name: str) -> dict[str, Any]:
    """Return the words of the page and the names of what a record holds; nothing of any shopper."""
    strings = json.loads((HERE / "strings.ar.json").read_text("utf-8"))
    names = {
        name: asdict(words)[name]
        for name in ("kinds", "remedies", "slots", "statuses", "levels", "severities", "channels", "topics")
    }
    return {
        "shop": shop_name,
        "strings": strings["console"],
        "names": names,
        "slots": list(SLOTS),
        "roles": [str(role) for role in Role],
        "topics": [str(topic) for topic in Topic if topic is not Topic.TEST],
    }
