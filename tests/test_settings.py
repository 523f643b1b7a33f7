"""Settings come from the environment alone; secrets are made once, kept to oneself, and derived for each purpose."""

import itertools
import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.errors import BadSettings
from bot.settings import SHORTEST_SECRET, Settings
from tests.builders import at_once

STRONG = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the data directory is set, in a folder that does not exist yet."""
    for name in list(os.environ):
        if name.upper().startswith("SHAKWA_") or name in ("HOST", "PORT", "DATABASE_URL"):
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
    for shown in (repr(Settings()), str(Settings()), Settings().model_dump_json()):
        assert STRONG not in shown
        assert "pass-word" not in shown


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SHAKWA_ENVIRONMENT", "prod", "SHAKWA_ENVIRONMENT: Input should be 'development' or 'production'"),
        ("PORT", "many", "PORT: Input should be a valid integer"),
        ("SHAKWA_ENGINE_PORT", "5005x", "SHAKWA_ENGINE_PORT: Input should be a valid integer"),
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
    assert (settings.engine_url, settings.actions_url) == ("http://127.0.0.1:5005", "http://127.0.0.1:5055")
    assert settings.origins == []
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db/shakwa")
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("SHAKWA_ALLOWED_ORIGINS", "https://shop.example  https://www.shop.example")
    settings = Settings()
    assert settings.store_url == "postgresql+psycopg://db/shakwa"
    assert settings.gateway_url == "http://127.0.0.1:9000"
    assert settings.origins == ["https://shop.example", "https://www.shop.example"]


def test_what_is_known_of_the_databases_is_kept_apart(tmp_path: Path) -> None:
    settings = Settings()
    assert len({settings.tracker_file, settings.queue_file, tmp_path / "var" / "shakwa.db"}) == 3


def test_a_short_secret_for_identities_is_refused_and_none_believes_nobody() -> None:
    with pytest.raises(BadSettings, match="SHAKWA_IDENTITY_SECRET has 5 characters"):
        _ = Settings(identity_secret=SecretStr("short")).identity_key
    assert Settings().identity_key == ""
