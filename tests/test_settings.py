"""Settings come from the environment alone; secrets are made once, kept to oneself, and derived for each purpose."""

import itertools
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.errors import BadSettings
from bot.secret_files import SHORTEST_SECRET
from bot.settings import DEMONSTRATION, Settings
from tests.builders import at_once

STRONG = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the data directory is set, in a folder that does not exist yet."""
    for name in list(os.environ):
        if name.upper().startswith(("SHAKWA_", "DATABASE_URL", "REDIS_URL")) or name in ("HOST", "PORT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHAKWA_DATA_DIR", str(tmp_path / "var"))


def secret_file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "secret"


def test_a_secret_is_made_once_for_its_owner_alone_and_used_again(tmp_path: Path) -> None:
    first = Settings().root_secret
    assert len(first) == 64
    assert secret_file(tmp_path).read_text() == first
    assert stat.S_IMODE(secret_file(tmp_path).stat().st_mode) == 0o600
    assert Settings().root_secret == first
    assert [file.name for file in secret_file(tmp_path).parent.iterdir()] == ["secret"]


def test_processes_that_start_together_agree_on_one_secret() -> None:
    secrets = at_once(20, lambda _: Settings().root_secret)
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 64


def test_a_secret_in_the_environment_comes_first_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHAKWA_SECRET", STRONG)
    assert Settings().root_secret == STRONG
    assert not secret_file(tmp_path).exists()


def test_production_makes_no_secret_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHAKWA_ENVIRONMENT", "production")
    with pytest.raises(BadSettings, match=r"^SHAKWA_SECRET is not set: production needs one, `openssl rand -hex 32`"):
        Settings().key("sessions")
    assert not secret_file(tmp_path).exists()
    monkeypatch.setenv("SHAKWA_SECRET", STRONG)
    assert Settings().root_secret == STRONG


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_short_secret_is_refused_without_being_told(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    short = STRONG[: SHORTEST_SECRET - 1]
    monkeypatch.setenv("SHAKWA_ENVIRONMENT", environment)
    monkeypatch.setenv("SHAKWA_SECRET", short)
    with pytest.raises(BadSettings, match="SHAKWA_SECRET has 31 characters: 32 are the least") as refused:
        Settings().key("sessions")
    assert short not in str(refused.value)


def test_a_kept_secret_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    secret_file(tmp_path).parent.mkdir()
    secret_file(tmp_path).write_text("short")
    with pytest.raises(BadSettings, match="5 characters"):
        Settings().key("sessions")


def test_every_purpose_has_a_secret_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAKWA_SECRET", STRONG)
    keys = [Settings().key(purpose) for purpose in ("sessions", "engine", "actions")]
    assert all(len(key) == 64 for key in keys)
    assert all(one != other for one, other in itertools.combinations([*keys, STRONG], 2))
    assert Settings().key("engine") == keys[1]
    monkeypatch.setenv("SHAKWA_SECRET", STRONG[::-1])
    assert Settings().key("engine") != keys[1]


def test_no_secret_is_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAKWA_SECRET", STRONG)
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://shakwa:pass-word@db/shakwa")
    monkeypatch.setenv("REDIS_URL", "redis://:pass-word@redis:6379")
    for shown in (repr(Settings()), str(Settings()), Settings().model_dump_json()):
        assert STRONG not in shown
        assert "pass-word" not in shown


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SHAKWA_ENVIRONMENT", "prod", "SHAKWA_ENVIRONMENT: Input should be 'development' or 'production'"),
        ("PORT", "many", "PORT: Input should be a valid integer"),
        ("SHAKWA_ENGINE_PORT", "5005x", "SHAKWA_ENGINE_PORT: Input should be a valid integer"),
        ("REDIS_URL", "http://127.0.0.1:6379", "REDIS_URL: Value error, it must begin with redis:// or rediss://"),
        ("SHAKWA_ENGINE_URL", "127.0.0.1:5005", "SHAKWA_ENGINE_URL: String should match pattern"),
        ("SHAKWA_LOG_LEVEL", "loud", "SHAKWA_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=sentence):
        Settings()


def test_everything_suits_one_machine_unless_it_is_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings()
    assert settings.store_url == f"sqlite:///{tmp_path / 'var' / 'shakwa.db'}"
    assert (settings.host, settings.gateway_url) == ("127.0.0.1", "http://127.0.0.1:8000")
    assert (settings.engine_urls, settings.actions_address) == (["http://127.0.0.1:5005"], "http://127.0.0.1:5055")
    assert settings.tracker_url == f"sqlite:///{settings.tracker_file}"
    assert settings.origins == []
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db/shakwa")
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("SHAKWA_ALLOWED_ORIGINS", "https://shop.example  https://www.shop.example")
    monkeypatch.setenv("SHAKWA_ENGINE_URL", "http://rasa-1:5005/  http://rasa-2:5005")
    monkeypatch.setenv("SHAKWA_ACTIONS_URL", "http://actions:5055")
    settings = Settings()
    assert settings.store_url == settings.tracker_url == "postgresql+psycopg://db/shakwa"
    assert settings.engine_urls == ["http://rasa-1:5005", "http://rasa-2:5005"]
    assert settings.actions_address == "http://actions:5055"
    assert settings.gateway_url == "http://127.0.0.1:9000"
    assert settings.origins == ["https://shop.example", "https://www.shop.example"]


def test_what_is_known_of_the_databases_is_kept_apart(tmp_path: Path) -> None:
    settings = Settings()
    assert len({settings.tracker_file, settings.queue_file, tmp_path / "var" / "shakwa.db"}) == 3


def test_a_short_secret_for_identities_is_refused_and_none_believes_nobody() -> None:
    with pytest.raises(BadSettings, match="SHAKWA_IDENTITY_SECRET has 5 characters"):
        _ = Settings(identity_secret=SecretStr("short")).identity_key
    assert Settings().identity_key == ""


def test_installations_with_different_secrets_do_not_meet_in_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for secret in (STRONG, STRONG[::-1]):
        monkeypatch.setenv("SHAKWA_SECRET", secret)
        names.add(Settings().shared_name)
    assert len(names) == 2
    assert all(name.isalnum() and STRONG not in name for name in names)


def test_how_long_data_is_kept_and_in_which_form(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().retention_days, str(Settings().erase_complaints)) == (365, "anonymise")
    monkeypatch.setenv("SHAKWA_RETENTION_DAYS", "-1")
    with pytest.raises(BadSettings, match="SHAKWA_RETENTION_DAYS: Input should be greater than or equal to 0"):
        Settings()
    monkeypatch.setenv("SHAKWA_RETENTION_DAYS", "0")
    monkeypatch.setenv("SHAKWA_ERASE_COMPLAINTS", "keep")
    with pytest.raises(BadSettings, match="SHAKWA_ERASE_COMPLAINTS: Input should be 'anonymise' or 'delete'"):
        Settings()


# ------------------------------------------------------------------ secrets in files


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("SHAKWA_SECRET", "secret"),
        ("DATABASE_URL", "database_url"),
        ("SHAKWA_IDENTITY_SECRET", "identity_secret"),
        ("SHAKWA_SMTP_PASSWORD", "smtp_password"),
        ("SHAKWA_METRICS_TOKEN", "metrics_token"),
    ],
)
def test_a_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, field: str) -> None:
    (tmp_path / "given").write_text(f"{STRONG}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "given"))
    assert getattr(Settings(), field).get_secret_value() == STRONG
    assert STRONG not in repr(Settings())


@pytest.mark.parametrize(
    ("content", "also", "sentence"),
    [
        (None, "", "SHAKWA_SECRET_FILE: .*/given cannot be read"),
        (b" \n", "", "SHAKWA_SECRET_FILE: .*/given is empty"),
        (b"\xff\xfe", "", "SHAKWA_SECRET_FILE: .*/given cannot be read"),
        (STRONG.encode(), STRONG, "SHAKWA_SECRET and SHAKWA_SECRET_FILE are both set"),
    ],
)
def test_a_file_that_gives_no_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, also: str, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "given").write_bytes(content)
    monkeypatch.setenv("SHAKWA_SECRET_FILE", str(tmp_path / "given"))
    if also:
        monkeypatch.setenv("SHAKWA_SECRET", also)
    with pytest.raises(BadSettings, match=sentence) as refused:
        Settings()
    assert STRONG not in str(refused.value)


def test_only_secrets_are_read_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("production")
    monkeypatch.setenv("SHAKWA_ENVIRONMENT_FILE", str(tmp_path / "given"))
    assert Settings().environment == "development"


# ------------------------------------------------------------------ what production refuses

SAFE = {
    "SHAKWA_ENVIRONMENT": "production",
    "SHAKWA_SECRET": STRONG,
    "SHAKWA_PUBLIC_URL": "https://chat.shop.example",
    "SHAKWA_ALLOWED_ORIGINS": "https://shop.example https://www.shop.example:8443",
    "DATABASE_URL": "postgresql+psycopg://shakwa:Kq8-vN2.pL@db/shakwa",
}


@pytest.mark.parametrize(
    ("unsafe", "sentence"),
    [
        ({"SHAKWA_SECRET": ""}, "SHAKWA_SECRET is not set: `openssl rand -hex 32` makes one"),
        ({"SHAKWA_SECRET": "short"}, "SHAKWA_SECRET has 5 characters: 32 are the least"),
        ({"SHAKWA_SECRET": "changeme" * 4}, "SHAKWA_SECRET can be guessed"),
        ({"SHAKWA_IDENTITY_SECRET": "short"}, "SHAKWA_IDENTITY_SECRET has 5 characters"),
        ({"SHAKWA_METRICS_TOKEN": "x" * 40}, "SHAKWA_METRICS_TOKEN can be guessed"),
        ({"DATABASE_URL": "postgresql+psycopg://shakwa:shakwa@db/shakwa"}, "DATABASE_URL has no password, or one that is"),
        ({"DATABASE_URL": "postgresql+psycopg://admin2@db/shakwa"}, "DATABASE_URL has no password"),
        ({"SHAKWA_PUBLIC_URL": ""}, "SHAKWA_PUBLIC_URL is not an https:// address"),
        ({"SHAKWA_PUBLIC_URL": "http://chat.shop.example"}, "SHAKWA_PUBLIC_URL is not an https:// address"),
        ({"SHAKWA_ALLOWED_ORIGINS": "*"}, "SHAKWA_ALLOWED_ORIGINS lets every site embed the widget"),
        ({"SHAKWA_ALLOWED_ORIGINS": "https://*.example"}, "SHAKWA_ALLOWED_ORIGINS lets every site"),
        ({"SHAKWA_ALLOWED_ORIGINS": "http://shop.example"}, "'http://shop.example' is not like https://shop.example"),
        ({"SHAKWA_ALLOWED_ORIGINS": "https://shop.example/"}, "is not like https://shop.example, without a path"),
        ({"SHAKWA_ALLOWED_ORIGINS": "null"}, "'null' is not like"),
        ({"SHAKWA_TRUSTED_PROXIES": "*"}, "SHAKWA_TRUSTED_PROXIES believes everybody's X-Forwarded-For"),
        ({"SHAKWA_LOG_LEVEL": "debug"}, "SHAKWA_LOG_LEVEL is debug, which writes what shoppers say: set info"),
        ({"SHAKWA_SMTP_HOST": "m", "SHAKWA_SMTP_USER": "u", "SHAKWA_SMTP_TLS": "none"}, "SHAKWA_SMTP_TLS is none"),
    ],
)
def test_production_refuses_what_is_unsafe_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, unsafe: dict[str, str], sentence: str
) -> None:
    for name, value in (SAFE | unsafe).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refused:
        Settings.for_serving()
    head, *sentences = str(refused.value).splitlines()
    assert head == "production refuses to start:"
    assert len(sentences) == 1
    assert sentence in sentences[0]
    assert not [value for value in unsafe.values() if len(value) > 30 and "//" not in value and value in str(refused.value)]
    monkeypatch.setenv("SHAKWA_ENVIRONMENT", "development")
    assert Settings.for_serving().environment == "development"


def test_production_starts_with_what_is_safe_and_names_everything_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    assert Settings.for_serving().environment == "production"
    for name in ("SHAKWA_SECRET", "SHAKWA_PUBLIC_URL"):
        monkeypatch.delenv(name)
    with pytest.raises(BadSettings) as refused:
        Settings.for_serving()
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize("environment", ["production", "development"])
@pytest.mark.parametrize(
    ("fleet", "sentence"),
    [
        ({"SHAKWA_ENGINE_URL": "http://one:5005 http://two:5005"}, "SHAKWA_ENGINE_URL names 2 servers"),
        ({"REDIS_URL": "redis://cache:6379/0"}, "REDIS_URL is set, which is for several gateways"),
    ],
)
@pytest.mark.parametrize("store", ["", "sqlite:////var/lib/shakwa/shakwa.db"])
def test_several_gateways_or_rasa_servers_are_refused_over_a_store_in_a_file(
    monkeypatch: pytest.MonkeyPatch, environment: str, fleet: dict[str, str], sentence: str, store: str
) -> None:
    for name, value in (SAFE | fleet | {"SHAKWA_ENVIRONMENT": environment, "DATABASE_URL": store}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refused:
        Settings.for_serving()
    assert str(refused.value).startswith(f"{sentence}, and the store is a file (SQLite): set DATABASE_URL to PostgreSQL's")
    monkeypatch.setenv("DATABASE_URL", SAFE["DATABASE_URL"])
    assert Settings.for_serving().store_url == SAFE["DATABASE_URL"]


def test_one_rasa_elsewhere_goes_with_a_store_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAKWA_ENGINE_URL", "http://127.0.0.1:5006")
    assert Settings.for_serving().engine_urls == ["http://127.0.0.1:5006"]


def test_production_does_not_serve_a_demonstration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / DEMONSTRATION).touch()
    with pytest.raises(BadSettings, match="holds a demonstration with made-up colleagues"):
        Settings.for_serving()


@pytest.mark.parametrize("command", ["gateway", "engine", "actions", "worker", "up"])
def test_every_process_refuses_and_its_exit_code_is_final(tmp_path: Path, command: str) -> None:
    shakwa = Path(sys.executable).with_name("shakwa")
    own = {"SHAKWA_ENVIRONMENT": "production", "SHAKWA_DATA_DIR": str(tmp_path / "var")}
    ran = subprocess.run([shakwa, command], env=os.environ | own, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith("shakwa: production refuses to start:\n  SHAKWA_SECRET is not set")
    assert "Traceback" not in ran.stderr
