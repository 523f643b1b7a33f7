"""Runs Rasa, gives it the live model, whichever that is by now, and runs it again should it die."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import FrameType
from urllib.parse import unquote, urlsplit

import structlog
import yaml

from bot.engine.model_server import SECRET_HEADER, ModelServer
from bot.engine.trainer import QUIET, RASA, live_path

log = structlog.get_logger()

PAUSES = (1, 2, 5, 10)
"""Seconds between a crash and the next start, growing while it keeps crashing."""
STEADY_SECONDS = 60
GRACE_SECONDS = 4
PULL_SECONDS = 1
"""How often Rasa asks whether another model was made live."""


@dataclass(frozen=True)
class EngineSettings:
    root: Path
    models: Path
    run_dir: Path
    host: str
    port: int
    secret: str
    actions_url: str
    actions_secret: str
    tracker_url: str
    log_level: str = "info"
    logs_as_json: bool = False
    redis_url: str = ""
    """Where Rasa's locks are; empty: in each server's memory."""
    redis_name: str = ""
    failpoints: str = ""
    """A folder with orders to break, see `bot/failpoints.py`; empty outside tests."""


class EngineParent:
    """The parent of one Rasa server; SIGTERM and SIGINT end both."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        with ModelServer(self._settings.models, self._settings.secret) as server:
            self._keep_running(server.url)
        return 0

    def _keep_running(self, model_url: str) -> None:
        crashes = 0
        while not self._stopping:
            started = time.monotonic()
            code = self._serve(model_url)
            if self._stopping:
                break
            crashes = 0 if time.monotonic() - started > STEADY_SECONDS else crashes + 1
            pause = PAUSES[min(crashes, len(PAUSES) - 1)]
            log.error("engine.rasa.died", code=code, again_in=pause)
            self._sleep(pause)

    def _sleep(self, seconds: float) -> None:
        """Sleep, but not through a stop: Python goes on with a sleep that a signal has interrupted."""
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(0.1)

    def _serve(self, model_url: str) -> int:
        self._child = subprocess.Popen(command(self._settings, model_url), cwd=self._settings.root, env=os.environ | QUIET)
        log.info("engine.rasa.started", pid=self._child.pid)
        if self._stopping:
            self._end_child()
        return self._child.wait()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._end_child()

    def _end_child(self) -> None:
        """Ask the child to end and make it, should it not. `_serve` waits for it: a signal's handler must not."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            killer = Timer(GRACE_SECONDS, self._child.kill)
            killer.daemon = True
            killer.start()


def command(settings: EngineSettings, model_url: str) -> list[str]:
    """Return the command that serves whatever model `model_url` gives; writes the files that hold
    its secrets. Raise BadSettings where no model is live."""
    live_path(settings.models)
    endpoints, credentials = private_files(settings, model_url)
    own = ["--interface", settings.host, "--port", str(settings.port), "--credentials", str(credentials)]
    return [*RASA, "run", "--endpoints", str(endpoints), *own, "--log-file", str(settings.run_dir / "rasa.log")]


def shell_command(settings: EngineSettings) -> list[str]:
    """Return the command that talks to the live model in a terminal, with the running action server."""
    endpoints, _ = private_files(settings)
    beside = ["--interface", "127.0.0.1", "--port", str(settings.port + 1)]
    return [*RASA, "shell", "--model", str(live_path(settings.models)), "--endpoints", str(endpoints), *beside]


def private_files(settings: EngineSettings, model_url: str = "") -> tuple[Path, Path]:
    """Write endpoints and credentials as committed, with this installation's secrets, addresses and ports.

    With a `model_url`, Rasa asks there for its model, and again every second, whatever else it is told of models.
    """
    endpoints = yaml.safe_load((settings.root / "endpoints.yml").read_text("utf-8"))
    endpoints["action_endpoint"] |= {
        "url": f"{settings.actions_url}/webhook",
        "headers": {SECRET_HEADER: settings.actions_secret},
    }
    endpoints["tracker_store"]["url"] = settings.tracker_url
    if settings.redis_url:
        endpoints["lock_store"] = lock_store(settings.redis_url, settings.redis_name)
    if settings.failpoints:
        endpoints["tracker_store"]["failpoints"] = settings.failpoints
    if model_url:
        asking = {"headers": {SECRET_HEADER: settings.secret}, "wait_time_between_pulls": PULL_SECONDS}
        endpoints["models"] = {"url": model_url, **asking}
    credentials = yaml.safe_load((settings.root / "credentials.yml").read_text("utf-8"))
    for channel in credentials:
        logs = {"log_level": settings.log_level, "logs_as_json": settings.logs_as_json}
        credentials[channel] = {"secret": settings.secret} | logs
    return _private(settings.run_dir / "endpoints.yml", endpoints), _private(
        settings.run_dir / "credentials.yml", credentials
    )


def lock_store(url: str, name: str) -> dict[str, object]:
    """Return Rasa's words for the Redis at `url`; keys begin with `name`, which is letters and digits."""
    at = urlsplit(url)
    where: dict[str, object] = {"url": at.hostname, "port": at.port or 6379, "db": int(at.path.strip("/") or 0)}
    who = {"username": unquote(at.username or "") or None, "password": unquote(at.password or "") or None}
    return {"type": "redis", **where, **who, "use_ssl": at.scheme == "rediss", "key_prefix": name}


def _private(file: Path, content: dict[str, object]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        os.fchmod(out.fileno(), 0o600)  # one that was there before keeps its mode
        yaml.safe_dump(content, out, allow_unicode=True)
    return file
