"""Which models there are, what speaks against the candidate, and who lets which of them serve."""

from typing import Any

from bot.domain.errors import ModelUnknown, NotAllowed
from bot.domain.model import ModelFile, Objection, Promotion
from bot.domain.user import Permission, User
from bot.services.ports import Store
from bot.services.workshop import Workshop

SHORTEST_REASON = 10
"""Characters that say why a candidate serves although something speaks against it."""
HISTORY = 50


class Models:
    def __init__(self, store: Store, workshop: Workshop) -> None:
        self._store = store
        self._workshop = workshop

    def all(self) -> list[ModelFile]:
        """Return the candidate, the live model and the earlier ones, the newest first."""
        return self._workshop.models()

    def objections(self) -> list[Objection] | None:
        """Return what speaks against the candidate; None where it was not compared with the live model of now."""
        return self._workshop.objections()

    def history(self) -> list[Promotion]:
        return self._workshop.promotions()[:HISTORY]

    def report(self, file: str) -> tuple[dict[str, Any], dict[int, str]]:
        """Return the report on a model, and what shoppers said where the two models differ, by number."""
        report = self._workshop.report(file)
        if report is None:
            raise ModelUnknown(f"there is no report on {file}")
        replay = report["replay"] or {"differences": []}
        with self._store.read() as work:
            return report, work.labels.texts([one["utterance"] for one in replay["differences"]])

    def promote(self, user: User, model: str, because: str = "") -> None:
        """Let the candidate serve; where something speaks against it, OVERRIDE_GATE and a reason are needed.

        `model` is the candidate the user looked at: raise NotAllowed where it is another one by now.
        """
        user.require(Permission.TRAIN)
        against = self._workshop.objections()
        if against is None:
            raise NotAllowed(f"{model} was not compared with the live model", "not_compared")
        if against:
            user.require(Permission.OVERRIDE_GATE)
            if len(because.strip()) < SHORTEST_REASON:
                raise NotAllowed(f"a reason has {SHORTEST_REASON} characters or more", "reason_too_short")
        if not self._workshop.promote(model, user.login, because.strip() if against else ""):
            raise NotAllowed(f"{model} is not the candidate", "model_changed")

    def roll_back(self, user: User, model: str, because: str = "") -> None:
        """Let the last earlier model serve again; raise NotAllowed where that is not `model`."""
        user.require(Permission.TRAIN)
        if not self._workshop.roll_back(model, user.login, because.strip()):
            raise NotAllowed(f"{model} is not the last model that served", "model_changed")
