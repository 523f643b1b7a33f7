"""Complaints: the list with its filters, views and file; one of them with timeline and clocks; what is done with it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from bot.domain.audit import Action
from bot.domain.complaint import Complaint, Entry
from bot.domain.life import allowed, is_higher
from bot.domain.lists import Breach, ComplaintFilter
from bot.domain.names import Kind, Level, Status
from bot.domain.severity import Severity
from bot.domain.sla import Clock, clocks, state_of
from bot.domain.user import Permission, User
from bot.services.console import Console
from bot.services.record import record_of
from bot.services.words import Words
from bot.web.console import shown
from bot.web.console.door import Door
from bot.web.ids import RowId
from bot.web.streams import Hub

NUMBER = r"^[A-Za-z0-9-]{1,24}$"


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Move(Body):
    status: Status
    reason: str | None = Field(None, max_length=1_000)


class Raise(Body):
    level: Level
    reason: str | None = Field(None, max_length=1_000)


class Telling(Body):
    text: str


class Settlement(Body):
    accepted: bool


class Assignment(Body):
    to: RowId | None


class Many(Body):
    """One change for several complaints."""

    numbers: list[Annotated[str, Field(max_length=24)]]
    action: Literal["status", "level", "assign"]
    status: Status | None = None
    level: Level | None = None
    to: RowId | None = None
    reason: str | None = Field(None, max_length=1_000)


class View(Body):
    name: str = Field(max_length=120)
    query: dict[str, str] = Field(max_length=20)


@dataclass(frozen=True)
class ComplaintRoutes:
    door: Door
    console: Console
    words: Words
    hub: Hub
    address: Callable[[str], str]
    """Returns where a file can be opened for a while."""

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["complaints"])
        self._add_lists(routes)
        self._add_views(routes)
        self._add_one(routes)
        self._add_changes(routes)
        self._add_words(routes)
        return routes

    def _add_lists(self, routes: APIRouter) -> None:
        seer = Annotated[User, Depends(self.door.needs(Permission.SEE_COMPLAINTS))]
        exporter = Annotated[User, Depends(self.door.needs(Permission.EXPORT))]
        reader = Annotated[User, Depends(self.door.needs(Permission.READ_CONVERSATIONS))]
        filtered = Annotated[ComplaintFilter, Depends(wanted)]

        @routes.get("/complaints")
        def complaints(
            user: seer, fits: filtered, before: Annotated[int | None, Query(ge=1, le=2**31)] = None
        ) -> dict[str, Any]:
            page = self.console.lists.complaints(_mine(fits, user), before)
            now = self.console.clock()
            return {"complaints": [self._line(line, now) for line in page.lines], "before": page.before}

        @routes.get("/complaints.csv")
        def export(user: exporter, fits: filtered) -> StreamingResponse:
            headers = {"Content-Disposition": 'attachment; filename="complaints.csv"', "Cache-Control": "no-store"}
            rows = self.console.lists.exported(_mine(fits, user))
            self.console.audit.note(user, Action.LISTED)
            return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)

        @routes.get("/messages")
        def messages(user: reader, text: Annotated[str, Query(max_length=200)]) -> dict[str, Any]:
            """Find what shoppers and agents said, however it is spelled."""
            found = self.console.lists.messages(text)
            self.console.audit.saw(user, Action.FOUND, [one.conversation_id for one in found])
            return {"messages": [asdict(one) | {"created_at": shown.moment(one.created_at)} for one in found]}

    def _add_views(self, routes: APIRouter) -> None:
        seer = Annotated[User, Depends(self.door.needs(Permission.SEE_COMPLAINTS))]

        @routes.get("/views")
        def views(user: seer) -> dict[str, Any]:
            return {"views": [{"name": view.name, "query": view.query} for view in self.console.lists.views(user)]}

        @routes.post("/views", status_code=201)
        def save(user: seer, view: View) -> dict[str, Any]:
            kept = self.console.lists.save_view(user, view.name, view.query)
            return {"view": {"name": kept.name, "query": kept.query}}

        @routes.post("/views/drop", status_code=204)
        def drop(user: seer, view: View) -> Response:
            self.console.lists.drop_view(user, view.name)
            return Response(status_code=204)

    def _add_one(self, routes: APIRouter) -> None:
        seer = Annotated[User, Depends(self.door.needs(Permission.SEE_COMPLAINTS))]

        @routes.get("/complaints/{number}")
        def complaint(user: seer, number: str) -> dict[str, Any]:
            """Return everything that is known of a complaint, and what may be done with it."""
            whole = self._whole(number)
            self.console.audit.saw(user, Action.READ, [whole["conversation"]], complaint=whole["record"]["number"])
            return whole

    def _add_changes(self, routes: APIRouter) -> None:
        changer = Annotated[User, Depends(self.door.needs(Permission.CHANGE_COMPLAINTS))]
        bulk = Annotated[User, Depends(self.door.needs(Permission.CHANGE_MANY))]
        desk = self.console.desk

        @routes.post("/complaints/{number}/status")
        def move(user: changer, number: str, given: Move) -> dict[str, Any]:
            return self._after(desk.move(number, given.status, user.login, given.reason or None))

        @routes.post("/complaints/{number}/level")
        def raise_level(user: changer, number: str, given: Raise) -> dict[str, Any]:
            return self._after(desk.raise_level(number, given.level, user.login, given.reason or None))

        @routes.post("/complaints/{number}/assign")
        def assign(user: changer, number: str, given: Assignment) -> dict[str, Any]:
            return self._after(desk.assign(number, user, given.to))

        @routes.post("/complaints/many")
        def many(user: bulk, given: Many) -> dict[str, Any]:
            """Change several at once; those that would not be changed are named, with the reason."""
            refused = desk.change_many(given.numbers, self._one_of_many(user, given))
            return {
                "changed": len(set(given.numbers)) - len(refused),
                "refused": {number: self.words.errors[code] for number, code in refused.items()},
            }

    def _add_words(self, routes: APIRouter) -> None:
        changer = Annotated[User, Depends(self.door.needs(Permission.CHANGE_COMPLAINTS))]
        desk = self.console.desk

        @routes.post("/complaints/{number}/answer")
        def answer(user: changer, number: str, given: Telling) -> dict[str, Any]:
            return self._after(desk.answer(number, user, given.text))

        @routes.post("/complaints/{number}/offer")
        def offer(user: changer, number: str, given: Telling) -> dict[str, Any]:
            return self._after(desk.offer(number, user, given.text))

        @routes.post("/complaints/{number}/settle")
        def settle(user: changer, number: str, given: Settlement) -> dict[str, Any]:
            return self._after(desk.settle_offer(number, user, accepted=given.accepted))

    def _one_of_many(self, user: User, given: Many) -> Callable[[str], Complaint]:
        desk = self.console.desk
        if given.action == "status" and given.status is not None:
            status = given.status
            return lambda number: desk.move(number, status, user.login, given.reason or None)
        if given.action == "level" and given.level is not None:
            level = given.level
            return lambda number: desk.raise_level(number, level, user.login, given.reason or None)
        return lambda number: desk.assign(number, user, given.to)

    def _after(self, complaint: Complaint) -> dict[str, Any]:
        self.hub.wake(complaint.conversation_id)
        return self._whole(complaint.number)

    def _whole(self, number: str) -> dict[str, Any]:
        view, now, shop = self.console.dossiers.complaint(number), self.console.clock(), self.console.shop
        complaint = view.complaint
        return {
            "record": record_of(complaint) | {"timeline": None},
            "conversation": complaint.conversation_id,
            "erased": view.erased,
            "timeline": [self._entry(entry) for entry in complaint.timeline],
            "clocks": [_clock(one) for one in clocks(complaint, now, shop)],
            "contacts": [
                {"channel": one.channel, "content": one.content, "at": one.at_typed, "who": one.who}
                for one in complaint.contacts
            ],
            "files": [file.shown | {"url": self.address(file.id)} for file in view.files],
            "offer": {"text": complaint.offer, "accepted": complaint.offer_accepted} if complaint.offer else None,
            "assignee": {"id": complaint.assignee_id, "name": view.names.get(complaint.assignee_id or 0)},
            "notes": [
                {"author": view.names.get(note.author_id), "text": note.text, "at": shown.moment(note.at)}
                for note in view.notes
            ],
            "due": self.words.moment(complaint.due_at.astimezone(shop.zone)),
            "statuses": [str(status) for status in Status if status in allowed(complaint.status)],
            "levels": [str(level) for level in Level if is_higher(level, complaint.level)],
        }

    def _entry(self, entry: Entry) -> dict[str, Any]:
        said = self.words.sentence(entry)
        return {"at": shown.moment(entry.at), "actor": entry.actor, "action": entry.action, "said": said}

    def _line(self, line: Any, now: datetime) -> dict[str, Any]:
        moments = ("created_at", "first_answered_at", "answer_due_at", "resolve_by", "closed_at")
        due = min((one for one in (line.answer_due_at, line.resolve_by) if one is not None), default=None)
        told = asdict(line) | {name: shown.moment(getattr(line, name)) for name in moments}
        return told | {"description": line.description[:140], "clock": str(state_of(due, now)) if due else None}


def wanted(
    text: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[list[Status] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None,
    level: Annotated[list[Level] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    assignee: Annotated[str, Query(pattern=r"^(me|nobody|\d{1,9})?$")] = "",
    open_only: bool = False,
    breach: Breach | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ComplaintFilter:
    """Read a list's filters from the address; `assignee` is `me`, `nobody` or a user's id."""
    return ComplaintFilter(
        text, tuple(status or ()), tuple(kind or ()), tuple(level or ()), tuple(severity or ()),
        assignee_id={"me": ME, "nobody": None, "": None}.get(assignee, int(assignee) if assignee.isdigit() else None),
        unassigned=assignee == "nobody", open_only=open_only, breach=breach, since=_utc(since), until=_utc(until),
    )  # fmt: skip


def _clock(one: Clock) -> dict[str, Any]:
    told = {"due_at": shown.moment(one.due_at), "done_at": shown.moment(one.done_at)}
    return told | {"name": one.name, "state": str(one.state)}


ME = -1
"""Stands for whoever asks, until it is known who that is."""


def _mine(fits: ComplaintFilter, user: User) -> ComplaintFilter:
    return replace(fits, assignee_id=user.id) if fits.assignee_id == ME else fits


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
