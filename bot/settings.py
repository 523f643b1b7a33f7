"""The only reader of the environment. `shakwa settings` prints what is in force; the README lists the names."""

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import BadSettings

ROOT = Path(__file__).resolve().parents[1]
SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """Every setting has a default that suits one machine; the environment overrides it."""

    model_config = SettingsConfigDict(env_prefix="SHAKWA_", populate_by_name=True, frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses unsafe settings"
    )
    host: str = Field("127.0.0.1", validation_alias="HOST", description="address the gateway listens on")
    port: int = Field(8000, validation_alias="PORT", description="port the gateway listens on")
    engine_port: int = Field(5005, description="port of Rasa, on this machine only")
    actions_port: int = Field(5055, description="port of the action server, on this machine only")
    data_dir: Path = Field(ROOT / "var", description="where the databases, secrets and working files live")
    models_dir: Path = Field(ROOT / "models", description="where trained models are kept")
    shop_file: Path = Field(ROOT / "shop.yml", description="the shop this assistant speaks for")
    database_url: SecretStr = Field(
        SecretStr(""), validation_alias="DATABASE_URL", description="the store; empty: SQLite in the data directory"
    )
    secret: SecretStr = Field(
        SecretStr(""), description="32 characters or more; empty: made at the first start and kept in the data directory"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://\S+[^/\s])?$",
        description="where shoppers reach the gateway; empty: the address it listens on",
    )
    allowed_origins: str = Field(
        "", description="sites that may embed the widget, e.g. https://shop.example, with spaces between"
    )
    identity_secret: SecretStr = Field(
        SecretStr(""), description="what your server signs shoppers' identities with (JWT, HS256); empty: none is believed"
    )
    webhook_private_hosts: str = Field(
        "", description="hosts of your own network that webhooks may reach, with spaces between; all others must be public"
    )
    smtp_host: str = Field("", description="mail server for answers to shoppers who left an address; empty: none is sent")
    smtp_port: int = Field(587, description="its port")
    smtp_user: str = Field("", description="who signs in there; empty: nobody")
    smtp_password: SecretStr = Field(SecretStr(""), description="with which password")
    smtp_sender: str = Field("", description="the address letters come from, e.g. Shop <care@shop.example>")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="how the line to it is kept private")
    sessions_per_minute: int = Field(600, description="new conversations one address may begin in a minute")
    messages_per_minute: int = Field(120, description="messages one conversation may send in a minute")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_a_sentence(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            raise BadSettings("; ".join(_sentence(problem) for problem in error.errors(include_input=False))) from None

    @property
    def origins(self) -> list[str]:
        return self.allowed_origins.split()

    @property
    def store_url(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'shakwa.db'}"

    @property
    def queue_file(self) -> Path:
        return self.data_dir / "queue.db"

    @property
    def tracker_file(self) -> Path:
        return self.data_dir / "tracker.db"

    @property
    def engine_url(self) -> str:
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def gateway_url(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"

    @cached_property
    def root_secret(self) -> str:
        """The secret all others are derived from; without one in the environment it is made and kept in a file."""
        if given := self.secret.get_secret_value():
            return _strong(given)
        if self.environment == "production":
            raise BadSettings("SHAKWA_SECRET is not set: production needs one, `openssl rand -hex 32` makes it")
        return _strong(self._kept_secret())

    @property
    def identity_key(self) -> str:
        """What shops sign identities with; empty where none is believed."""
        given = self.identity_secret.get_secret_value()
        return _strong(given, "SHAKWA_IDENTITY_SECRET") if given else ""

    def key(self, purpose: str) -> str:
        """Return the secret for one purpose: knowing one of them tells nothing of the others."""
        return hmac.new(self.root_secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def _kept_secret(self) -> str:
        file = self.data_dir / "secret"
        if not file.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            _keep(file, secrets.token_hex(32))
        return file.read_text().strip()


def _sentence(problem: ErrorDetails) -> str:
    name = str(problem["loc"][0])
    return f"{name if name.isupper() else f'SHAKWA_{name.upper()}'}: {problem['msg']}"


def _keep(file: Path, secret: str) -> None:
    """Write the file whole or not at all; where another process was quicker, what it wrote stays."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # which nobody else may read
    with os.fdopen(descriptor, "w") as out:
        out.write(secret)
    with suppress(FileExistsError):
        os.link(draft, file)
    os.unlink(draft)


def _strong(secret: str, name: str = "SHAKWA_SECRET") -> str:
    if len(secret) < SHORTEST_SECRET:
        raise BadSettings(f"{name} has {len(secret)} characters: {SHORTEST_SECRET} are the least")
    return secret
