"""Shakwa on more than one machine: two of everything on PostgreSQL and Redis, each machine with a folder of its own."""

import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from pydantic import SecretStr

from bot.bootstrap import Services, build
from bot.engine.processes import free_ports
from bot.settings import ROOT, Settings
from tests.redis_server import OwnRedis
from tests.system.running import SHAKWA, Acknowledged, clean_environment
from tests.system.waiting import eventually

STARTS_WITHIN = 300
STOPS_WITHIN = 20
MACHINES = (0, 1)


class Fleet:
    """`gateways` and `engines` are addresses, one of each a machine; the action server is on the first."""

    def __init__(self, folder: Path, models: Path, database_url: str, redis: OwnRedis) -> None:
        self.redis = redis
        self.acknowledged: list[Acknowledged] = []
        self._folder = folder
        self._ports = free_ports(5)
        self.gateways = [f"http://127.0.0.1:{port}" for port in self._ports[:2]]
        self.url = self.gateways[0]
        self.engines = [f"http://127.0.0.1:{port}" for port in self._ports[2:4]]
        self._processes: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._secret = secrets.token_hex(32)
        self._name = f"fleet-{secrets.token_hex(6)}"
        named = sa.make_url(database_url).update_query_dict({"application_name": self._name})
        self._database_url = database_url = named.render_as_string(hide_password=False)
        self._shared = clean_environment() | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "SHAKWA_SECRET": self._secret,
            "SHAKWA_MODELS_DIR": str(models),
            "SHAKWA_ENGINE_URL": " ".join(self.engines),
            "SHAKWA_ACTIONS_PORT": str(self._ports[4]),
            "SHAKWA_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
        }

    @cached_property
    def services(self) -> Services:
        """Return our services over the fleet's store, for what a test looks up or needs beforehand."""
        url, secret = SecretStr(self._database_url), SecretStr(self._secret)
        given = Settings(database_url=url, secret=secret, data_dir=self._folder / "test", webhook_private_hosts="127.0.0.1")
        return build(given)

    def start(self) -> None:
        subprocess.run([SHAKWA, "migrate"], cwd=ROOT, env=self._environment(0), check=True, timeout=STARTS_WITHIN)
        self.run("actions", 0)
        for machine in MACHINES:
            for role in ("engine", "gateway", "worker"):
                self.run(role, machine)
        for gateway in self.gateways:
            eventually(lambda gateway=gateway: ready(gateway), STARTS_WITHIN, f"a gateway that is ready, see {self._folder}")
        for machine in MACHINES:
            self.wait_for_engine(machine)

    def run(self, role: str, machine: int) -> None:
        with self._log(role, machine).open("ab") as out:
            self._processes[role, machine] = subprocess.Popen(
                [SHAKWA, role], cwd=ROOT, env=self._environment(machine), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, role: str, machine: int) -> None:
        """End a process and its children at once, as when their machine is lost."""
        process = self._processes.pop((role, machine))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOPS_WITHIN)

    def cut_connections(self) -> int:
        """Have the database end every connection of the fleet at once; return how many that were."""
        engine = self.services.store.engine  # of the fleet's name, too: it is cut off itself but for this connection
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :it AND pid != pg_backend_pid()"
        )
        with engine.connect() as connection:
            return len(connection.execute(sa.text(query), {"it": self._name}).all())

    def destroy(self) -> None:
        for role, machine in list(self._processes):
            self.kill(role, machine)
        self.services.store.engine.dispose()

    def wait_for_engine(self, machine: int) -> None:
        def serves() -> bool:
            headers = {"X-Shakwa-Secret": self.services.settings.key("engine")}
            try:
                return httpx.get(f"{self.engines[machine]}/webhooks/shakwa/", headers=headers, trust_env=False).is_success
            except httpx.TransportError:
                return False

        eventually(serves, STARTS_WITHIN, f"a Rasa that serves, see {self._folder}")

    def _environment(self, machine: int) -> dict[str, str]:
        own = {"PORT": self._ports[machine], "SHAKWA_ENGINE_PORT": self._ports[2 + machine]}
        folder = {"SHAKWA_DATA_DIR": str(self._folder / f"machine-{machine}")}
        return self._shared | {name: str(port) for name, port in own.items()} | folder

    def _log(self, role: str, machine: int) -> Path:
        return self._folder / f"{role}-{machine}.log"


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


class Receiver:
    """A server of the shop's that takes what webhooks send, and keeps each delivery's id and event."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Receiver"]:
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield self
            server.shutdown()
            thread.join(STOPS_WITHIN)
