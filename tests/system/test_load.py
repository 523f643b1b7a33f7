"""`shakwa bench load` with the trained model: against a running gateway, and with a system of its own."""

import signal
import subprocess
from pathlib import Path

import pytest

from bot.load_cli import read_acknowledged
from bot.settings import ROOT
from tests.system.model import current_models
from tests.system.running import SHAKWA, System, clean_environment
from tests.system.waiting import eventually

pytestmark = pytest.mark.system

FEW = ("--shoppers", "3", "--complaints", "1", "--minutes", "2", "--pace", "0.1")


def measured(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(SHAKWA), "bench", "load", *FEW, *options]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=240
    )


def test_a_running_gateway_is_measured_and_what_it_acknowledged_can_be_audited(system: System, tmp_path: Path) -> None:
    kept = tmp_path / "acknowledged.jsonl"
    ran = measured(system.environment, "--url", system.url, "--keep", str(kept))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "3 complaints filed" in ran.stdout
    assert "errors: none" in ran.stdout
    told = read_acknowledged(kept)
    assert len(told) >= 9
    system.acknowledged += told
    audited = subprocess.run(
        [str(SHAKWA), "audit", "--acknowledged", str(kept)], cwd=ROOT, env=system.environment, capture_output=True,
        text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert (audited.returncode, audited.stdout[:20]) == (0, "audit: 0 violations;"), audited.stdout


def test_ctrl_c_ends_it_with_the_figures_so_far(system: System, tmp_path: Path) -> None:
    kept = tmp_path / "acknowledged.jsonl"
    command = [
        SHAKWA,
        "bench",
        "load",
        "--url",
        system.url,
        "--shoppers",
        "3",
        "--minutes",
        "60",
        "--pace",
        "0.1",
        "--keep",
        kept,
    ]
    running = subprocess.Popen(
        command, cwd=ROOT, env=system.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    before = system.messages()
    eventually(lambda: system.messages() > before + 8, 60, "shoppers talk")
    running.send_signal(signal.SIGINT)
    said, complained = running.communicate(timeout=90)
    assert (running.returncode, complained) == (0, "")
    assert "stopped early by Ctrl-C" in said
    told = read_acknowledged(kept)
    assert f"audit: 0 violations; {len(told)} acknowledged" in said
    assert len(told) > 3
    system.acknowledged += told


def test_a_system_of_its_own_is_started_measured_audited_and_stopped(tmp_path: Path) -> None:
    environment = clean_environment() | {"SHAKWA_MODELS_DIR": str(current_models()), "TMPDIR": str(tmp_path)}
    ran = measured(environment, "--agents", "1", "--idle", "10", "--hold", "2", "--herd", "5")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for told in ("3 complaints filed", "10 of 10 streams", "5 of 5 resumed", "engine (Rasa)", "audit: 0 violations"):
        assert told in ran.stdout, ran.stdout
    assert ran.stdout.count("errors: none") == 3
    assert list(tmp_path.glob("shakwa-load-*")) == []
    assert [line for line in Path("/proc").glob("[0-9]*/environ") if str(tmp_path).encode() in _environment(line)] == []


def _environment(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
