"""The components of the pipeline, one by one and through Rasa's own graph classes."""

from types import ModuleType

import pytest

from tests.rasa_fixtures import agent, model, quiet_rasa

__all__ = ["agent", "model", "quiet_rasa", "workbench"]


@pytest.fixture
def workbench(quiet_rasa: None) -> ModuleType:
    """`tests.nlu.workbench`, which imports Rasa."""
    from tests.nlu import workbench

    return workbench
