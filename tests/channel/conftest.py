"""The channel, from its pure parts to a wire of everything but the browser."""

import os
from types import ModuleType
from typing import Any

import pytest

from tests.actions.conftest import empty_store, services
from tests.rasa_fixtures import model, quiet_rasa

__all__ = ["agent", "empty_store", "model", "quiet_rasa", "services", "workbench"]


@pytest.fixture
def workbench(quiet_rasa: None) -> ModuleType:
    """`tests.channel.workbench`, which imports Rasa."""
    from tests.channel import workbench

    return workbench


@pytest.fixture(scope="session")
def agent(model: Any, quiet_rasa: None) -> Any:
    """Rasa's agent over the shared model, loaded once: tests give it trackers and an action server of their own."""
    from rasa.core.agent import Agent

    from bot.settings import ROOT

    here = os.getcwd()
    os.chdir(ROOT)  # the model names shop.yml relative to the project
    try:
        return Agent.load(model)
    finally:
        os.chdir(here)
