"""A store of its own for every walk, in which nobody waits long for a lock."""

import uuid
from collections.abc import Iterator

import pytest

import bot.store.engine
from bot import failpoints
from bot.language.search import search_form
from bot.store.engine import open_engine
from bot.store.unit_of_work import Store


@pytest.fixture
def impatient(backend: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The migrated store of this backend, by connections that can be told from others'."""
    url = request.getfixturevalue(f"migrated_{backend}").url  # opened with limits of its own, which other tests need
    monkeypatch.setattr(bot.store.engine, "BUSY_TIMEOUT_MS", 60)
    monkeypatch.setattr(bot.store.engine, "LOCK_TIMEOUT_MS", 60)
    if backend == "postgresql":
        url = url.update_query_dict({"application_name": f"chaos-{uuid.uuid4().hex[:12]}"})
    engine = open_engine(url.render_as_string(hide_password=False))
    yield Store(engine, search_form)
    failpoints.arm(None)
    engine.dispose()
