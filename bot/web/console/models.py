"""The routes of models: runs that train and compare, the report on a candidate, and which model serves."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.model import ModelFile, ModelRun, Objection
from bot.domain.user import Permission, User
from bot.services.models import SHORTEST_REASON, Models
from bot.services.runs import Runs
from bot.web.console.door import Door
from bot.web.console.shown import moment

SHOWN_RUNS = 10
MOST_REPLAYED = 5_000
"""Messages: a thousand take both models some ten seconds."""


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    train: bool = True
    replay: int = Field(0, ge=0, le=MOST_REPLAYED)
    margin: float | None = Field(None, ge=0, le=1)
    """None asks for the usual one."""


class Chosen(BaseModel):
    """A model, as the page showed it."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=128)
    because: str = Field("", max_length=1_000)


@dataclass(frozen=True)
class ModelRoutes:
    door: Door
    models: Models
    runs: Runs

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api/nlu", tags=["models"])
        self._add_models(routes)
        self._add_choices(routes)
        self._add_runs(routes)
        return routes

    def _add_models(self, routes: APIRouter) -> None:
        reader = Annotated[User, Depends(self.door.needs(Permission.SEE_NLU))]

        @routes.get("/models")
        def models(user: reader) -> dict[str, Any]:
            """Return every model; `against` is null where the candidate was not compared with the live model."""
            against = self.models.objections()
            return {
                "models": [_model(one) for one in self.models.all()],
                "against": None if against is None else [_objection(one) for one in against],
                "history": [asdict(one) for one in self.models.history()],
                "margin": self.runs.margin,
                "most_replayed": MOST_REPLAYED,
                "shortest_reason": SHORTEST_REASON,
            }

        @routes.get("/models/report")
        def report(user: reader, model: Annotated[str, Query(max_length=128)]) -> dict[str, Any]:
            """Return the report on a model; `said` holds what shoppers said, by the number of the utterance."""
            found, said = self.models.report(model)
            return {"report": found, "said": said}

    def _add_choices(self, routes: APIRouter) -> None:
        trainer = Annotated[User, Depends(self.door.needs(Permission.TRAIN))]

        @routes.post("/models/promote", status_code=204)
        def promote(user: trainer, chosen: Chosen) -> None:
            self.models.promote(user, chosen.model, chosen.because)

        @routes.post("/models/rollback", status_code=204)
        def roll_back(user: trainer, chosen: Chosen) -> None:
            self.models.roll_back(user, chosen.model, chosen.because)

    def _add_runs(self, routes: APIRouter) -> None:
        watcher = Annotated[User, Depends(self.door.needs(Permission.SEE_NLU, counts=False))]
        trainer = Annotated[User, Depends(self.door.needs(Permission.TRAIN))]

        @routes.get("/runs")
        def runs(user: watcher) -> dict[str, Any]:
            found, names = self.runs.newest(SHOWN_RUNS)
            return {"runs": [_run(one, names) for one in found]}

        @routes.get("/runs/log")
        def log(user: watcher) -> dict[str, Any]:
            """Return the end of what the newest training printed."""
            return {"lines": self.runs.log()}

        @routes.post("/runs", status_code=202)
        def start(user: trainer, wanted: Wanted) -> dict[str, Any]:
            margin = self.runs.margin if wanted.margin is None else wanted.margin
            run = self.runs.start(user, train=wanted.train, replay=wanted.replay, margin=margin)
            return {"run": _run(run, {user.id or 0: user.name})}

        @routes.post("/runs/cancel")
        def cancel(user: trainer) -> dict[str, Any]:
            return {"run": _run(self.runs.cancel(user), {})}


def _model(one: ModelFile) -> dict[str, Any]:
    measures = {"accuracy": one.accuracy, "macro_f1": one.macro_f1}
    return {"file": one.file, "role": str(one.role), "made_at": moment(one.made_at)} | measures


def _objection(one: Objection) -> dict[str, Any]:
    return {"code": one.code, "values": one.values}


def _run(one: ModelRun, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.id, "by": names.get(one.user_id), "state": str(one.state), "step": one.step, "share": one.share,
        "train": one.train, "replay": one.replay, "margin": one.margin, "candidate": one.candidate,
        "asked_at": moment(one.asked_at), "started_at": moment(one.started_at), "ended_at": moment(one.ended_at),
        "failure": one.failure, "about": one.about, "cancel_wanted": one.cancel_wanted,
    }  # fmt: skip
