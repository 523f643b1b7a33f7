"""The action server: nobody without the secret, nothing told in errors, and not reachable from outside."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy.exc
from sanic import Sanic

from actions.server import guarded_app
from actions.service_form import ActionBeginService
from bot.domain.errors import StaleTurn
from bot.settings import ROOT
from tests.rasa_fixtures import run_async, serving

SECRET = "the action server's secret"
WORDS = "كلام لا يعرفه أحد سواي"

pytestmark = [
    pytest.mark.usefixtures("services"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of sanic 21.12, the last that Rasa allows
]


@pytest.fixture(autouse=True)
def many_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sanic refuses a second application of the same name in a process, but in tests."""
    monkeypatch.setattr(Sanic, "test_mode", True)


def ask(method: str, path: str, secret: str | None = SECRET, **request: Any) -> httpx.Response:
    """Ask an action server of this process over a real connection."""

    async def once() -> httpx.Response:
        async with serving(guarded_app(SECRET)) as url, httpx.AsyncClient() as client:
            return await client.request(method, url + path, headers=headers, **request)

    headers = {} if secret is None else {"X-Shakwa-Secret": secret}
    return run_async(once())


def call(action: str = "action_begin_service") -> dict[str, Any]:
    message = {"text": WORDS, "intent": {"name": "track_complaint"}, "entities": []}
    return {
        "next_action": action,
        "sender_id": "a shopper",
        "tracker": {"sender_id": "a shopper", "slots": {}, "latest_message": message, "events": []},
        "version": "3.6.21",
        "domain": {},
    }


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/webhook"), ("GET", "/actions")])
def test_nobody_is_answered_without_the_secret(secret: str | None, method: str, path: str) -> None:
    answer = ask(method, path, secret, json=call())
    assert answer.status_code == 401
    assert WORDS not in answer.text


def test_health_is_open() -> None:
    assert ask("GET", "/health", None).status_code == 200


def test_with_the_secret_the_actions_answer() -> None:
    answered = ask("POST", "/webhook", json=call()).json()["events"]
    assert answered[-1] == {"event": "followup", "timestamp": None, "name": "service_form"}
    assert {action["name"] for action in ask("GET", "/actions").json()} >= {
        "validate_complaint_form",
        "action_file_complaint",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (sqlalchemy.exc.OperationalError(f"SELECT '{WORDS}'", {}, Exception("database is locked")), 503),
        (StaleTurn("turn 7 is done"), 409),
        (ValueError(WORDS), 500),
        (KeyError(WORDS), 500),
    ],
    ids=["the store is away", "a stale turn", "a value", "a key"],
)
def test_an_error_has_its_status_and_echoes_nothing(monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    def fail(_action: object, _dispatcher: object, _tracker: object, _domain: object) -> None:
        raise error

    monkeypatch.setattr(ActionBeginService, "run", fail)
    answer = ask("POST", "/webhook", json=call())
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert WORDS not in json.dumps(answer.json(), ensure_ascii=False)
    assert "shopper" not in answer.text


def test_an_unknown_action_is_a_404() -> None:
    """The channel takes it for a server that is older or newer than the model, and the turn waits."""
    answer = ask("POST", "/webhook", json=call("action_of_tomorrow"))
    assert answer.status_code == 404
    assert WORDS not in answer.text


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'"text"', b"\xff"])
def test_a_broken_body_is_refused_without_an_echo(body: bytes) -> None:
    answer = ask("POST", "/webhook", content=body)
    assert answer.status_code >= 400
    assert "request_body" not in answer.text


@pytest.fixture
def running(tmp_path: Path) -> Iterator[int]:
    """`python -m actions` on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"SHAKWA_ACTIONS_PORT": str(port), "SHAKWA_DATA_DIR": str(tmp_path), "SANIC_HOST": "0.0.0.0"}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-m", "actions"], cwd=ROOT, env=os.environ | env, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while not connects("127.0.0.1", port):
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            assert server.poll() is None, (tmp_path / "log").read_text()
        yield port
    finally:
        server.terminate()
        server.wait(10)


def connects(host: str, port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, port)) == 0


def test_it_listens_on_this_machine_alone(running: int) -> None:
    """127.0.0.2 is this machine too, and answers where a server listens on every address."""
    assert httpx.get(f"http://127.0.0.1:{running}/health").json() == {"status": "ok"}
    assert not connects("127.0.0.2", running)
