"""Gateways over the store of the test, which look for what others wrote twenty times a second."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.domain.shop import Shop
from bot.services.words import Words
from bot.store.unit_of_work import Store
from bot.web.runner import Runner
from bot.web.streams import Hub
from tests.conftest import Clock
from tests.web.site import Shopper, Site


@pytest.fixture(autouse=True)
def _watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    for watch in (Hub.watch, Runner.watch):
        monkeypatch.setattr(watch, "__defaults__", (0.05,))


@pytest.fixture
def site(store: Store, clock: Clock, words: Words, shop: Shop, tmp_path: Path) -> Site:
    return Site(store, clock, words, shop, tmp_path)


@pytest.fixture
def http(site: Site) -> Iterator[httpx.Client]:
    with site.open() as http:
        yield http


@pytest.fixture
def shopper(http: httpx.Client) -> Shopper:
    return Shopper(http)
