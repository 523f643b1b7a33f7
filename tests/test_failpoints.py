"""Orders to break are obeyed once, at their place; without them the places do nothing, and production refuses them."""

import ast
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import failpoints
from bot.bootstrap import build
from bot.domain.errors import BadSettings
from bot.failpoints import PLACES, BrokenOnPurpose, arm, here, orders_in
from bot.settings import Settings
from tests.builders import wait_for
from tests.laws.project import modules


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm(None)


def test_nothing_happens_where_nothing_is_armed(tmp_path: Path) -> None:
    (tmp_path / "turn.before_commit").write_text("raise")
    here("turn.before_commit")
    assert [file.name for file in tmp_path.iterdir()] == ["turn.before_commit"]


def test_an_order_is_obeyed_once_and_at_its_place(tmp_path: Path) -> None:
    arm(orders_in(tmp_path))
    (tmp_path / "turn.before_commit").write_text("raise")
    here("turn.after_commit")
    with pytest.raises(BrokenOnPurpose, match=r"turn\.before_commit"):
        here("turn.before_commit")
    here("turn.before_commit")


def test_a_paused_process_goes_on_when_it_is_let_go(tmp_path: Path) -> None:
    arm(orders_in(tmp_path))
    (tmp_path / "turn.before_commit").write_text("pause")
    thread = threading.Thread(target=here, args=("turn.before_commit",), daemon=True)
    thread.start()
    taken = tmp_path / "turn.before_commit.taken"
    wait_for(taken.exists)
    assert thread.is_alive()
    taken.unlink()
    wait_for(lambda: not thread.is_alive())


def test_a_killed_process_runs_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "turn.before_commit").write_text("kill")
    code = (
        "import pathlib, sys; from bot.failpoints import *; arm(orders_in(pathlib.Path(sys.argv[1])));"
        "here('turn.before_commit'); print('alive')"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (-9, "", "")


def test_every_place_is_in_the_code_once_and_every_one_there_is_known() -> None:
    calls = [node for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    marked = [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "failpoints.here"]
    assert sorted(marked) == sorted(PLACES)


def test_the_settings_arm_what_is_built_and_without_them_nothing_is(tmp_path: Path) -> None:
    build(Settings(data_dir=tmp_path / "var"))
    assert failpoints._Armed.obey is None
    (tmp_path / "turn.before_commit").write_text("raise")
    build(Settings(data_dir=tmp_path / "var", failpoints=str(tmp_path)))
    with pytest.raises(BrokenOnPurpose):
        here("turn.before_commit")


def test_production_refuses_to_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAKWA_ENVIRONMENT", "production")
    Settings()
    monkeypatch.setenv("SHAKWA_FAILPOINTS", "/orders")
    with pytest.raises(BadSettings, match=r"^SHAKWA_FAILPOINTS is set: it breaks Shakwa on purpose"):
        Settings()
