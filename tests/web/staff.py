"""Somebody who works in the console, with a browser of their own."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bot.domain.user import Role
from tests.services.staff import PASSWORD, a_user
from tests.web.site import Site, Stream


class Colleague:
    """A signed-in user; `client` is any client of the gateway, whose cookies are not touched."""

    def __init__(self, site: Site, client: httpx.Client, role: Role = Role.AGENT, login: str = "sara", name: str = "سارة"):
        self.user = a_user(site.console.users, role, login, name)
        self.http = client
        answer = client.post(
            "/console/api/sign-in", json={"login": login, "password": PASSWORD}, headers={"X-Shakwa-CSRF": "sign-in"}
        )
        assert answer.status_code == 200, answer.text
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        self.csrf = answer.json()["csrf"]
        client.cookies.clear()

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-Shakwa-CSRF": self.csrf}

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(f"/console/api{path}", params=params, headers=self.headers)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/console/api{path}", json=body, headers=self.headers)

    def claim(self, conversation: str) -> httpx.Response:
        return self.post(f"/conversations/{conversation}/claim")

    def say(self, conversation: str, text: str) -> httpx.Response:
        return self.post(f"/conversations/{conversation}/messages", client_id=uuid.uuid4().hex, text=text)

    @contextmanager
    def listen(self, conversation: str = "", after: int = 0) -> Iterator[Stream]:
        params = {"conversation": conversation, "after": str(after)}
        with self.http.stream("GET", "/console/api/stream", params=params, headers=self.headers) as response:
            assert response.status_code == 200, response.read()
            yield Stream(response.iter_lines())
