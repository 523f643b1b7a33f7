"""The only reader of the environment, and of the files it names. `shakwa settings` prints what is in force."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.errors import BadSettings
from bot.domain.privacy import ErasedComplaints
from bot.secret_files import content_of, keep, strong, weakness

ROOT = Path(__file__).resolve().parents[1]
GUESSED = frozenset({"", "postgres", "shakwa", "password", "secret", "admin", "test", "changeme"})
"""Passwords that are tried first."""
ORIGIN = re.compile(r"https://[\w.-]+(?::\d+)?")
DEMONSTRATION = "demonstration"
"""A file in the data directory of a store that `shakwa demo` has filled."""


class FromFiles(PydanticBaseSettingsSource):
    """Reads a secret from the file that its name with `_FILE` gives, as Docker, systemd and Kubernetes hand secrets over."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = variable(field_name, field)
        path = os.environ.get(f"{name}_FILE") if field.annotation is SecretStr else None
        if path is None:
            return None, field_name, False
        if os.environ.get(name):
            raise BadSettings(f"{name} and {name}_FILE are both set: leave one of them out")
        return content_of(name, Path(path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """Every setting has a default that suits one machine; the environment overrides it."""

    model_config = SettingsConfigDict(env_prefix="SHAKWA_", populate_by_name=True, frozen=True)

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses unsafe settings"
    )
    host: str = Field("127.0.0.1", validation_alias="HOST", description="address the gateway listens on")
    port: int = Field(8000, validation_alias="PORT", description="port the gateway listens on")
    engine_host: str = Field("127.0.0.1", description="address Rasa listens on: this machine's own, or a private network's")
    engine_port: int = Field(5005, description="port of Rasa")
    engine_url: str = Field(
        "",
        pattern=r"^\s*(https?://\S+(\s+https?://\S+)*)?\s*$",
        description="where gateways reach Rasa, several servers with spaces between; empty: on this machine",
    )
    actions_host: str = Field("127.0.0.1", description="address the action server listens on, like Rasa's")
    actions_port: int = Field(5055, description="port of the action server")
    actions_url: str = Field(
        "",
        pattern=r"^(https?://\S+[^/\s])?$",
        description="where Rasa reaches the action server, or what stands before several; empty: on this machine",
    )
    data_dir: Path = Field(ROOT / "var", description="where the databases, secrets and working files live")
    models_dir: Path = Field(ROOT / "models", description="where trained models are kept")
    shop_file: Path = Field(ROOT / "shop.yml", description="the shop this assistant speaks for")
    database_url: SecretStr = Field(
        SecretStr(""), validation_alias="DATABASE_URL", description="the store; empty: SQLite in the data directory"
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        validation_alias="REDIS_URL",
        description="what several gateways, Rasa servers and workers share beside the store; empty: each is alone",
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
    retention_days: int = Field(
        365, ge=0, description="days a conversation is kept after its last message, its complaint closed; 0: for ever"
    )
    erase_complaints: ErasedComplaints = Field(
        ErasedComplaints.ANONYMISE,
        description="of an erased shopper's complaints, `anonymise` keeps kind, dates, status and amount, `delete` nothing",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="what Prometheus shows at /metrics as its bearer token; empty: there are no metrics"
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses of proxies whose X-Forwarded-For is believed, with commas between; never `*`"
    )
    failpoints: str = Field(
        "", description="tests alone: a folder with orders to break at named places; `production` refuses it"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FromFiles(settings_cls)

    @classmethod
    def for_serving(cls) -> Self:
        """Return the settings of a process that serves; raise BadSettings with all that production refuses, and
        anywhere for several of a process over a store in a file."""
        settings = cls()
        if settings.store_url.startswith("sqlite") and (several := _several(settings)):
            raise BadSettings(
                f"{several}, and the store is a file (SQLite): set DATABASE_URL to PostgreSQL's, which they can share"
            )
        if settings.environment == "production" and (refused := unsafe(settings)):
            raise BadSettings("\n  ".join(("production refuses to start:", *refused)))
        return settings

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_a_sentence(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            settings = handler(values)
        except ValidationError as error:
            raise BadSettings("; ".join(_sentence(problem) for problem in error.errors(include_input=False))) from None
        if settings.environment == "production" and settings.failpoints:
            raise BadSettings("SHAKWA_FAILPOINTS is set: it breaks Shakwa on purpose, for tests; unset it in production")
        return settings

    @field_validator("redis_url")
    @classmethod
    def _speaks_redis(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not url.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("it must begin with redis:// or rediss://")
        return url

    @property
    def logs_as_json(self) -> bool:
        return self.environment == "production"

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
    def health_file(self) -> Path:
        """What the last examination of the training data found."""
        return self.data_dir / "health.json"

    @property
    def tracker_url(self) -> str:
        """Where Rasa keeps its trackers: beside the store on a server, in a file of its own otherwise."""
        return f"sqlite:///{self.tracker_file}" if self.store_url.startswith("sqlite") else self.store_url

    @property
    def shared_name(self) -> str:
        """What our names in Redis begin with: no two installations with different secrets meet there."""
        return f"shakwa{self.key('redis')[:12]}"

    @property
    def engine_urls(self) -> list[str]:
        given = [url.rstrip("/") for url in self.engine_url.split()]
        return given or [f"http://127.0.0.1:{self.engine_port}"]

    @property
    def actions_address(self) -> str:
        return self.actions_url or f"http://127.0.0.1:{self.actions_port}"

    @property
    def gateway_url(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"

    @cached_property
    def root_secret(self) -> str:
        """The secret all others are derived from; without one in the environment it is made and kept in a file."""
        if given := self.secret.get_secret_value():
            return strong(given)
        if self.environment == "production":
            raise BadSettings("SHAKWA_SECRET is not set: production needs one, `openssl rand -hex 32` makes it")
        return strong(self._kept_secret())

    @property
    def identity_key(self) -> str:
        """What shops sign identities with; empty where none is believed."""
        given = self.identity_secret.get_secret_value()
        return strong(given, "SHAKWA_IDENTITY_SECRET") if given else ""

    def key(self, purpose: str) -> str:
        """Return the secret for one purpose: knowing one of them tells nothing of the others."""
        return hmac.new(self.root_secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def _kept_secret(self) -> str:
        file = self.data_dir / "secret"
        if not file.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            keep(file, secrets.token_hex(32))
        return file.read_text().strip()


def variable(name: str, field: FieldInfo) -> str:
    """Return the environment variable of a setting."""
    return str(field.validation_alias or f"SHAKWA_{name.upper()}")


def unsafe(settings: Settings) -> list[str]:
    """Return what must not be so in production: a sentence each, which says what to set."""
    return [
        *_weak_secrets(settings),
        *_open_doors(settings),
        *(["SHAKWA_LOG_LEVEL is debug, which writes what shoppers say: set info"] if settings.log_level == "debug" else []),
        *_not_of_a_shop(settings),
    ]


def _several(settings: Settings) -> str:
    """Return which setting says that there is more than one gateway or Rasa, as the beginning of a sentence."""
    if len(settings.engine_urls) > 1:
        return f"SHAKWA_ENGINE_URL names {len(settings.engine_urls)} servers"
    return "REDIS_URL is set, which is for several gateways" if settings.redis_url.get_secret_value() else ""


def _weak_secrets(settings: Settings) -> Iterator[str]:
    if not settings.secret.get_secret_value():
        yield "SHAKWA_SECRET is not set: `openssl rand -hex 32` makes one; SHAKWA_SECRET_FILE may name a file that holds it"
    secrets_set = ("secret", "identity_secret", "metrics_token")
    for name in secrets_set:
        given = getattr(settings, name).get_secret_value()
        if given and (weak := weakness(given, f"SHAKWA_{name.upper()}")):
            yield weak
    store = urlsplit(settings.database_url.get_secret_value())
    if store.hostname not in (None, "localhost", "127.0.0.1") and (store.password or "") in GUESSED | {store.username}:
        yield "DATABASE_URL has no password, or one that is tried first: give the database user another"


def _open_doors(settings: Settings) -> Iterator[str]:
    if not settings.public_url.startswith("https://"):
        yield "SHAKWA_PUBLIC_URL is not an https:// address: set where shoppers reach the gateway"
    for origin in settings.origins:
        if "*" in origin:
            yield "SHAKWA_ALLOWED_ORIGINS lets every site embed the widget and read its answers: name your sites"
        elif not ORIGIN.fullmatch(origin):
            yield f"SHAKWA_ALLOWED_ORIGINS: {origin!r} is not like https://shop.example, without a path"
    if "*" in settings.trusted_proxies:
        yield "SHAKWA_TRUSTED_PROXIES believes everybody's X-Forwarded-For: name the address of your proxy"
    if settings.smtp_host and settings.smtp_tls == "none" and settings.smtp_user:
        yield "SHAKWA_SMTP_TLS is none, so the mail password would go out in the clear: set starttls or tls"


def _not_of_a_shop(settings: Settings) -> Iterator[str]:
    if (settings.data_dir / DEMONSTRATION).exists():
        yield f"{settings.data_dir} holds a demonstration with made-up colleagues: set SHAKWA_DATA_DIR and DATABASE_URL anew"


def _sentence(problem: ErrorDetails) -> str:
    name = str(problem["loc"][0])
    field = Settings.model_fields.get(name)
    return f"{variable(name, field) if field else name}: {problem['msg']}"
