"""Webhooks: kept, fed from the outbox, delivered until they get through, seen and sent again."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.domain.errors import DeliveryUnknown, NotAllowed, WebhookUnknown
from bot.domain.webhook import Delivery, Topic, Webhook
from bot.language.spelling import clean
from bot.services.ports import Clock, Store, Work

log = structlog.get_logger()

AT_ONCE = 20
LINES = 8
"""Sent at the same time, so that one slow receiver holds up nobody else."""
KEPT = timedelta(days=30)
"""How long one can see what got through."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a sender needs of a delivery, outside any transaction."""

    delivery_id: int
    event_id: int | None
    topic: str
    created_at: datetime
    payload: dict[str, Any]
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int | None
    error: str = ""
    """Empty where it got through."""


Send = Callable[[Letterhead], Outcome]
Check = Callable[[str], object]
"""Raises AddressRefused for an address nothing may be sent to."""


class Webhooks:
    def __init__(self, store: Store, clock: Clock, send: Send, check: Check) -> None:
        self._store = store
        self._clock = clock
        self._send = send
        self._check = check

    # ------------------------------------------------------------------ keeping

    def add(self, url: str, topics: list[str], description: str = "") -> Webhook:
        """Keep a webhook with a secret of its own; raise AddressRefused or NotAllowed."""
        self._check(url)
        chosen = _known(topics)
        webhook = Webhook(url, secrets.token_urlsafe(32), chosen, self._clock(), clean(description)[:200])
        with self._store.write() as work:
            work.webhooks.add(webhook)
            work.commit()
        return webhook

    def all(self) -> list[Webhook]:
        with self._store.read() as work:
            return work.webhooks.all()

    def turn(self, webhook_id: int, *, on: bool) -> Webhook:
        with self._store.write() as work:
            webhook = _found(work, webhook_id)
            webhook.active = on
            work.commit()
        return webhook

    def renew_secret(self, webhook_id: int) -> Webhook:
        """Give another secret; what is on its way is signed with it, too."""
        with self._store.write() as work:
            webhook = _found(work, webhook_id)
            webhook.secret = secrets.token_urlsafe(32)
            work.commit()
        return webhook

    def remove(self, webhook_id: int) -> None:
        with self._store.write() as work:
            work.webhooks.remove(_found(work, webhook_id))
            work.commit()

    # ------------------------------------------------------------------ delivering

    def deliver_due(self) -> int:
        """Send what is due, several at once; return how many got through. What is sent is nobody else's for a minute."""
        through = 0
        with ThreadPoolExecutor(LINES, thread_name_prefix="webhook") as pool:
            while batch := self._lease():
                through += sum(pool.map(self._deliver, batch))
        return through

    def send_test(self, webhook_id: int) -> int:
        """Put a test event on its way to one webhook; return the delivery's id."""
        with self._store.write() as work:
            _found(work, webhook_id)
            now = self._clock()
            delivery = Delivery(webhook_id, None, Topic.TEST, now, {"hello": "shakwa"}, not_before=now)
            work.webhooks.add_delivery(delivery)
            work.commit()
        assert delivery.id is not None
        return delivery.id

    def resend(self, delivery_id: int) -> Delivery:
        with self._store.write() as work:
            delivery = work.webhooks.delivery(delivery_id)
            if delivery is None:
                raise DeliveryUnknown(f"no delivery {delivery_id}")
            delivery.send_again(self._clock())
            work.commit()
        return delivery

    def deliveries(
        self, webhook_id: int | None = None, *, failed: bool = False, before: int | None = None
    ) -> list[Delivery]:
        """Return the newest deliveries, a page of them, from those before id `before`."""
        with self._store.read() as work:
            return work.webhooks.deliveries(webhook_id, failed, before, PAGE)

    def forget_old(self) -> None:
        with self._store.write() as work:
            work.webhooks.forget_before(self._clock() - KEPT)
            work.commit()

    def _lease(self) -> list[Letterhead]:
        now = self._clock()
        with self._store.write() as work:
            letters = []
            for delivery in work.webhooks.due(now, AT_ONCE):
                delivery.lease(now)
                webhook = work.webhooks.get(delivery.webhook_id)
                if webhook is not None and delivery.id is not None:
                    head = (delivery.id, delivery.event_id, delivery.topic, delivery.created_at, delivery.payload)
                    letters.append(Letterhead(*head, webhook.url, webhook.secret))
            work.commit()
        return letters

    def _deliver(self, letter: Letterhead) -> bool:
        outcome = self._send(letter)
        with self._store.write() as work:
            delivery = work.webhooks.delivery(letter.delivery_id)
            if delivery is None:
                return False
            if outcome.error:
                delivery.failed(self._clock(), outcome.status, outcome.error)
                told = {"delivery": letter.delivery_id, "tries": delivery.tries, "reason": outcome.error}
                log.warning("webhook.failed", **told)
            else:
                delivery.got_through(self._clock(), outcome.status or 200)
            work.commit()
        return not outcome.error


def _known(topics: list[str]) -> list[str]:
    chosen = list(dict.fromkeys(topics))
    allowed = set(Topic) - {Topic.TEST}
    if not chosen or not set(chosen) <= allowed:
        raise NotAllowed(f"topics are {', '.join(sorted(allowed))}", "topics_unknown")
    return chosen


def _found(work: Work, webhook_id: int) -> Webhook:
    webhook = work.webhooks.get(webhook_id)
    if webhook is None:
        raise WebhookUnknown(f"no webhook {webhook_id}")
    return webhook
