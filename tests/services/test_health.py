"""The examination goes on by itself, tells when it failed, and what was mended is named no more."""

import threading
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.errors import Forbidden, NotAllowed
from bot.domain.health import Health, Misread, Sentence
from bot.domain.user import Role, User
from bot.services.health import Files, HealthCheck
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

WRONG, OTHER = Sentence("وين طلبي", "greet"), Sentence("هلا", "deny")
FOUND = Health(
    "2026-11-27T10:00:00+00:00",
    "one",
    2,
    [],
    [],
    [Misread(WRONG, "late_delivery", 0.9), Misread(OTHER, "greet", 0.8)],
    [],
    [],
    {},
)


@dataclass
class Folder:
    """Files of training data in memory."""

    sources: str = "one"
    kept: Health | None = None
    done: list[tuple[object, ...]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    broken: bool = False

    def examine(self) -> Health:
        assert self.gate.wait(10)
        if self.broken:
            raise OSError("no room")
        return FOUND

    def keep(self, health: Health) -> None:
        self.kept = health

    def files(self) -> Files:
        did = lambda name: lambda *of: self.done.append((name, *of))  # noqa: E731
        return Files(
            self.examine, self.examine, lambda: self.kept, self.keep, lambda: self.sources, did("relabel"), did("remove"),
            did("approve"), lambda: frozenset({OTHER}),
        )  # fmt: skip


@pytest.fixture
def folder() -> Folder:
    return Folder()


@pytest.fixture
def check(folder: Folder) -> HealthCheck:
    return HealthCheck(folder.files(), lambda: frozenset({"greet", "late_delivery"}))


@pytest.fixture
def noor(store: Store, clock: Clock) -> User:
    return a_user(users_of(store, clock), Role.ANALYST, "noor", "نور")


pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def test_an_examination_goes_on_by_itself_and_runs_once(folder: Folder, check: HealthCheck, noor: User) -> None:
    assert (check.state().health, check.state().running) == (None, False)
    check.start(noor)
    check.start(noor)
    assert check.state().running
    folder.gate.set()
    check.wait()
    state = check.state()
    assert (state.health, state.running, state.failed, state.outdated) == (FOUND, False, False, False)
    assert state.from_inbox == {OTHER}
    folder.sources = "two"
    assert check.state().outdated


def test_one_that_fails_says_so_and_leaves_what_was_known(folder: Folder, check: HealthCheck, noor: User) -> None:
    folder.kept, folder.broken = FOUND, True
    folder.gate.set()
    check.start(noor)
    check.wait()
    assert (check.state().failed, check.state().health) == (True, FOUND)
    folder.broken = False
    check.start(noor)
    check.wait()
    assert not check.state().failed


def test_what_is_mended_is_named_no_more(folder: Folder, check: HealthCheck, noor: User) -> None:
    folder.kept = FOUND
    check.relabel(noor, WRONG, "late_delivery")
    assert folder.kept == replace(FOUND, misread=[Misread(OTHER, "greet", 0.8)])
    check.remove(noor, OTHER)
    check.approve(noor, WRONG)
    assert folder.done == [("relabel", WRONG, "late_delivery"), ("remove", OTHER), ("approve", WRONG)]
    assert folder.kept.misread == []


def test_a_label_of_nothing_and_a_user_without_the_right_change_nothing(
    folder: Folder, check: HealthCheck, noor: User, store: Store, clock: Clock
) -> None:
    with pytest.raises(NotAllowed) as refused:
        check.relabel(noor, WRONG, "no_such_label")
    assert refused.value.code == "label_unknown"
    sara = a_user(users_of(store, clock), Role.AGENT, "sara", "سارة")
    for act in (lambda: check.start(sara), lambda: check.remove(sara, WRONG), lambda: check.relabel(sara, WRONG, "greet")):
        with pytest.raises(Forbidden):
            act()
    assert folder.done == []
