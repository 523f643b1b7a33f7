"""What the tests marked `rasa` share: a model trained from what is in the tree, and Rasa imported without its noise.

Rasa takes six seconds to import: it is imported inside these fixtures and inside tests marked `rasa`, nowhere else.
"""

import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.engine import trainer
from bot.settings import ROOT

MODELS = ROOT / "models"
CACHE = ROOT / "var" / "test-models"

RASA = [
    pytest.mark.rasa,
    # Notes to the authors of Rasa, of its SDK and of the libraries they call, whose last versions for it these are.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
"""Marks for every module that needs Rasa: `pytestmark = RASA`."""


@pytest.fixture(scope="session")
def model() -> Path:
    """The live model if it is current, otherwise one trained once for the same sources; never written to models/."""
    if trainer.is_current(ROOT, MODELS):
        return _file(MODELS)
    folder = CACHE / trainer.fingerprint(ROOT)[:16]
    if not trainer.is_current(ROOT, folder):
        trainer.train(ROOT, folder, folder / "train.log")
    return _file(folder)


@pytest.fixture(scope="session")
def quiet_rasa() -> None:
    """Import Rasa once, as it is run: without other people's notes."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        for name, value in trainer.QUIET.items():
            patch.setenv(name, value)
        import sanic  # switches deprecation notes on for everybody

        warnings.simplefilter("ignore")
        import rasa.core.agent

        assert sanic
        assert rasa.core.agent


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve a Sanic application on this loop; yields its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listening, return_asyncio_server=True)
        await server.startup()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.close()
        await server.wait_closed()


def _file(models: Path) -> Path:
    live = trainer.live_model(models)
    assert live is not None
    return models / live.file
