"""The gateway behind the nginx of `deploy/`: streams come at once, nobody invents an address, metrics stay inside."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.settings import ROOT
from tests.builders import wait_for
from tests.conftest import missing_tool
from tests.web.site import Shopper, Site

NGINX = ROOT / "deploy" / "nginx"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def configured(folder: Path, gateway: str, port: int) -> list[str]:
    """Write the site of `deploy/` with addresses and folders of this test; return the command that runs it."""
    certificate = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(["openssl", "req", "-x509", *certificate, *files], check=True, capture_output=True)
    moved = {
        "/etc/nginx/tls": str(folder), "/var/log/nginx": str(folder), "/etc/nginx/shakwa-": f"{folder}/",
        "listen 443 ": f"listen 127.0.0.1:{port} ", "listen [::]:443 ssl http2 default_server;": "",
        "listen 80 default_server;": f"listen 127.0.0.1:{free_port()};", "listen [::]:80 default_server;": "",
    }  # fmt: skip
    site = (NGINX / "shakwa.conf").read_text()
    for old, new in moved.items():
        assert old in site, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    (folder / "proxy.conf").write_text((NGINX / "proxy.conf").read_text())
    (folder / "upstream.conf").write_text(f"upstream shakwa {{ server {gateway}; }}\n")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPORARY)
    around = f"daemon off; pid {folder}/pid; events {{}}\nhttp {{ {folders} access_log off; include {folder}/site.conf; }}\n"
    (folder / "nginx.conf").write_text(around)
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def behind(site: Site, folder: Path, **options: object) -> Iterator[httpx.Client]:
    """Yield a client of nginx in front of a gateway."""
    port = free_port()
    with site.serve(**options) as direct:
        running = subprocess.Popen(configured(folder, direct.base_url.netloc.decode(), port), stderr=subprocess.PIPE)
        try:
            with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False, timeout=10, trust_env=False) as http:
                wait_for(lambda: answers(http))
                yield http
        finally:
            running.terminate()
            running.communicate(timeout=10)


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture
def backend() -> str:
    """One kind of database is enough for what stands before the gateway."""
    return "sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if shutil.which("nginx") is None:
        missing_tool("nginx")
    made = tmp_path / "nginx"
    made.mkdir(mode=0o755)
    return made


def test_nginx_takes_the_site(folder: Path) -> None:
    ran = subprocess.run(
        [*configured(folder, "127.0.0.1:9", free_port()), "-t"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "[warn]" not in ran.stderr


def test_an_answer_comes_over_an_open_stream_at_once(site: Site, folder: Path) -> None:
    with behind(site, folder) as http:
        shopper = Shopper(http)
        with shopper.listen() as stream:
            begun = time.monotonic()
            shopper.say("طلبي تأخر")
            assert [message["from"] for message in stream.messages(2)] == ["shopper", "bot"]
            assert time.monotonic() - begun < 20, "nothing holds the lines back"


def test_a_client_cannot_say_where_it_comes_from(site: Site, folder: Path, taken: Callable[[], list[str]]) -> None:
    with behind(site, folder) as http:
        for forged in ("203.0.113.9", "10.0.0.1, 203.0.113.9"):
            http.post("/api/session", json={}, headers={"X-Forwarded-For": forged, "Forwarded": f"for={forged}"})
    assert taken() == ["127.0.0.1", "127.0.0.1"]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Returns the addresses whose requests for a session were counted."""
    found: list[str] = []
    monkeypatch.setattr("bot.web.guards.Rate.take", lambda _, key: found.append(key))
    return lambda: found


def test_metrics_and_the_state_of_parts_stay_inside(site: Site, folder: Path) -> None:
    with behind(site, folder, metrics_token="x" * 32) as http:
        for path in ("/metrics", "/readyz"):
            assert http.get(path, headers={"Authorization": f"Bearer {'x' * 32}"}).status_code == 404
        page = http.get("/")
    assert page.headers["strict-transport-security"]
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_secrets_in_addresses_are_cut_in_the_log(site: Site, folder: Path) -> None:
    with behind(site, folder) as http:
        http.get("/complaints/file/a-secret-of-somebody")
        http.get("/files/an-id-of-a-file?until=1&signature=abc")
        http.get("/api/config")
        wait_for(lambda: "/api/config" in (folder / "shakwa.log").read_text())
    log = (folder / "shakwa.log").read_text()
    assert "somebody" not in log
    assert "an-id" not in log
    assert "signature" not in log
