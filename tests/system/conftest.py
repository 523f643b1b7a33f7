"""One running Shakwa for all tests that need the real processes, audited when the last of them has ended."""

from collections.abc import Iterator

import pytest

from tests.system.auditor import audit, typed_words_in
from tests.system.model import current_models
from tests.system.running import System

RUNNING = pytest.StashKey[System]()


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """`shakwa up` with its own ports and folders; tests/browser asks for the same one."""
    stash = request.session.stash
    if RUNNING in stash:
        yield stash[RUNNING]
        return
    system = System(tmp_path_factory.mktemp("system"), current_models())
    try:
        system.start()
        stash[RUNNING] = system
        yield system
        check_at_the_end(system)
    finally:
        system.destroy()


def check_at_the_end(system: System) -> None:
    """Ctrl-C ends every process; what is left behind keeps every promise."""
    assert system.interrupt() == 0
    assert system.processes() == {}
    assert audit(system.store, system.acknowledged) == []
    assert typed_words_in(system.store, system.logs()) == []
