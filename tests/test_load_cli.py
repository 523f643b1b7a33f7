"""`shakwa audit` and what `shakwa bench load` prints: broken promises are named and end with 1."""

import json
from pathlib import Path

import pytest

from bot.bootstrap import Services
from bot.domain.promises import Acknowledged
from bot.engine.load.figures import Figures, Usage
from bot.load_cli import agents_of, print_figures, read_acknowledged
from bot.services.chat import Incoming
from tests.test_cli import ran
from tests.test_cli import services as services  # noqa: PLC0414


def kept(folder: Path, *told: Acknowledged) -> Path:
    file = folder / "acknowledged.jsonl"
    lines = (json.dumps({"client_id": one.client_id, "text": one.text, "seq": one.seq}) for one in told)
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_a_store_that_kept_its_promises_is_passed(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services.chat.receive(services.chat.open("widget").conversation_id, Incoming("client-12", "وصلت مكسورة"))
    file = kept(tmp_path, Acknowledged("client-12", "وصلت مكسورة", 1))
    assert ran(monkeypatch, "audit", "--acknowledged", str(file)) == 0
    assert capsys.readouterr().out == "audit: 0 violations; 1 acknowledged messages were looked for\n"
    assert ran(monkeypatch, "audit") == 0


def test_a_broken_promise_is_named_and_ends_with_1(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = kept(tmp_path, Acknowledged("client-12", "وصلت مكسورة", 1))
    assert ran(monkeypatch, "audit", "--acknowledged", str(file)) == 1
    assert "I1: the acknowledged message client-12 is stored 0 times\naudit: 1 violations" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["{", '{"x": 1}', "[1]", '"x"'])
def test_a_file_of_another_kind_is_refused(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (tmp_path / "other.jsonl").write_text(content, "utf-8")
    assert ran(monkeypatch, "audit", "--acknowledged", str(tmp_path / "other.jsonl")) == 2
    assert "is not what `shakwa bench load --keep` writes" in capsys.readouterr().err
    assert ran(monkeypatch, "audit", "--acknowledged", str(tmp_path / "absent.jsonl")) == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense"])
def test_where_nothing_runs_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert ran(monkeypatch, "bench", "load", "--url", url) == 2
    assert capsys.readouterr().err == f"shakwa: Nothing answers at {url}: start it with `make run`, or leave --url out.\n"


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    told = [Acknowledged("client-1", "وصلت", 1), Acknowledged("client-2", None)]
    assert read_acknowledged(kept(tmp_path, *told)) == told


def test_agents_that_are_made_can_read_conversations(services: Services) -> None:
    cookies = agents_of(services, 2)
    names = [services.console.users.access(cookie.removeprefix("shakwa=")).user.login for cookie in cookies]
    assert names == ["reader0", "reader1"]


def test_a_phase_is_printed_with_its_times_errors_and_processes(capsys: pytest.CaptureFixture[str]) -> None:
    figures = Figures("4 shoppers", 4, acks=[0.01] * 99 + [2.0], replies=[0.1, 0.3], retries=3, complaints=1)
    figures.errors["503"] = 3
    figures.before = {"gateway": Usage(100, 1.0)}
    figures.end({"gateway": Usage(120, 1.5, 1.0), "worker": Usage(50, 2.0)})
    figures.seconds = 2.0
    print_figures(figures)
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["acknowledged", "100", "10", "10", "10", "2,000"] in printed
    assert ["replied", "2", "100", "300", "300", "300"] in printed
    assert ["gateway", "100", "120", "25%", "50%", "250"] in printed
    assert ["errors:", "503", "×3;", "tried", "again:", "3"] in printed
    [turns] = [line for line in printed if "turns" in line]
    assert turns[:8] == ["1.0", "turns", "a", "second", "for", "2", "s;", "1"]
