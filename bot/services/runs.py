"""Runs that train a candidate and put it beside the live model: asked for by people, worked off by the worker."""

import time
from collections.abc import Callable

import structlog

from bot.domain.errors import GivenUp, NotAllowed, RunFailed
from bot.domain.model import ModelRole, ModelRun
from bot.domain.user import Permission, User
from bot.services.ports import Clock, Store, Work
from bot.services.workshop import Cancelled, Workshop

log = structlog.get_logger()

FIRST_TRAINING = 60.0
"""Seconds a training is taken to need before one was seen."""
TOLD_EVERY = 1.0
"""Seconds between two notes of how far a run is."""
VALIDATED, TRAINED = 0.02, 0.4
"""Shares of a run that are done once the data is checked, and once the candidate is trained."""
LOG_LINES = 200


class Runs:
    def __init__(self, store: Store, clock: Clock, workshop: Workshop, margin: float) -> None:
        """`margin` is the F1 an intent may lose; a looser one needs OVERRIDE_GATE."""
        self._store = store
        self._clock = clock
        self._workshop = workshop
        self.margin = margin

    def start(self, user: User, *, train: bool, replay: int, margin: float) -> ModelRun:
        """Ask for a run; raise NotAllowed where one is under way, or there is nothing to compare."""
        user.require(Permission.TRAIN)
        if margin > self.margin:
            user.require(Permission.OVERRIDE_GATE)
        assert user.id is not None
        candidate = "" if train else self._candidate()
        run = ModelRun(user.id, self._clock(), train, replay, margin, candidate=candidate)
        with self._store.write() as work:
            if not work.runs.begin(run):
                raise NotAllowed("another run is under way", "run_under_way")
            work.commit()
        return run

    def cancel(self, user: User) -> ModelRun:
        """Give up the run that is under way; one that the worker is at ends within seconds."""
        user.require(Permission.TRAIN)
        with self._store.write() as work:
            run = work.runs.under_way()
            if run is None:
                raise NotAllowed("no run is under way", "no_run")
            run.cancel(self._clock())
            work.commit()
        return run

    def newest(self, limit: int) -> tuple[list[ModelRun], dict[int, str]]:
        """Return the newest runs first, and the names of users."""
        with self._store.read() as work:
            return work.runs.newest(limit), work.users.names()

    def log(self) -> list[str]:
        """Return the last lines of the newest training's output."""
        return self._workshop.log(LOG_LINES)

    def work_off(self, stopped: Cancelled = lambda: False) -> ModelRun | None:
        """Do the run that waits, if one does, until it ends or `stopped` holds. One worker alone calls this.

        A run that is not waiting was left by a worker that died, and has failed.
        """
        run = self._take()
        if run is None:
            return None
        assert run.id is not None
        watch = _Watch(self._store, run.id, stopped)
        try:
            self._work(run, run.id, watch)
            return self._change(run.id, lambda left: left.finish(self._clock()))
        except GivenUp:
            return self._given_up(run.id, stopped())
        except RunFailed as error:
            return self._failed(run.id, error.code, error.about)
        except Exception as error:  # whatever it is, the page says that the run has ended
            log.error("run.broken", run=run.id, cause=type(error).__name__, exc_info=error)
            return self._failed(run.id, "error", {"why": type(error).__name__})

    def _candidate(self) -> str:
        """Return the name of the candidate; raise NotAllowed where there is none to compare."""
        for one in self._workshop.models():
            if one.role is ModelRole.CANDIDATE:
                return one.file
        raise NotAllowed("there is no candidate to compare", "no_candidate")

    def _take(self) -> ModelRun | None:
        with self._store.write() as work:
            run = work.runs.under_way()
            if run is None:
                return None
            if run.started_at is None:
                run.take(self._clock())
            else:
                run.fail("worker_died", {}, self._clock())
            work.commit()
        return run if run.under_way else None

    def _work(self, run: ModelRun, run_id: int, watch: "_Watch") -> None:
        if run.train:
            watch.tell("validating", 0.0)
            self._workshop.validate()
            self._train(run_id, watch)
        with self._store.read() as work:
            said = work.labels.newest(run.replay) if run.replay else []
        begun = TRAINED if run.train else 0.0
        self._workshop.compare(
            said, run.margin, lambda step, share: watch.tell(step, begun + share * (1 - begun)), watch.cancelled
        )

    def _train(self, run_id: int, watch: "_Watch") -> None:
        with self._store.read() as work:
            expected = work.runs.last_training() or FIRST_TRAINING
        begun = time.monotonic()

        def cancelled() -> bool:
            """Asked all the while: how far it is, is told by the seconds the last training took."""
            done = min(0.98, (time.monotonic() - begun) / expected)
            watch.tell("training", VALIDATED + done * (TRAINED - VALIDATED))
            return watch.cancelled()

        candidate = self._workshop.train(cancelled)
        self._change(run_id, lambda run: _note_training(run, candidate, time.monotonic() - begun))

    def _given_up(self, run_id: int, by_the_worker: bool) -> ModelRun:
        if by_the_worker:
            return self._failed(run_id, "worker_stopped", {})
        return self._change(run_id, lambda run: run.give_up(self._clock()))

    def _failed(self, run_id: int, code: str, about: dict[str, str | int]) -> ModelRun:
        return self._change(run_id, lambda run: run.fail(code, about, self._clock()))

    def _change(self, run_id: int, change: Callable[[ModelRun], None]) -> ModelRun:
        with self._store.write() as work:
            run = _found(work, run_id)
            if run.under_way:
                change(run)
            work.commit()
        return run


class _Watch:
    """Notes how far a run is, at most every TOLD_EVERY seconds within a step, and sees whether it is to be given up."""

    def __init__(self, store: Store, run_id: int, stopped: Cancelled) -> None:
        self._store = store
        self._run_id = run_id
        self._stopped = stopped
        self._step, self._share = "", 0.0
        self._told_at, self._given_up = 0.0, False

    def tell(self, step: str, share: float) -> None:
        changed = step != self._step
        self._step, self._share = step, share
        if changed or time.monotonic() - self._told_at >= TOLD_EVERY:
            self._note()

    def cancelled(self) -> bool:
        if time.monotonic() - self._told_at >= TOLD_EVERY:
            self._note()
        return self._given_up or self._stopped()

    def _note(self) -> None:
        with self._store.write() as work:
            run = _found(work, self._run_id)
            run.tell(self._step, round(self._share, 4))
            self._given_up = run.is_given_up
            work.commit()
        self._told_at = time.monotonic()


def _note_training(run: ModelRun, candidate: str, seconds: float) -> None:
    run.candidate, run.trained_in = candidate, round(seconds, 1)


def _found(work: Work, run_id: int) -> ModelRun:
    run = work.runs.locked(run_id)
    assert run is not None, "runs are never deleted"
    return run
