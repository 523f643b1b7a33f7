"""`shakwa privacy …`: it shows what will go before it goes, writes a file for one pair of eyes, and ends with code 2."""

import json
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from bot.bootstrap import Services, build, now
from bot.domain.label import LabelState, Utterance
from bot.services.chat import Incoming
from bot.settings import ROOT
from tests.test_cli import filed, ran
from tests.test_cli import services as services  # noqa: PLC0414


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files are written where the command is typed; the project's own training data is left alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.bootstrap.ROOT", tmp_path / "project")
    assert tmp_path != ROOT


def test_an_erasure_says_what_goes_asks_and_can_be_called_off(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    monkeypatch.setattr("typer.confirm", no)
    assert ran(monkeypatch, "privacy", "erase", number) == 1
    told = capsys.readouterr()
    assert number in told.out
    assert "draft_slot" in told.out
    assert f"Still open, and withdrawn by this: {number}." in told.err
    assert services.complaints.show(number).description == "وصلت الغسالة مكسورة"


def no(question: str, abort: bool) -> None:
    assert (question, abort) == ("Erase all of it, for ever?", True)
    raise typer.Abort


def test_an_erasure_with_yes_erases_and_says_what_it_cannot_reach(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    assert ran(monkeypatch, "privacy", "erase", number, "--yes") == 0
    assert "train anew" in " ".join(capsys.readouterr().err.split())
    assert services.complaints.show(number).description == "(حُذف بطلب صاحبه)"
    assert ran(monkeypatch, "privacy", "erase", number, "--yes") == 2
    assert capsys.readouterr().err.startswith(f"shakwa: nothing is stored of '{number}'")
    assert ran(monkeypatch, "privacy", "audit", "--user", "command line") == 0
    assert "erased" in capsys.readouterr().out


def test_an_export_is_one_file_for_one_pair_of_eyes_and_never_over_another(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number = filed(services)
    assert ran(monkeypatch, "privacy", "export", number, "--to", "nora.zip") == 0
    written = tmp_path / "nora.zip"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    data = zipfile.ZipFile(written).read("data.json").decode()
    assert json.loads(data)["complaint"][0]["number"] == number
    assert "وصلت الغسالة مكسورة" in data
    capsys.readouterr()
    assert ran(monkeypatch, "privacy", "export", number, "--to", "nora.zip") == 2
    assert "nora.zip is there already" in capsys.readouterr().err
    assert ran(monkeypatch, "privacy", "export", "nobody@example.com", "--to", "nobody.zip") == 2
    assert not (tmp_path / "nobody.zip").exists()


def test_a_purge_counts_first_and_then_deletes(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = build(services.settings, lambda: now() - timedelta(days=40)).chat.open("widget").conversation_id
    assert ran(monkeypatch, "privacy", "purge") == 0
    assert capsys.readouterr().out == "0 conversations in which nothing was said for 365 days are deleted.\n"
    assert ran(monkeypatch, "privacy", "purge", "--older-than", "30", "--dry-run") == 0
    assert capsys.readouterr().out == "1 conversations in which nothing was said for 30 days would be deleted.\n"
    with services.store.read() as work:
        assert work.conversations.get(old)
    assert ran(monkeypatch, "privacy", "purge", "--older-than", "30") == 0
    assert capsys.readouterr().out == "1 conversations in which nothing was said for 30 days are deleted.\n"
    with services.store.read() as work:
        assert work.conversations.get(old) is None


def test_where_everything_is_kept_a_purge_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAKWA_RETENTION_DAYS", "0")
    assert ran(monkeypatch, "privacy", "purge") == 2
    assert "SHAKWA_RETENTION_DAYS is 0: everything is kept" in " ".join(capsys.readouterr().err.split())


def test_what_users_do_at_the_command_line_is_in_the_audit(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "user", "add", "omar", "--role", "admin") == 0
    assert ran(monkeypatch, "user", "add", "sara") == 0
    assert ran(monkeypatch, "user", "disable", "sara") == 0
    capsys.readouterr()
    assert ran(monkeypatch, "privacy", "audit", "--limit", "2") == 0
    told = capsys.readouterr()
    assert [line.split()[3:5] for line in told.out.splitlines()[1:]] == [["user_disabled", "sara"], ["user_added", "sara"]]
    assert "older lines" in told.err


def test_a_sentence_goes_out_of_the_training_data_and_of_what_was_found_in_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conversation = services.chat.open("widget").conversation_id
    message, _ = services.chat.receive(conversation, Incoming("a-new-message", "غسالتي الزعفرانية تأخرت"))
    installed = build(services.settings)
    with services.store.write() as work:
        assert message.id is not None
        said = Utterance("غسالتي", message.text, "greet", 0.9, "m", now(), now())
        said.state, said.label = LabelState.ACCEPTED, "late_delivery"
        work.labels.note(said, message.id)
        work.commit()
    installed.training.write()
    trained = tmp_path / "project/data/nlu/accepted/late_delivery.yml"
    assert message.text in trained.read_text("utf-8")
    services.settings.health_file.write_text(message.text, "utf-8")
    assert ran(monkeypatch, "privacy", "erase", conversation, "--yes") == 0
    assert not trained.exists()
    assert not services.settings.health_file.exists()
