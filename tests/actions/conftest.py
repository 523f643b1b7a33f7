"""The actions over real services on a database of their own. rasa-sdk is imported here, Rasa is not."""

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    import sanic  # switches deprecation notes on for everybody

    warnings.simplefilter("ignore")  # of sanic-cors, whose last version for this sanic it is
    import rasa_sdk.endpoint

    import actions.ask
    import actions.server

from bot.bootstrap import Services, build
from bot.settings import Settings

assert sanic
assert rasa_sdk.endpoint
assert actions.server

SECRET = "the secret of the tests, long enough"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, migrated once and copied for each test."""
    folder = tmp_path_factory.mktemp("store")
    made = build(Settings(data_dir=folder, secret=SECRET))
    made.migrate()
    made.store.engine.dispose()
    return folder / "shakwa.db"


@pytest.fixture
def services(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """What `actions.ask.services()` returns during the test."""
    shutil.copy(empty_store, tmp_path)
    made = build(Settings(data_dir=tmp_path, secret=SECRET))
    monkeypatch.setattr(actions.ask, "build", lambda: made)
    actions.ask.services.cache_clear()
    yield made
    actions.ask.services.cache_clear()
    made.store.engine.dispose()
