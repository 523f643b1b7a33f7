"""Runs the Rasa server of the live model, and runs it again should it die."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import FrameType

import structlog
import yaml

from bot.engine.trainer import QUIET, RASA, live_model, live_path

log = structlog.get_logger()

PAUSES = (1, 2, 5, 10)
"""Seconds between a crash and the next start, growing while it keeps crashing."""
STEADY_SECONDS = 60
GRACE_SECONDS = 4
LOOK_SECONDS = 0.5
"""How often it is looked whether another model was made live."""


@dataclass(frozen=True)
class EngineSettings:
    root: Path
    models: Path
    run_dir: Path
    port: int
    secret: str
    actions_url: str
    actions_secret: str
    tracker_url: str


class EngineParent:
    """The parent of one Rasa server; SIGTERM and SIGINT end both."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._promoted = False

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        crashes = 0
        while not self._stopping:
            started = time.monotonic()
            self._promoted = False
            code = self._serve()
            if self._stopping:
                break
            if self._promoted:  # another model is live: serve that, at once
                continue
            crashes = 0 if time.monotonic() - started > STEADY_SECONDS else crashes + 1
            pause = PAUSES[min(crashes, len(PAUSES) - 1)]
            log.error("engine.rasa.died", code=code, again_in=pause)
            self._sleep(pause)
        return 0

    def _sleep(self, seconds: float) -> None:
        """Sleep, but not through a stop: Python goes on with a sleep that a signal has interrupted."""
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(0.1)

    def _serve(self) -> int:
        serves = live_model(self._settings.models)
        self._child = subprocess.Popen(command(self._settings), cwd=self._settings.root, env=os.environ | QUIET)
        log.info("engine.rasa.started", pid=self._child.pid)
        if self._stopping:
            self._end_child()
        while (code := self._ended()) is None:
            live = live_model(self._settings.models)
            if live is not None and serves is not None and live.file != serves.file and not self._promoted:
                log.info("engine.model.changed", model=live.file)
                self._promoted = True
                self._end_child()
        return code

    def _ended(self) -> int | None:
        """Wait a moment for the child's end; return its exit code, None while it lives."""
        assert self._child is not None
        try:
            return self._child.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            return None

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


def command(settings: EngineSettings) -> list[str]:
    """Return the command that serves the live model on this machine alone; writes the files that hold its secrets."""
    endpoints, credentials = private_files(settings)
    own = ["--interface", "127.0.0.1", "--port", str(settings.port), "--credentials", str(credentials)]
    log_file = ["--log-file", str(settings.run_dir / "rasa.log")]
    return [*RASA, "run", "--model", str(live_path(settings.models)), "--endpoints", str(endpoints), *own, *log_file]


def shell_command(settings: EngineSettings) -> list[str]:
    """Return the command that talks to the live model in a terminal, with the running action server."""
    endpoints, _ = private_files(settings)
    beside = ["--interface", "127.0.0.1", "--port", str(settings.port + 1)]
    return [*RASA, "shell", "--model", str(live_path(settings.models)), "--endpoints", str(endpoints), *beside]


def private_files(settings: EngineSettings) -> tuple[Path, Path]:
    """Write endpoints and credentials as committed, with this installation's secrets, addresses and ports."""
    endpoints = yaml.safe_load((settings.root / "endpoints.yml").read_text("utf-8"))
    endpoints["action_endpoint"] |= {
        "url": f"{settings.actions_url}/webhook",
        "headers": {"X-Shakwa-Secret": settings.actions_secret},
    }
    endpoints["tracker_store"]["url"] = settings.tracker_url
    credentials = yaml.safe_load((settings.root / "credentials.yml").read_text("utf-8"))
    for channel in credentials:
        credentials[channel] = {"secret": settings.secret}
    return _private(settings.run_dir / "endpoints.yml", endpoints), _private(
        settings.run_dir / "credentials.yml", credentials
    )


def _private(file: Path, content: dict[str, object]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        os.fchmod(out.fileno(), 0o600)  # one that was there before keeps its mode
        yaml.safe_dump(content, out, allow_unicode=True)
    return file
