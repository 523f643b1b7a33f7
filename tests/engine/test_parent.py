"""The parent keeps one Rasa server running, ends with it, and writes its secrets where nobody else reads them."""

import os
import shutil
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import yaml

from bot.domain.errors import BadSettings
from bot.engine import parent
from bot.engine.parent import EngineParent, EngineSettings, command, private_files
from bot.settings import ROOT
from tests.builders import PATIENCE_SECONDS, wait_for

LIVES = "echo $$ >> pids; exec sleep 60"
STUBBORN = 'trap "" TERM INT; echo $$ >> pids; while :; do sleep 0.05; done'
MODEL_URL = "http://127.0.0.1:15999/live"
DIES = "echo $$ >> pids; exit 3"


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    for name in ("endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return EngineSettings(
        root=tmp_path,
        models=tmp_path / "models",
        run_dir=tmp_path / "var" / "engine",
        host="127.0.0.1",
        port=15_005,
        secret="secret-of-the-engine",
        actions_url="http://127.0.0.1:15055",
        actions_secret="secret-of-the-actions",
        tracker_url="sqlite:///tracker.db",
    )


@pytest.fixture
def _own_signals() -> Iterator[None]:
    """A signal that comes too early or too late ends no test run."""
    kept = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def children(settings: EngineSettings) -> list[int]:
    """Return the ids of the processes started so far, in order."""
    file = settings.root / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def run(
    monkeypatch: pytest.MonkeyPatch,
    settings: EngineSettings,
    script: str,
    meanwhile: Callable[[], None],
    urls: list[str] | None = None,
) -> tuple[int, float]:
    """Run a parent whose child is a shell script; return its exit code and how long it took to end after `meanwhile`.

    `urls` gets the address each child would ask for its model.
    """
    asked = [] if urls is None else urls

    def stand_in(_: EngineSettings, model_url: str) -> list[str]:
        asked.append(model_url)
        return ["/bin/sh", "-c", script]

    monkeypatch.setattr(parent, "command", stand_in)
    ended: list[float] = []
    done = threading.Event()

    def act() -> None:
        try:
            meanwhile()
        finally:
            ended.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGTERM)
        if not done.wait(PATIENCE_SECONDS):
            for child in filter(alive, children(settings)):
                os.kill(child, signal.SIGKILL)

    actor = threading.Thread(target=act)
    actor.start()
    code = EngineParent(settings).run()
    done.set()
    actor.join()
    return code, time.monotonic() - ended[0]


@pytest.mark.usefixtures("_own_signals")
def test_a_stop_ends_both_at_once(monkeypatch: pytest.MonkeyPatch, settings: EngineSettings) -> None:
    code, seconds = run(monkeypatch, settings, LIVES, lambda: wait_for(lambda: children(settings)))
    [child] = children(settings)
    assert code == 0
    assert not alive(child)
    assert seconds < parent.GRACE_SECONDS / 2


@pytest.mark.usefixtures("_own_signals")
def test_a_child_that_was_killed_is_started_again(monkeypatch: pytest.MonkeyPatch, settings: EngineSettings) -> None:
    monkeypatch.setattr(parent, "PAUSES", (0, 0))

    def kill_twice() -> None:
        for count in (1, 2):
            wait_for(lambda count=count: len(children(settings)) == count)
            os.kill(children(settings)[-1], signal.SIGKILL)
        wait_for(lambda: len(children(settings)) == 3)

    code, _ = run(monkeypatch, settings, LIVES, kill_twice)
    assert code == 0
    assert len(children(settings)) == 3
    assert not any(map(alive, children(settings)))


@pytest.mark.usefixtures("_own_signals")
def test_a_child_that_does_not_listen_is_killed_after_its_grace(
    monkeypatch: pytest.MonkeyPatch, settings: EngineSettings
) -> None:
    monkeypatch.setattr(parent, "GRACE_SECONDS", 0.2)
    code, seconds = run(monkeypatch, settings, STUBBORN, lambda: wait_for(lambda: children(settings)))
    assert code == 0
    assert not any(map(alive, children(settings)))
    assert 0.2 <= seconds < 20


@pytest.mark.usefixtures("_own_signals")
def test_a_stop_does_not_wait_for_the_pause_after_a_crash(monkeypatch: pytest.MonkeyPatch, settings: EngineSettings) -> None:
    monkeypatch.setattr(parent, "PAUSES", (30, 30))
    _, seconds = run(monkeypatch, settings, DIES, lambda: wait_for(lambda: children(settings)))
    assert seconds < 20


@pytest.mark.usefixtures("_own_signals")
def test_pauses_grow_while_the_child_keeps_crashing(monkeypatch: pytest.MonkeyPatch, settings: EngineSettings) -> None:
    paused: list[float] = []
    monkeypatch.setattr(EngineParent, "_sleep", lambda _, seconds: paused.append(seconds))
    run(monkeypatch, settings, DIES, lambda: wait_for(lambda: len(paused) >= 5))
    assert paused[:5] == [2, 5, 10, 10, 10]


def test_without_a_model_the_command_says_what_to_do(settings: EngineSettings) -> None:
    with pytest.raises(BadSettings, match="run `shakwa train`"):
        command(settings, MODEL_URL)


def test_rasa_serves_the_live_model_on_this_machine_alone_and_no_secret_is_in_its_arguments(
    settings: EngineSettings,
) -> None:
    settings.models.mkdir()
    (settings.models / "m.tar.gz").write_bytes(b"a model")
    (settings.models / "live.json").write_text('{"file": "m.tar.gz", "sources": "abc"}')
    arguments = command(settings, MODEL_URL)
    named = dict(pairwise(arguments))
    assert (named["--interface"], named["--port"]) == ("127.0.0.1", "15005")
    assert yaml.safe_load(Path(named["--endpoints"]).read_text())["models"] == {
        "url": MODEL_URL,
        "headers": {"X-Shakwa-Secret": "secret-of-the-engine"},
        "wait_time_between_pulls": 1,
    }
    assert "--enable-api" not in arguments
    assert "secret" not in " ".join(arguments)


def test_the_private_files_are_the_committed_ones_with_secrets_and_addresses(settings: EngineSettings) -> None:
    committed = {name: (settings.root / name).read_bytes() for name in ("endpoints.yml", "credentials.yml")}
    endpoints, credentials = (yaml.safe_load(file.read_text()) for file in private_files(settings))
    assert endpoints["action_endpoint"] == {
        "enable_selective_domain": True,
        "url": "http://127.0.0.1:15055/webhook",
        "headers": {"X-Shakwa-Secret": "secret-of-the-actions"},
    }
    given = yaml.safe_load(committed["endpoints.yml"])
    assert endpoints["tracker_store"] == given["tracker_store"] | {"url": "sqlite:///tracker.db"}
    assert "lock_store" not in endpoints, "one server needs none but its own"
    assert "models" not in endpoints, "a shell serves the model it is told"
    given = {"secret": "secret-of-the-engine", "log_level": "info", "logs_as_json": False}
    assert credentials == {"bot.channel.input.GatewayInput": given}
    assert {name: (settings.root / name).read_bytes() for name in committed} == committed


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://redis.shop", {"url": "redis.shop", "port": 6379, "db": 0, "password": None, "use_ssl": False}),
        (
            "rediss://:p%40ss@10.0.0.7:6380/3",
            {"url": "10.0.0.7", "port": 6380, "db": 3, "password": "p@ss", "use_ssl": True},
        ),
    ],
)
def test_with_redis_rasas_locks_are_there(settings: EngineSettings, url: str, where: dict[str, object]) -> None:
    endpoints, _ = private_files(replace(settings, redis_url=url, redis_name="shakwa123"))
    locks = yaml.safe_load(endpoints.read_text())["lock_store"]
    assert locks == where | {"type": "redis", "key_prefix": "shakwa123", "username": None}


def test_nobody_else_may_read_the_private_files_not_even_where_they_could_before(settings: EngineSettings) -> None:
    settings.run_dir.mkdir(parents=True)
    (settings.run_dir / "endpoints.yml").write_text("x" * 10_000)
    (settings.run_dir / "endpoints.yml").chmod(0o644)
    for file in private_files(settings):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "secret-of-the" in file.read_text()
        assert "xxx" not in file.read_text()


def test_the_committed_files_hold_no_secret() -> None:
    for name in ("endpoints.yml", "credentials.yml"):
        assert "Secret" not in (ROOT / name).read_text()


@pytest.mark.usefixtures("_own_signals")
def test_while_the_child_lives_and_only_then_the_live_model_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, settings: EngineSettings
) -> None:
    """Another live model ends no child: the same one is given it when it asks again."""
    urls: list[str] = []
    make_live(settings, "a.tar.gz")

    def asked() -> str:
        headers = {"X-Shakwa-Secret": settings.secret}
        return httpx.get(urls[0], headers=headers, trust_env=False).headers["filename"]

    def promote() -> None:
        wait_for(lambda: children(settings))
        assert asked() == "a.tar.gz"
        make_live(settings, "b.tar.gz")
        assert asked() == "b.tar.gz"

    code, _ = run(monkeypatch, settings, LIVES, promote, urls)
    assert code == 0
    assert len(children(settings)) == 1
    with pytest.raises(httpx.ConnectError):
        asked()


def make_live(settings: EngineSettings, name: str) -> None:
    settings.models.mkdir(exist_ok=True)
    (settings.models / name).write_bytes(b"model")
    draft = settings.models / "draft.json"
    draft.write_text(f'{{"file": "{name}", "sources": ""}}')
    draft.replace(settings.models / "live.json")
