"""`shakwa talk` with the running system: a terminal is answered as the widget is."""

import subprocess

import pytest

from bot.engine.processes import free_ports
from bot.settings import ROOT
from tests.system.running import SHAKWA, System

pytestmark = pytest.mark.system


def talked(environment: dict[str, str], *lines: str, show: bool = False) -> subprocess.CompletedProcess[str]:
    """Type these lines into `shakwa talk` and return what it printed."""
    command = [str(SHAKWA), "talk", *(["--show"] if show else [])]
    typed = "\n".join(lines)
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=90,
    )


def test_a_conversation_shows_replies_slots_and_reading_and_takes_numbers(system: System) -> None:
    ran = talked(system.environment, "أبغى أرفع شكوى", "٣", "/slots", "/parse", "/quit")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "  1. تأخر التوصيل" in ran.stdout
    assert "complaint_kind  damaged_item" in ran.stdout
    assert "1.000 damaged_item" in ran.stdout


def test_slots_and_reading_follow_every_answer_where_that_is_wanted(system: System) -> None:
    ran = talked(system.environment, "الخلاط وصل مكسور وما يشتغل، رقم الطلب ٨٨٤٤٢٢١١", show=True)
    assert ran.returncode == 0
    assert "order_number    88442211" in ran.stdout
    assert "order_number: 88442211" in ran.stdout


def test_where_nothing_runs_it_says_so(system: System) -> None:
    [port] = free_ports(1)
    ran = talked(system.environment | {"PORT": str(port)}, "مرحبا")
    assert ran.returncode == 2
    assert ran.stderr == f"shakwa: Nothing answers at http://127.0.0.1:{port}: start it with `make run`.\n"
