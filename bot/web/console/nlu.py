"""The analysts' routes: the inbox, verdicts one by one and many at once, and what they change in the training data."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.audit import Action
from bot.domain.label import Change, InboxFilter, LabelState, Look, Utterance
from bot.domain.user import Permission, User
from bot.services.audit import Audit
from bot.services.inbox import Inbox, Verdict
from bot.services.training import Training
from bot.web.console.door import Door
from bot.web.console.shown import moment
from bot.web.gateway import Why
from bot.web.ids import RowId


class Marked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    start: int = Field(ge=0, le=2_000)
    end: int = Field(ge=1, le=2_000)
    entity: str = Field(pattern="^[a-z_]{1,32}$")


class Said(BaseModel):
    """A verdict; `label` belongs to `accepted` alone."""

    model_config = ConfigDict(extra="forbid")

    state: LabelState
    label: str | None = Field(None, max_length=64)
    entities: list[Marked] = Field(default_factory=list, max_length=50)

    def verdict(self) -> Verdict:
        return Verdict(self.state, self.label, tuple(one.model_dump() for one in self.entities))


class One(Said):
    version: RowId


class Many(Said):
    chosen: list[tuple[RowId, RowId]] = Field(min_length=1, max_length=500)
    """(id, version) of each."""


@dataclass(frozen=True)
class NluRoutes:
    door: Door
    inbox: Inbox
    training: Training
    audit: Audit
    why: Why

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api/nlu", tags=["analysts"])
        self._add_inbox(routes)
        self._add_verdicts(routes)
        self._add_dataset(routes)
        return routes

    def wanted(
        self,
        state: LabelState = LabelState.NEW,
        intent: Annotated[str, Query(max_length=64)] = "",
        label: Annotated[str, Query(max_length=64)] = "",
        text: Annotated[str, Query(max_length=200)] = "",
        look: Look | None = None,
        days: Annotated[int, Query(ge=0, le=3650)] = 0,
        variety: Annotated[str, Query(max_length=16)] = "",
    ) -> InboxFilter:
        """`days`: said again within the last so many days; 0 asks for all."""
        return InboxFilter(state, intent, label, text, look, self.inbox.since(days), variety)

    def _add_inbox(self, routes: APIRouter) -> None:
        analyst = Annotated[User, Depends(self.door.needs(Permission.LABEL))]
        filtered = Annotated[InboxFilter, Depends(self.wanted)]

        @routes.get("/labels")
        def labels(user: analyst) -> dict[str, Any]:
            return {"labels": sorted(self.inbox.labels())}

        @routes.get("/inbox")
        def inbox(user: analyst, fits: filtered, offset: Annotated[int, Query(ge=0, le=100_000)] = 0) -> dict[str, Any]:
            found, count = self.inbox.page(fits, offset)
            return {"utterances": [_utterance(one) for one in found], "count": count}

        @routes.get("/clusters")
        def clusters(user: analyst, fits: filtered) -> dict[str, Any]:
            """Return look-alikes together, the largest group first."""
            return {"clusters": [[_utterance(one) for one in group] for group in self.inbox.clusters(fits)]}

        @routes.get("/utterances/{utterance_id}/seen")
        def seen(user: analyst, utterance_id: RowId) -> dict[str, Any]:
            """Return where it was said: conversation and line."""
            found = self.inbox.seen_in(utterance_id)
            self.audit.saw(user, Action.SEEN_IN, [talk for talk, _, _ in found], utterance=utterance_id)
            return {"seen": [{"conversation": talk, "line": line, "at": moment(at)} for talk, line, at in found]}

        @routes.get("/utterances/{utterance_id}/why")
        async def why(user: analyst, utterance_id: RowId) -> dict[str, Any]:
            """Return the words that decide how the live model reads it now."""
            text = await asyncio.to_thread(self.inbox.text_of, utterance_id)
            return {"words": [asdict(word) for word in await self.why(text)]}

    def _add_verdicts(self, routes: APIRouter) -> None:
        analyst = Annotated[User, Depends(self.door.needs(Permission.LABEL))]

        @routes.post("/utterances/{utterance_id}")
        def decide(user: analyst, utterance_id: RowId, said: One) -> dict[str, Any]:
            return {"utterance": _utterance(self.inbox.decide(user, utterance_id, said.version, said.verdict()))}

        @routes.post("/many")
        def decide_many(user: analyst, said: Many) -> dict[str, Any]:
            """Decide for several at once; `refused` are those somebody else was quicker with."""
            return {"refused": self.inbox.decide_many(user, said.chosen, said.verdict())}

        @routes.post("/undo")
        def undo(user: analyst) -> dict[str, Any]:
            return {"utterance": _utterance(self.inbox.undo(user))}

    def _add_dataset(self, routes: APIRouter) -> None:
        analyst = Annotated[User, Depends(self.door.needs(Permission.LABEL))]

        @routes.get("/dataset")
        def preview(user: analyst) -> dict[str, Any]:
            """Return what writing the accepted labels would change, masked as it would be written."""
            return {
                "changes": [_change(one) for one in self.training.preview()],
                "left_out": self.training.left_out(),
            }

        @routes.post("/dataset")
        def write(user: analyst) -> dict[str, Any]:
            return {"changes": [_change(one) for one in self.training.write()]}


def _utterance(one: Utterance) -> dict[str, Any]:
    return {
        "id": one.id, "text": one.text, "count": one.count, "intent": one.intent, "confidence": round(one.confidence, 3),
        "ranking": one.ranking[:5], "model": one.model, "first_seen": moment(one.first_seen),
        "last_seen": moment(one.last_seen), "priority": one.priority, "suggestion": one.suggestion,
        "badly_rated": one.badly_rated, "variety": one.variety, "state": str(one.state), "label": one.label,
        "entities": one.entities, "version": one.version,
    }  # fmt: skip


def _change(one: Change) -> dict[str, Any]:
    return {"name": one.name, "diff": one.diff}
