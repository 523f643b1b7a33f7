"""What the tests marked `rasa` share: a model trained from what is in the tree, and Rasa imported without its noise.

Rasa takes six seconds to import: it is imported inside these fixtures and inside tests marked `rasa`, nowhere else.
"""

import asyncio
import contextlib
import socket
import warnings
from collections.abc import AsyncIterator, Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.engine import trainer
from bot.settings import ROOT
from tests.system.model import current_models

DEADLINE_SECONDS = 30

RASA = [
    pytest.mark.rasa,
    # Notes to the authors of Rasa, of its SDK and of the libraries they call, whose last versions for it these are.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    # Told of every domain, whatever its slots.
    pytest.mark.filterwarnings("ignore:Slot auto-fill has been removed:UserWarning"),
]
"""Marks for every module that needs Rasa: `pytestmark = RASA`."""


@pytest.fixture(scope="session")
def model() -> Path:
    """The live model if it is current, otherwise one trained once for the same sources; never written to models/."""
    return _model()


@pytest.fixture(scope="session")
def quiet_rasa() -> None:
    """Import Rasa once, as it is run: without other people's notes."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        for name, value in trainer.QUIET.items():
            patch.setenv(name, value)
        import sanic  # switches deprecation notes on for everybody

        import bot.nlu  # Rasa without TensorFlow

        warnings.simplefilter("ignore")
        import rasa.core.agent

        assert bot.nlu
        assert sanic
        assert rasa.core.agent


@pytest.fixture(scope="session")
def agent(model: Path, quiet_rasa: None) -> Any:
    """Rasa's agent over the shared model: tests give it trackers and an action server of their own."""
    return _agent(model)


def run_async(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on asyncio's own loop: sanic switches the process to uvloop, which hangs when closed here."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(asyncio.wait_for(work, DEADLINE_SECONDS))


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve a Sanic application on this loop; yields its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listening, return_asyncio_server=True)
        await server.startup()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.close()
        await server.wait_closed()


# Each folder that imports the fixtures has them anew, even those of the session: what takes long is kept here.


@cache
def _model() -> Path:
    models = current_models()
    live = trainer.live_model(models)
    assert live is not None
    return models / live.file


@cache
def _agent(model: Path) -> Any:
    from rasa.core.agent import Agent

    with contextlib.chdir(ROOT):  # the model names shop.yml relative to the project
        return Agent.load(model)
