"""Work in processes of its own ends when it is given up, with everything it has started."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.domain.errors import GivenUp
from bot.engine.running import run
from tests.builders import PATIENCE_SECONDS, wait_for

ECHO = "import sys, time; time.sleep(0.5); print(sys.stdin.read()[::-1]); print('noise', file=sys.stderr); sys.exit(3)"


def test_what_is_asked_and_said_goes_through_however_long_it_takes() -> None:
    done = run([sys.executable, "-c", ECHO], os.environ, asked="abc" * 100_000)
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (3, "cba" * 100_000, "noise")


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        assert run(["/bin/sh", "-c", "echo said; echo more >&2"], os.environ, log=log).returncode == 0
    assert (tmp_path / "log").read_text() == "said\nmore\n"


def test_what_is_given_up_leaves_no_temporary_files(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"mktemp > {told}.draft; mv {told}.draft {told}; sleep 300"
    with pytest.raises(GivenUp):
        run(["/bin/sh", "-c", script], os.environ, cancelled=told.exists)
    assert not Path(told.read_text().strip()).exists()


def test_what_is_given_up_ends_with_its_children(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f"sleep 300 & echo $! > {child}; wait"
    with pytest.raises(GivenUp):
        run(["/bin/sh", "-c", script], os.environ, cancelled=lambda: child.exists() and child.read_text() != "")
    until = time.monotonic() + PATIENCE_SECONDS
    while is_running(int(child.read_text())) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(int(child.read_text()))


def test_what_runs_dies_with_whoever_runs_it_however_that_comes(tmp_path: Path) -> None:
    told = tmp_path / "told"
    asked = (
        "import os; from bot.engine.running import run;"
        f"run(['/bin/sh', '-c', 'echo $$ $TMPDIR > {told}; sleep 300'], os.environ)"
    )
    with subprocess.Popen([sys.executable, "-c", asked]) as runner:
        wait_for(lambda: told.exists() and told.read_text().strip())
        runner.kill()
    pid, scratch = told.read_text().split()
    wait_for(lambda: not is_running(int(pid)))
    assert not Path(scratch).exists()


def is_running(pid: int) -> bool:
    """Whether a process lives; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
