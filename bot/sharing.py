"""Composes what several processes of one installation share beside the store."""

from collections.abc import Callable
from typing import Any

from bot.bootstrap import Services
from bot.settings import Settings
from bot.signals.broadcast import Broadcast
from bot.signals.buckets import Buckets
from bot.signals.link import Link
from bot.store.lead import Lead


def shared_by_gateways(settings: Settings) -> dict[str, Any]:
    """Return what gateways share in Redis, by the names Gateway has for it; nothing where there is no Redis."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return {}
    link = Link(url, settings.shared_name)
    return {"signals": Broadcast(link), "buckets": Buckets(link)}


def leads(services: Services, duty: str) -> Callable[[], bool]:
    """Return what says whether this process has a duty that one of all processes has at a time."""
    return Lead(services.store.engine, services.settings.data_dir, duty).is_mine
