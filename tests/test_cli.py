"""The command line: it prints what is stored, and ends with one sentence and exit code 2 where it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.bootstrap import Services, build
from bot.cli import main
from bot.services.drafts import Given
from bot.services.record import FIELDS
from bot.settings import ROOT, Settings

SECRET = "a-canary-in-the-secret-0123456789"


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """An installation on one machine, migrated, that the environment points at."""
    for name in list(os.environ):
        if name.upper().startswith("SHAKWA_") or name in ("HOST", "PORT", "DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHAKWA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("SHAKWA_SECRET", SECRET)
    monkeypatch.setenv("COLUMNS", "200")
    services = build(Settings())
    services.migrate()
    return services


def filed(services: Services, description: str = "وصلت الغسالة مكسورة") -> str:
    """File a complaint and return its number."""
    conversation = services.chat.open("widget").conversation_id
    draft = services.drafts.open(conversation, None)
    given = {
        "complaint_kind": "damaged_item", "order_number": "405-1234567-1234567", "purchase_date": "2026-11-20",
        "product": "غسالة", "description": description, "remedy": "refund",
    }  # fmt: skip
    values = [Given(slot, value, f"كتب {value}") for slot, value in given.items()]
    services.drafts.record(draft.id, values, ["contact"], {}, None)
    return services.complaints.file(draft.id, None).number


def ran(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `shakwa` with these arguments and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["shakwa", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_complaint_is_printed_as_json(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    assert ran(monkeypatch, "complaint", "show", number, "--json") == 0
    printed = capsys.readouterr().out
    record = json.loads(printed)
    assert list(record) == [*FIELDS, "timeline"]
    assert (record["number"], record["kind"], record["remedy"]) == (number, "damaged_item", "refund")
    assert (record["purchase_date"], record["purchase_date_typed"]) == ("2026-11-20", "كتب 2026-11-20")
    assert record["timeline"][0]["detail"] == {"skipped": ["contact"]}
    assert "وصلت الغسالة مكسورة" in printed


def test_a_complaint_is_printed_for_reading(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    assert ran(monkeypatch, "complaint", "show", number) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["number", number]
    assert [line.split()[0] for line in lines[: len(FIELDS)]] == list(FIELDS)
    assert "filed" in lines[-1]
    assert "skipped: ['contact']" in lines[-1]


def test_a_number_may_be_typed_in_arabic_digits(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    typed = number.removeprefix("SH-").translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩", "-"))
    assert ran(monkeypatch, "complaint", "show", typed, "--json") == 0
    assert json.loads(capsys.readouterr().out)["number"] == number


@pytest.mark.parametrize("number", ["SH-00000-00000-0000", "nothing", "[bold]x[/bold]", "[/]", "رقم"])
def test_an_unknown_number_ends_with_one_sentence_and_exit_code_2(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    filed(services)
    assert ran(monkeypatch, "complaint", "show", number) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"shakwa: no complaint has the number {number}\n"


def test_complaints_are_listed_newest_first(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [filed(services) for _ in range(3)]
    assert ran(monkeypatch, "complaint", "list") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[0] for row in rows] == numbers[::-1]
    assert {tuple(row[1:4]) for row in rows} == {("damaged_item", "submitted", "405-1234567-1234567")}
    assert ran(monkeypatch, "complaint", "list", "--limit", "1") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == numbers[:1:-1]


def test_what_a_shopper_wrote_is_printed_as_it_is(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    description = "[bold red]مهم[/] {slot} {{7*7}} <b>"
    number = filed(services, description)
    assert ran(monkeypatch, "complaint", "show", number) == 0
    assert description in capsys.readouterr().out


def test_the_settings_are_printed_without_a_secret(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://shakwa:canary-password@db/shakwa")
    assert ran(monkeypatch, "settings") == 0
    printed = capsys.readouterr().out
    names = {line.split()[0] for line in printed.splitlines() if line.strip()}
    assert {"SHAKWA_SECRET", "DATABASE_URL", "HOST", "PORT", "SHAKWA_DATA_DIR"} <= names
    for secret in (SECRET, "canary", *(services.settings.key(purpose) for purpose in ("sessions", "engine", "actions"))):
        assert secret not in printed


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SHAKWA_SECRET", "short", "shakwa: SHAKWA_SECRET has 5 characters: 32 are the least"),
        ("SHAKWA_ENVIRONMENT", "prod", "shakwa: SHAKWA_ENVIRONMENT: Input should be 'development' or 'production'"),
        ("SHAKWA_SHOP_FILE", "/no/shop.yml", "shakwa: /no/shop.yml cannot be read: No such file or directory"),
    ],
)
def test_bad_settings_end_with_one_sentence_and_exit_code_2(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, value: str, sentence: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(name, value)
    assert ran(monkeypatch, "migrate") == 2
    assert capsys.readouterr().err.strip() == sentence


def test_the_command_is_installed_and_needs_no_rasa() -> None:
    code = "import sys, bot.cli, bot.web.app, bot.worker, bot.bootstrap; sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_complaint_is_moved_and_a_step_that_is_none_is_refused_with_a_sentence(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = filed(services)
    assert ran(monkeypatch, "complaint", "status", number, "resolved", "--reason", "أُرسل البديل") == 0
    assert ran(monkeypatch, "complaint", "level", number, "formal") == 0
    capsys.readouterr()
    assert ran(monkeypatch, "complaint", "show", number, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["status"], record["level"]) == ("reopened", "formal")
    assert [entry["action"] for entry in record["timeline"]] == ["filed", "status_changed", "level_raised"]
    assert ran(monkeypatch, "complaint", "status", number, "submitted") == 2
    assert capsys.readouterr().err == "shakwa: a complaint that is reopened cannot become submitted\n"


def test_a_user_is_added_listed_shut_out_and_let_in_again(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "user", "add", "sara", "--role", "supervisor", "--name", "سارة") == 0
    password = capsys.readouterr().out.strip()
    assert services.console.users.sign_in("sara", password, "192.0.2.1").user.name == "سارة"
    assert ran(monkeypatch, "user", "list") == 0
    assert "supervisor" in capsys.readouterr().out
    assert ran(monkeypatch, "user", "disable", "sara") == 0
    assert services.console.users.all()[0].disabled_at is not None
    assert ran(monkeypatch, "user", "disable", "sara", "--undo") == 0
    assert services.console.users.all()[0].disabled_at is None
    capsys.readouterr()
    assert ran(monkeypatch, "user", "password", "sara") == 0
    assert capsys.readouterr().out.strip() != password


def test_an_unknown_user_and_a_login_that_is_taken_end_with_a_sentence(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "user", "password", "nobody") == 2
    assert "no user is called nobody" in capsys.readouterr().err
    assert ran(monkeypatch, "user", "add", "sara") == 0
    assert ran(monkeypatch, "user", "add", "SARA") == 2
    assert "there is a user sara already" in capsys.readouterr().err


def test_a_backup_is_written_and_restored_into_another_place_and_over_nothing_by_mistake(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number, archive = filed(services), str(tmp_path / "kept" / "shakwa.tar.gz")
    monkeypatch.setenv("SHAKWA_MODELS_DIR", str(tmp_path / "models"))
    assert ran(monkeypatch, "backup", archive) == 0
    assert "sqlite, schema" in capsys.readouterr().err
    assert ran(monkeypatch, "backup", archive) == 2
    assert "is there already: name another file, or say --force" in capsys.readouterr().err
    assert ran(monkeypatch, "restore", archive) == 2
    assert "`--force` replaces it" in capsys.readouterr().err
    monkeypatch.setenv("SHAKWA_DATA_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setattr("bot.keeping.ROOT", tmp_path)  # whose accepted labels are not those of the tests
    assert ran(monkeypatch, "restore", archive) == 0
    assert ran(monkeypatch, "complaint", "show", number) == 0
    assert number in capsys.readouterr().out


def test_nothing_is_restored_while_shakwa_runs_or_from_nowhere(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert ran(monkeypatch, "restore", str(tmp_path / "none.tar.gz")) == 2
    assert "there is no file" in capsys.readouterr().err
    (tmp_path / "some.tar.gz").touch()
    monkeypatch.setattr("bot.engine.processes.answers", lambda _: lambda: True)
    assert ran(monkeypatch, "restore", str(tmp_path / "some.tar.gz")) == 2
    assert "Shakwa is running at http://127.0.0.1:8000: stop it first" in capsys.readouterr().err
