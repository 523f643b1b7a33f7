"""What can be reached from outside: the gateway, and behind it nothing without the shared secret."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.system.running import System

pytestmark = pytest.mark.system

LISTENING = "0A"
LOOPBACK = "0100007F"
"""127.0.0.1 as /proc/net/tcp writes it."""


def addresses(port: int) -> set[str]:
    """Return where a port is listened on, in all of IPv4 and IPv6."""
    rows = [line.split() for file in ("tcp", "tcp6") for line in Path(f"/proc/net/{file}").read_text().splitlines()[1:]]
    listening = [row[1].split(":") for row in rows if row[3] == LISTENING]
    return {address for address, hexadecimal in listening if int(hexadecimal, 16) == port}


def test_every_port_is_this_machines_alone(system: System) -> None:
    ports = (system.port, system.engine_port, system.actions_port)
    assert [addresses(port) for port in ports] == [{LOOPBACK}] * 3


@pytest.mark.parametrize("secret", [None, "", "a guess", "é"])
@pytest.mark.parametrize(
    ("port", "method", "path", "refused"),
    [
        ("engine_port", "POST", "/webhooks/shakwa/turn", {401}),
        ("engine_port", "POST", "/webhooks/shakwa/parse", {401}),
        ("engine_port", "GET", "/webhooks/shakwa/", {401}),
        ("engine_port", "POST", "/webhooks/rest/webhook", {404}),
        ("engine_port", "GET", "/conversations/x/tracker", {404}),
        ("engine_port", "PUT", "/model", {404}),
        ("engine_port", "POST", "/model/parse", {404}),
        ("engine_port", "GET", "/socket.io/", {404}),
        ("actions_port", "POST", "/webhook", {401}),
        ("actions_port", "GET", "/actions", {401}),
    ],
)
def test_nothing_behind_the_gateway_answers_without_the_secret(
    system: System, port: str, method: str, path: str, refused: set[int], secret: str | None
) -> None:
    headers = {} if secret is None else {"X-Shakwa-Secret": secret.encode()}
    body = {
        "sender": "x",
        "text": "x",
        "sender_id": "x",
        "next_action": "action_file_complaint",
        "tracker": {"sender_id": "x"},
    }
    url = f"http://127.0.0.1:{getattr(system, port)}{path}"
    response = httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=10)
    assert response.status_code in refused
    assert "slots" not in response.text


def test_secrets_are_in_no_log_and_their_files_are_the_owners_alone(system: System) -> None:
    secret = (system.data / "secret").read_text().strip()
    files = [system.data / "secret", *(system.data / "engine").rglob("*.yml")]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 3
    assert secret not in system.said()
    assert not any(key in system.said() for key in _keys(system))


def _keys(system: System) -> list[str]:
    """Return the derived secrets as Rasa is given them."""
    given = "".join(file.read_text() for file in (system.data / "engine").rglob("*.yml"))
    keys = sorted(set(re.findall(r"\b[0-9a-f]{64}\b", given)))
    assert len(keys) == 2
    return keys


def test_the_page_comes_with_a_strict_policy(system: System) -> None:
    page = httpx.get(system.url, trust_env=False)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_what_the_public_reads_of_the_shop_names_no_secret(system: System) -> None:
    config = httpx.get(f"{system.url}/api/config", trust_env=False).json()
    assert set(config) == {"shop", "kept_days", "limits", "strings"}
    assert set(config["shop"]) == {"name", "privacy_url"}
    assert str(system.data) not in json.dumps(config)
