"""What makes models, for tests: everything in memory, and nothing takes longer than the test wants."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import GivenUp
from bot.domain.model import ModelFile, ModelRole, Objection, Promotion
from bot.services.workshop import Cancelled, Progress

MADE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FALLS = Objection("intent_falls", {"intent": "greet", "live": 0.9, "candidate": 0.7, "asked": 10}, "greet falls")


@dataclass
class FakeWorkshop:
    live: str = "live.tar.gz"
    candidate: str = ""
    past: list[str] = field(default_factory=list)
    against: list[Objection] | None = None
    """What speaks against the candidate; None: it was not compared."""
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[Promotion] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    """What was replayed."""
    lines: list[str] = field(default_factory=list)
    validates: Callable[[], None] = lambda: None
    trains: Callable[[Cancelled], None] = lambda cancelled: None
    compares: Callable[[Progress, Cancelled], None] = lambda progress, cancelled: None

    def validate(self) -> None:
        self.validates()

    def train(self, cancelled: Cancelled) -> str:
        cancelled()  # as whoever waits for a process does all the while
        self.trains(cancelled)
        self.candidate, self.against = "new.tar.gz", None
        return self.candidate

    def compare(self, said: list[tuple[int, str]], margin: float, progress: Progress, cancelled: Cancelled) -> None:
        progress("live", 0.0)
        self.compares(progress, cancelled)
        self.said, self.against = said, []

    def models(self) -> list[ModelFile]:
        roles = [(ModelRole.CANDIDATE, self.candidate), (ModelRole.LIVE, self.live)]
        roles += [(ModelRole.PAST, one) for one in self.past]
        return [self._shown(role, name) for role, name in roles if name]

    def _shown(self, role: ModelRole, name: str) -> ModelFile:
        return ModelFile(name, role, MADE, *((0.9, 0.88) if name in self.reports else (None, None)))

    def report(self, file: str) -> dict[str, Any] | None:
        return self.reports.get(file)

    def objections(self) -> list[Objection] | None:
        return self.against

    def promote(self, model: str, by: str, because: str) -> bool:
        if model != self.candidate:
            return False
        self.done.insert(0, Promotion(MADE.isoformat(), "promoted", model, self.live, by, because))
        self.past, self.live, self.candidate, self.against = [self.live, *self.past], model, "", None
        return True

    def roll_back(self, model: str, by: str, because: str) -> bool:
        if self.past[:1] != [model]:
            return False
        self.done.insert(0, Promotion(MADE.isoformat(), "rolled_back", model, self.live, by, because))
        self.candidate, self.live, self.past = self.live, model, self.past[1:]
        return True

    def promotions(self) -> list[Promotion]:
        return self.done

    def log(self, lines: int) -> list[str]:
        return self.lines[-lines:]


def until_given_up(cancelled: Cancelled, seconds: float = 30.0) -> None:
    """Work as long as nobody gives it up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            raise GivenUp("the work was cancelled")
        time.sleep(0.02)
    raise AssertionError("nobody gave it up")
