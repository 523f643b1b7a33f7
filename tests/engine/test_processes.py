"""The Procfile's processes run together, are announced once all are healthy, and end together."""

import http.server
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.engine import processes
from bot.engine.processes import answers, touched
from bot.settings import ROOT
from tests.builders import PATIENCE_SECONDS, wait_for
from tests.engine.test_parent import alive

RUN = """
import sys
from pathlib import Path
from bot.engine.processes import run_all

here = Path(sys.argv[1])


def looked(name):
    with (here / f"looked at {name}").open("a") as out:
        out.write("x")
    return (here / name).exists()


checks = {"first": lambda: looked("first"), "second": lambda: looked("second")}
with (here / "ready").open("a") as out:
    sys.exit(run_all(here / "Procfile", checks, lambda: print("ready", file=out, flush=True)))
"""
PROCFILE = """
first: echo $$ > pid1; touch first; exec sleep 60
second: echo $$ > pid2; while [ ! -e go ]; do sleep 0.05; done; touch second; exec sleep 60
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "Procfile").write_text(PROCFILE)
    return tmp_path


@pytest.fixture
def running(here: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", RUN, str(here)], cwd=ROOT, stdout=subprocess.DEVNULL)
    yield process
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def started(here: Path) -> list[int]:
    return [int((here / name).read_text()) for name in ("pid1", "pid2")]


def test_all_run_are_announced_once_they_are_all_healthy_and_end_when_stopped(
    here: Path, running: subprocess.Popen[bytes]
) -> None:
    wait_for((here / "first").exists)
    wait_for((here / "pid2").exists)
    looked = here / "looked at second"
    wait_for(looked.exists)
    before = looked.stat().st_size
    wait_for(lambda: looked.stat().st_size >= before + 2)
    assert (here / "ready").read_text() == ""
    (here / "go").touch()
    wait_for(lambda: (here / "ready").read_text() == "ready\n")
    children = started(here)
    assert all(map(alive, children))
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE_SECONDS) == 0
    assert not any(map(alive, children))
    assert (here / "ready").read_text() == "ready\n"


def test_when_one_ends_all_end_and_its_code_is_told(here: Path, running: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: (here / "pid1").exists() and (here / "pid2").exists() and all(map(alive, started(here))))
    children = started(here)
    os.kill(children[0], signal.SIGKILL)
    assert running.wait(PATIENCE_SECONDS) != 0
    assert not any(map(alive, children))


def test_what_never_gets_healthy_is_named_and_nothing_is_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.01)
    announced: list[str] = []
    processes._wait({"worker": lambda: True, "engine": lambda: False}, lambda: announced.append("ready"))
    assert announced == []
    assert capsys.readouterr().err == "still not healthy after 0.01 s: engine\n"


class Guarded(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers.get("X-Shakwa-Secret") == "right" else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_a_check_holds_once_the_address_answers_with_the_right_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    with http.server.HTTPServer(("127.0.0.1", 0), Guarded) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        assert answers(url, {"X-Shakwa-Secret": "right"})()
        assert not answers(url)()
        server.shutdown()
    assert not answers(url, {"X-Shakwa-Secret": "right"})()


def test_a_file_counts_as_touched_only_after_the_check_was_made(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    file.touch()
    os.utime(file, (1, 1))
    check = touched(file)
    assert not check()
    os.utime(file)
    assert check()
    file.unlink()
    assert not check()
