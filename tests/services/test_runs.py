"""A run trains and compares one candidate at a time, tells how far it is, and ends in a way that people can read."""

from collections.abc import Callable
from threading import Thread
from types import SimpleNamespace

import pytest

from bot.domain.errors import Forbidden, NotAllowed, RunFailed
from bot.domain.model import ModelRun, RunState
from bot.domain.user import Role, User
from bot.engine.gate import MARGIN
from bot.services import runs as module
from bot.services.runs import Runs
from bot.store.unit_of_work import Store
from tests.builders import Talk, at_once, errors_in, wait_for
from tests.conftest import Clock
from tests.services.staff import a_user, users_of
from tests.services.workshop import FakeWorkshop, until_given_up


@pytest.fixture
def workshop() -> FakeWorkshop:
    return FakeWorkshop()


@pytest.fixture
def runs(store: Store, clock: Clock, workshop: FakeWorkshop) -> Runs:
    return Runs(store, clock, workshop, MARGIN)


@pytest.fixture
def noor(store: Store, clock: Clock) -> User:
    return a_user(users_of(store, clock), Role.ANALYST, "noor", "نور")


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_EVERY", 0.0)


def newest(runs: Runs) -> ModelRun:
    return runs.newest(1)[0][0]


def start(runs: Runs, user: User, *, train: bool = True, replay: int = 0, margin: float = MARGIN) -> ModelRun:
    return runs.start(user, train=train, replay=replay, margin=margin)


def test_a_run_checks_trains_and_compares_and_tells_how_far_it_is(
    runs: Runs, workshop: FakeWorkshop, noor: User, talk: Talk
) -> None:
    seen = []
    workshop.validates = lambda: seen.append(newest(runs))
    workshop.trains = lambda cancelled: seen.append(newest(runs))

    def compares(progress: Callable[[str, float], object], cancelled: Callable[[], bool]) -> None:
        progress("conversations", 0.5)
        seen.append(newest(runs))

    workshop.compares = compares
    talk.ask("وين طلبي")
    start(runs, noor, replay=10)
    assert newest(runs).state is RunState.WAITING
    ended = runs.work_off()
    assert ended is not None
    assert (ended.state, ended.candidate, ended.under_way) == (RunState.DONE, "new.tar.gz", None)
    assert ended.ended_at is not None
    assert [(one.state, one.step) for one in seen] == [
        (RunState.RUNNING, "validating"), (RunState.RUNNING, "training"), (RunState.RUNNING, "conversations"),
    ]  # fmt: skip
    assert [one.share for one in seen] == sorted(one.share for one in seen)
    assert seen[-1].share == pytest.approx(0.7)
    assert [text for _, text in workshop.said] == ["وين طلبي"]
    assert runs.work_off() is None


def test_the_candidate_that_is_there_is_compared_without_training(runs: Runs, workshop: FakeWorkshop, noor: User) -> None:
    with pytest.raises(NotAllowed) as refused:
        start(runs, noor, train=False)
    assert refused.value.code == "no_candidate"
    workshop.candidate, workshop.trains = "waits.tar.gz", lambda cancelled: pytest.fail("it was trained")
    start(runs, noor, train=False)
    ended = runs.work_off()
    assert ended is not None
    assert (ended.state, ended.candidate, workshop.against) == (RunState.DONE, "waits.tar.gz", [])


def test_one_run_at_a_time_also_of_those_who_ask_at_once(runs: Runs, noor: User) -> None:
    outcomes = at_once(6, lambda _: start(runs, noor))
    assert len(errors_in(outcomes)) == 5
    assert {error.code for error in errors_in(outcomes) if isinstance(error, NotAllowed)} == {"run_under_way"}
    runs.cancel(noor)
    assert newest(runs).state is RunState.CANCELLED
    assert start(runs, noor).id is not None


def test_an_agent_starts_nothing_and_a_looser_margin_is_the_supervisors(
    runs: Runs, noor: User, store: Store, clock: Clock
) -> None:
    users = users_of(store, clock)
    with pytest.raises(Forbidden):
        start(runs, a_user(users))
    with pytest.raises(Forbidden):
        start(runs, noor, margin=MARGIN + 0.01)
    huda = a_user(users, Role.SUPERVISOR, "huda", "هدى")
    assert start(runs, huda, margin=0.2).margin == 0.2
    with pytest.raises(Forbidden):
        runs.cancel(a_user(users, login="omar"))


def test_a_run_that_is_cancelled_ends_within_seconds_and_compares_nothing(
    runs: Runs, workshop: FakeWorkshop, noor: User
) -> None:
    workshop.trains = until_given_up
    workshop.compares = lambda progress, cancelled: pytest.fail("it was compared")
    start(runs, noor)
    worker = Thread(target=runs.work_off)
    worker.start()
    wait_for(lambda: newest(runs).step == "training")
    assert runs.cancel(noor).cancel_wanted
    worker.join(5)
    assert not worker.is_alive()
    assert (newest(runs).state, newest(runs).candidate) == (RunState.CANCELLED, "")
    with pytest.raises(NotAllowed) as refused:
        runs.cancel(noor)
    assert refused.value.code == "no_run"


def test_a_worker_that_stops_says_so(runs: Runs, workshop: FakeWorkshop, noor: User) -> None:
    workshop.trains = until_given_up
    start(runs, noor)
    ended = runs.work_off(stopped=lambda: True)
    assert ended is not None
    assert (ended.state, ended.failure) == (RunState.FAILED, "worker_stopped")


def test_a_run_whose_worker_died_has_failed_at_the_next_start(
    runs: Runs, workshop: FakeWorkshop, noor: User, store: Store
) -> None:
    def dies(cancelled: Callable[[], bool]) -> None:
        raise KeyboardInterrupt

    workshop.trains = dies
    start(runs, noor)
    with pytest.raises(KeyboardInterrupt):
        runs.work_off()
    assert newest(runs).state is RunState.RUNNING
    assert runs.work_off() is None
    assert (newest(runs).state, newest(runs).failure) == (RunState.FAILED, "worker_died")
    assert start(runs, noor).id is not None


@pytest.mark.parametrize(
    ("error", "failure", "about"),
    [
        (
            RunFailed("file_broken", file="data/nlu/item.yml", line=3),
            "file_broken",
            {"file": "data/nlu/item.yml", "line": 3},
        ),
        (OSError("the disk is full"), "error", {"why": "OSError"}),
    ],
)
def test_what_went_wrong_is_kept_with_what_it_is_about(
    runs: Runs, workshop: FakeWorkshop, noor: User, error: Exception, failure: str, about: dict[str, object]
) -> None:
    def breaks() -> None:
        raise error

    workshop.validates = breaks
    workshop.trains = lambda cancelled: pytest.fail("it was trained")
    start(runs, noor)
    runs.work_off()
    ended = newest(runs)
    assert (ended.state, ended.failure, ended.about) == (RunState.FAILED, failure, about)
    assert ended.ended_at is not None


def test_progress_within_a_step_is_written_at_most_once_a_second(
    runs: Runs, workshop: FakeWorkshop, noor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOLD_EVERY", 1.0)
    shares = []

    def compares(progress: Callable[[str, float], object], cancelled: Callable[[], bool]) -> None:
        for percent in range(100):
            progress("folds", percent / 100)
            cancelled()
        shares.append(newest(runs).share)

    workshop.compares = compares
    start(runs, noor)
    runs.work_off()
    assert shares == [pytest.approx(0.4)]


def test_a_training_is_estimated_by_the_one_before(
    runs: Runs, workshop: FakeWorkshop, noor: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(runs, noor)
    runs.work_off()
    with store.write() as work:
        [before] = work.runs.newest(1)
        before.trained_in = 10.0
        work.commit()
    now, shares = [100.0], []
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def trains(cancelled: Callable[[], bool]) -> None:
        for seconds in (5, 500):
            now[0] = 100.0 + seconds
            cancelled()
            shares.append(newest(runs).share)

    workshop.trains = trains
    start(runs, noor)
    runs.work_off()
    assert shares == [pytest.approx(0.02 + 0.5 * 0.38), pytest.approx(0.02 + 0.98 * 0.38, abs=0.001)]
