"""Finding and keeping webhooks and deliveries."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.webhook import Delivery, Webhook
from bot.store import webhook_tables as tables


class Webhooks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, webhook: Webhook) -> None:
        self._session.add(webhook)
        self._session.flush()

    def get(self, webhook_id: int) -> Webhook | None:
        return self._session.get(Webhook, webhook_id)

    def all(self) -> list[Webhook]:
        return list(self._session.scalars(sa.select(Webhook).order_by(tables.webhook.c.id)))

    def remove(self, webhook: Webhook) -> None:
        """Delete a webhook with everything that is on its way to it."""
        self._session.execute(sa.delete(tables.delivery).filter_by(webhook_id=webhook.id))
        self._session.delete(webhook)

    def fan_out(self, event_id: int, topic: str, payload: dict[str, Any], now: datetime) -> None:
        """Put an event on its way to every webhook that wants it."""
        for webhook in self.all():
            if webhook.wants(topic):
                assert webhook.id is not None
                self.add_delivery(Delivery(webhook.id, event_id, topic, now, payload, not_before=now))

    def add_delivery(self, delivery: Delivery) -> None:
        self._session.add(delivery)
        self._session.flush()

    def delivery(self, delivery_id: int) -> Delivery | None:
        return self._session.get(Delivery, delivery_id, with_for_update=True)

    def due(self, now: datetime, limit: int) -> list[Delivery]:
        """Return deliveries to send now, kept from other workers until the unit of work ends."""
        query = sa.select(Delivery).where(tables.delivery.c.not_before <= now).order_by(tables.delivery.c.not_before)
        return list(self._session.scalars(query.limit(limit).with_for_update(skip_locked=True)))

    def deliveries(self, webhook_id: int | None, failed: bool, before: int | None, limit: int) -> list[Delivery]:
        """Return the newest deliveries with an id below `before`; those that did not get through alone, if asked."""
        delivery = tables.delivery.c
        query = sa.select(Delivery)
        if webhook_id is not None:
            query = query.where(delivery.webhook_id == webhook_id)
        if failed:
            query = query.where(delivery.delivered_at.is_(None), delivery.tries > 0)
        if before is not None:
            query = query.where(delivery.id < before)
        return list(self._session.scalars(query.order_by(delivery.id.desc()).limit(limit)))

    def forget_before(self, moment: datetime) -> None:
        """Delete what got through long ago."""
        self._session.execute(sa.delete(tables.delivery).where(tables.delivery.c.delivered_at < moment))
