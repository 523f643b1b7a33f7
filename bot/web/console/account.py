"""Signing in and out, one's own password, and who else works here."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from bot.domain.audit import Action
from bot.domain.user import Permission, Role, User
from bot.services.audit import Audit
from bot.services.users import SignedIn, Users
from bot.web.console import shown
from bot.web.console.door import FIRST_SIGN_IN, Door

Password = Annotated[str, Field(max_length=1_000)]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    login: str = Field(max_length=200)
    password: Password


class NewPassword(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    old: Password
    new: Password


class Availability(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    on: bool


class NewUser(BaseModel):
    model_config = ConfigDict(extra="forbid")

    login: str = Field(max_length=64)
    name: str = Field(max_length=80)
    role: Role


@dataclass(frozen=True)
class AccountRoutes:
    users: Users
    audit: Audit
    door: Door

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/console/api", tags=["account"])
        signed_in = Annotated[User, Depends(self.door.needs(None))]

        @routes.post("/sign-in")
        def sign_in(request: Request, given: Credentials) -> Response:
            self.door.require_own_page(request, FIRST_SIGN_IN)
            address = request.client.host if request.client else ""
            return self._welcome(self.users.sign_in(given.login, given.password, address))

        @routes.post("/sign-out", status_code=204)
        def sign_out(request: Request, user: signed_in) -> Response:
            self.users.sign_out(request.cookies[self.door.cookie])
            response = Response(status_code=204)
            self.door.let_out(response)
            return response

        @routes.post("/password")
        def choose_password(request: Request, user: signed_in, given: NewPassword) -> Response:
            return self._welcome(self.users.choose_password(request.cookies[self.door.cookie], given.old, given.new))

        @routes.get("/me")
        def me(request: Request, user: signed_in) -> dict[str, Any]:
            return own(self.door.signed_in(request))

        @routes.post("/here", status_code=204)
        def here(user: signed_in) -> Response:
            """Say that somebody is at the page: it keeps the session alive."""
            return Response(status_code=204)

        @routes.post("/available")
        async def available(user: signed_in, given: Availability) -> dict[str, Any]:
            assert user.id is not None
            return shown.user(await asyncio.to_thread(self.users.set_available, user.id, on=given.on))

        self._add_management(routes)
        return routes

    def _add_management(self, routes: APIRouter) -> None:
        manager = Annotated[User, Depends(self.door.needs(Permission.MANAGE_USERS))]
        worker = Annotated[User, Depends(self.door.needs(Permission.READ_CONVERSATIONS))]

        @routes.get("/colleagues")
        def colleagues(user: worker) -> dict[str, Any]:
            """Return those who answer shoppers, with who is available."""
            able = [one for one in self.users.all() if one.may(Permission.ANSWER)]
            return {
                "colleagues": [
                    {"id": one.id, "login": one.login, "name": one.name, "available": one.available} for one in able
                ]
            }

        @routes.get("/users")
        def users(user: manager) -> dict[str, Any]:
            return {"users": [shown.user(one) for one in self.users.all()]}

        @routes.post("/users", status_code=201)
        def add(user: manager, given: NewUser) -> dict[str, Any]:
            added, password = self.users.add(given.login, given.name, given.role)
            self.audit.note(user, Action.USER_ADDED, added.login, role=str(added.role))
            return {"user": shown.user(added), "password": password}

        @routes.post("/users/{login}/disable")
        def disable(user: manager, login: str) -> dict[str, Any]:
            changed = self.users.disable(login)
            self.audit.note(user, Action.USER_DISABLED, changed.login)
            return {"user": shown.user(changed)}

        @routes.post("/users/{login}/enable")
        def enable(user: manager, login: str) -> dict[str, Any]:
            changed = self.users.enable(login)
            self.audit.note(user, Action.USER_ENABLED, changed.login)
            return {"user": shown.user(changed)}

        @routes.post("/users/{login}/password")
        def reset(user: manager, login: str) -> dict[str, Any]:
            password = self.users.reset_password(login)
            self.audit.note(user, Action.PASSWORD_RESET, login.lower()[:64])
            return {"password": password}

    def _welcome(self, signed_in: SignedIn) -> Response:
        response = JSONResponse(own(signed_in))
        self.door.let_in(response, signed_in)
        return response


def own(signed_in: SignedIn) -> dict[str, Any]:
    """Return what a page needs to know of whoever is signed in."""
    permissions = [str(permission) for permission in signed_in.user.permissions]
    return {"user": shown.user(signed_in.user), "permissions": permissions, "csrf": signed_in.session.csrf}
