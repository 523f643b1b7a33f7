"""The running Shakwa of tests/system."""

from tests.system.conftest import system

__all__ = ["system"]
