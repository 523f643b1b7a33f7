"""The channel, from its pure parts to a wire of everything but the browser."""

from types import ModuleType

import pytest

from tests.actions.conftest import empty_store, services
from tests.rasa_fixtures import agent, model, quiet_rasa

__all__ = ["agent", "empty_store", "model", "quiet_rasa", "services", "workbench"]


@pytest.fixture
def workbench(quiet_rasa: None) -> ModuleType:
    """`tests.channel.workbench`, which imports Rasa."""
    from tests.channel import workbench

    return workbench
