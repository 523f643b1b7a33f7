"""Webhooks: kept, seen, tested and sent again by those who run the installation."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from bot.domain.user import Permission, User
from bot.domain.webhook import Delivery, Webhook
from bot.services.webhooks import Webhooks
from bot.web.console.door import Door
from bot.web.console.shown import moment
from bot.web.ids import RowId


class NewWebhook(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    url: str = Field(max_length=2_000)
    topics: list[Annotated[str, Field(max_length=64)]] = Field(max_length=20)
    description: str = Field("", max_length=200)


@dataclass(frozen=True)
class WebhookRoutes:
    door: Door
    webhooks: Webhooks

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["webhooks"])
        manager = Annotated[User, Depends(self.door.needs(Permission.MANAGE_WEBHOOKS))]
        webhooks = self.webhooks

        @routes.get("/webhooks")
        def all_of_them(user: manager) -> dict[str, Any]:
            return {"webhooks": [_webhook(one) for one in webhooks.all()]}

        @routes.post("/webhooks", status_code=201)
        def add(user: manager, given: NewWebhook) -> dict[str, Any]:
            """Add a webhook; its secret is shown this once."""
            added = webhooks.add(given.url, given.topics, given.description)
            return {"webhook": _webhook(added), "secret": added.secret}

        @routes.post("/webhooks/{webhook_id}/{turn}", status_code=200)
        def turn(user: manager, webhook_id: RowId, turn: Annotated[str, Field(pattern="^(on|off)$")]) -> dict[str, Any]:
            return {"webhook": _webhook(webhooks.turn(webhook_id, on=turn == "on"))}

        @routes.delete("/webhooks/{webhook_id}", status_code=204)
        def remove(user: manager, webhook_id: RowId) -> Response:
            webhooks.remove(webhook_id)
            return Response(status_code=204)

        self._add_deliveries(routes)
        return routes

    def _add_deliveries(self, routes: APIRouter) -> None:
        manager = Annotated[User, Depends(self.door.needs(Permission.MANAGE_WEBHOOKS))]
        webhooks = self.webhooks

        @routes.post("/webhook-secrets/{webhook_id}")
        def renew(user: manager, webhook_id: RowId) -> dict[str, Any]:
            return {"secret": webhooks.renew_secret(webhook_id).secret}

        @routes.post("/webhook-tests/{webhook_id}", status_code=202)
        def test(user: manager, webhook_id: RowId) -> dict[str, Any]:
            return {"delivery": webhooks.send_test(webhook_id)}

        @routes.get("/deliveries")
        def deliveries(
            user: manager, failed: bool = False, before: Annotated[int | None, Query(ge=1, le=2**31)] = None
        ) -> dict[str, Any]:
            return {"deliveries": [_delivery(one) for one in webhooks.deliveries(failed=failed, before=before)]}

        @routes.post("/deliveries/{delivery_id}/resend")
        def resend(user: manager, delivery_id: RowId) -> dict[str, Any]:
            return {"delivery": _delivery(webhooks.resend(delivery_id))}


def _webhook(one: Webhook) -> dict[str, Any]:
    return {"id": one.id, "url": one.url, "topics": one.topics, "description": one.description, "active": one.active}


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id, "webhook": one.webhook_id, "event": one.event_id, "topic": one.topic, "state": one.state,
        "tries": one.tries, "status": one.last_status, "error": one.last_error, "created_at": moment(one.created_at),
        "delivered_at": moment(one.delivered_at), "next_at": moment(one.not_before),
    }  # fmt: skip
