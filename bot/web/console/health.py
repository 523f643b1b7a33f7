"""The state of the training data: looked at, examined anew, and mended sentence by sentence."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.health import Health, Sentence
from bot.domain.user import Permission, User
from bot.services.health import Checked, HealthCheck
from bot.web.console.door import Door

MOST = 200
"""Of each list; what is mended makes room."""


class Mend(BaseModel):
    """What becomes of a sentence: `label` is where it is moved to."""

    model_config = ConfigDict(extra="forbid", strict=True)

    act: Literal["move", "remove", "approve"]
    text: str = Field(max_length=2_000)
    under: str = Field(max_length=64)
    label: str = Field("", max_length=64)


@dataclass(frozen=True)
class HealthRoutes:
    door: Door
    health: HealthCheck

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api/nlu/health", tags=["analysts"])
        analyst = Annotated[User, Depends(self.door.needs(Permission.LABEL))]

        @routes.get("")
        def state(user: analyst) -> dict[str, Any]:
            return _checked(self.health.state())

        @routes.post("", status_code=202)
        def examine(user: analyst) -> dict[str, Any]:
            """Begin an examination, which takes about a minute; it goes on by itself."""
            self.health.start(user)
            return _checked(self.health.state())

        @routes.post("/mend")
        def mend(user: analyst, wanted: Mend) -> dict[str, Any]:
            sentence = Sentence(wanted.text, wanted.under)
            if wanted.act == "move":
                self.health.relabel(user, sentence, wanted.label)
            elif wanted.act == "remove":
                self.health.remove(user, sentence)
            else:
                self.health.approve(user, sentence)
            return _checked(self.health.state())

        return routes


def _checked(state: Checked) -> dict[str, Any]:
    found = _health(state.health, state.from_inbox) if state.health else None
    return {"running": state.running, "failed": state.failed, "outdated": state.outdated, "health": found}


def _health(health: Health, from_inbox: frozenset[Sentence]) -> dict[str, Any]:
    def shown(one: Sentence) -> dict[str, Any]:
        return {"text": one.text, "label": one.label, "from_inbox": one in from_inbox}

    misread = [shown(one.sentence) | {"guess": one.guess, "sure": one.sure} for one in health.misread]
    alike = [shown(one.other) | {"like": one.sentence.text} for one in health.look_alikes[:MOST]]
    return {
        "made_at": health.made_at,
        "sentences": health.sentences,
        "too_few": health.too_few,
        "contradictions": [[shown(one) for one in group] for group in health.contradictions[:MOST]],
        "confused": [{"label": one.label, "guess": one.guess, "count": one.count} for one in health.confused[:MOST]],
        "mislabelled": len(health.mislabelled),
        "misread": misread,
        "look_alikes": alike,
        "missing_varieties": health.missing_varieties,
        "entities": health.entities,
    }
