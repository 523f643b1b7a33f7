"""Models of the bot, the runs that make one and put it beside the live one, and who let which serve."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.errors import NotAllowed


class RunState(StrEnum):
    WAITING = "waiting"
    """For the worker."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class ModelRun:
    """A candidate is trained and compared with the live model; one run at a time."""

    user_id: int
    asked_at: datetime
    train: bool
    """Otherwise the candidate that is there is compared."""
    replay: int
    """How many of shoppers' newest messages both models read."""
    margin: float
    """F1 a guarded intent may lose."""
    state: RunState = RunState.WAITING
    under_way: bool | None = True
    """None once it has ended: the store allows one that is not."""
    step: str = ""
    share: float = 0.0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trained_in: float | None = None
    """Seconds the training took: what the next one's progress is estimated by."""
    candidate: str = ""
    failure: str = ""
    """A code; `about` holds what its sentence names."""
    about: dict[str, Any] = field(default_factory=dict)
    cancel_wanted: bool = False
    id: int | None = None

    @property
    def is_given_up(self) -> bool:
        """Whether whoever works on it should stop."""
        return self.cancel_wanted or self.state is not RunState.RUNNING

    def take(self, now: datetime) -> None:
        self.state, self.started_at = RunState.RUNNING, now

    def tell(self, step: str, share: float) -> None:
        """Note how far it is; what ended meanwhile stays as it is."""
        if self.state is RunState.RUNNING:
            self.step, self.share = step, share

    def cancel(self, now: datetime) -> None:
        """End it where nobody works on it yet, else ask whoever does to give it up."""
        if self.state is RunState.WAITING:
            self._end(RunState.CANCELLED, now)
        elif self.state is RunState.RUNNING:
            self.cancel_wanted = True
        else:
            raise NotAllowed(f"run {self.id} is {self.state}: nothing of it is under way", "no_run")

    def finish(self, now: datetime) -> None:
        self._end(RunState.DONE, now)

    def give_up(self, now: datetime) -> None:
        self._end(RunState.CANCELLED, now)

    def fail(self, failure: str, about: dict[str, Any], now: datetime) -> None:
        self.failure, self.about = failure, about
        self._end(RunState.FAILED, now)

    def _end(self, state: RunState, now: datetime) -> None:
        self.state, self.under_way, self.ended_at = state, None, now


class ModelRole(StrEnum):
    LIVE = "live"
    CANDIDATE = "candidate"
    PAST = "past"
    """It was live, and can be so again."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """An archive in the folder of models; the measures are those of the report on it, None without one."""

    file: str
    role: ModelRole
    made_at: datetime
    accuracy: float | None = None
    macro_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a candidate should not go live."""

    code: str
    """`intent_falls`, `fewer_right`, `leaked`, `conversations_fail`: what pages look their own sentence up by."""
    values: dict[str, str | int | float]
    sentence: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """A line of `models/promotions.jsonl`: one model took another's place."""

    at: str
    """UTC, ISO 8601."""
    action: str
    """`trained` (and live at once), `promoted` or `rolled_back`."""
    model: str
    instead_of: str
    """Empty where no model was live."""
    by: str
    because: str
    """Why, although something spoke against it; empty where nothing did."""
