"""The only reader of the environment: every setting, its default and its meaning."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.errors import Misconfigured

OPENROUTER_URL = "https://openrouter.ai/api/v1"
DEMO_EMAIL = "demo@rundown.local"
DEMO_PASSWORD = "rundown-demo"  # noqa: S105 - public on purpose: the account holds sample runs only
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})|[0-9A-Fa-f:.]{2,45}")
REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class LimitValues:
    """What one user may ask for; an address may `address_factor` times as much. 0 is no limit.

    `sign_ins`: attempts at one account from one address in five minutes.
    """

    requests_per_minute: int
    streams: int
    tokens_per_day: int
    cost_usd_per_day: float
    upload_bytes_per_day: int
    sign_ins: int
    address_factor: int


# On one's own machine a limit only has to catch what runs wild; on a server it keeps one user from taking all.
_OWN_MACHINE = LimitValues(60_000, 1_000, 0, 0.0, 0, 30, 4)
_SERVER = LimitValues(600, 10, 20_000_000, 100.0, 2 * 2**30, 10, 4)


class Settings(BaseSettings):
    """Settings as named in the README; read from the environment, then from `.env`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    host: str = Field("127.0.0.1", alias="RUNDOWN_HOST")
    port: int = Field(8000, alias="RUNDOWN_PORT", ge=0, le=65535)
    home: Path = Field(Path(".rundown"), alias="RUNDOWN_HOME")
    supabase_url: str | None = Field(None, alias="SUPABASE_URL")
    supabase_anon_key: str | None = Field(None, alias="SUPABASE_ANON_KEY")
    secret_key: SecretStr | None = Field(None, alias="RUNDOWN_SECRET_KEY")
    openrouter_base_url: str = Field(OPENROUTER_URL, alias="OPENROUTER_BASE_URL")
    hosts: str = Field("", alias="RUNDOWN_HOSTS")
    demo: bool | None = Field(None, alias="RUNDOWN_DEMO")
    signup: bool = Field(True, alias="RUNDOWN_SIGNUP")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="RUNDOWN_LOG_LEVEL")
    stream_path: Literal["direct", "stock"] = Field("direct", alias="RUNDOWN_STREAM_PATH")
    page_dir: Path = Field(REPOSITORY / "frontend-v2" / "out", alias="RUNDOWN_PAGE_DIR")

    redis_url: SecretStr | None = Field(None, alias="REDIS_URL")
    metrics_dir: Path | None = Field(None, alias="PROMETHEUS_MULTIPROC_DIR")
    workers: int = Field(1, alias="RUNDOWN_WORKERS", ge=1, le=64)
    otlp_endpoint: str | None = Field(None, alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    trusted_proxies: str = Field("", alias="RUNDOWN_TRUSTED_PROXIES")
    silence_s: float = Field(60.0, alias="RUNDOWN_MODEL_SILENCE_S", gt=0)
    thinking_s: float = Field(300.0, alias="RUNDOWN_MODEL_THINKING_S", gt=0)
    answer_s: float = Field(900.0, alias="RUNDOWN_ANSWER_S", gt=0)
    slow_reader_s: float = Field(30.0, alias="RUNDOWN_SLOW_READER_S", gt=0)
    limit_requests: int | None = Field(None, alias="RUNDOWN_LIMIT_REQUESTS", ge=0)
    limit_streams: int | None = Field(None, alias="RUNDOWN_LIMIT_STREAMS", ge=0)
    limit_tokens: int | None = Field(None, alias="RUNDOWN_LIMIT_TOKENS", ge=0)
    limit_cost_usd: float | None = Field(None, alias="RUNDOWN_LIMIT_COST_USD", ge=0, allow_inf_nan=False)
    limit_upload_mb: int | None = Field(None, alias="RUNDOWN_LIMIT_UPLOAD_MB", ge=0)
    limit_sign_ins: int | None = Field(None, alias="RUNDOWN_LIMIT_SIGN_INS", ge=0)
    limit_address_factor: int | None = Field(None, alias="RUNDOWN_LIMIT_ADDRESS_FACTOR", ge=0)

    @field_validator("stream_path", mode="before")
    @classmethod
    def _earlier_name(cls, value: object) -> object:
        return "direct" if value == "lean" else value

    @field_validator("supabase_url", "openrouter_base_url")
    @classmethod
    def _url_without_trailing_slash(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must be an http:// or https:// address")
        return value.rstrip("/") if value else value

    @field_validator("home")
    @classmethod
    def _absolute_home(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @model_validator(mode="after")
    def _supabase_settings_go_together(self) -> Self:
        if bool(self.supabase_url) != bool(self.supabase_anon_key):
            raise ValueError("set both SUPABASE_URL and SUPABASE_ANON_KEY, or neither for the embedded database")
        if not self.embedded and self.secret_key is None:
            raise ValueError(
                "RUNDOWN_SECRET_KEY is required with SUPABASE_URL; make one with: "
                "python3 -c 'import base64,os; print(base64.b64encode(os.urandom(32)).decode())'"
            )
        return self

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (each.strip() for each in value.split(","))):
            try:
                ipaddress.ip_network(part)
            except ValueError as error:
                raise ValueError(f"{part[:60]!r} is no address or network such as 10.0.0.0/8") from error
        return value

    @field_validator("hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        for part in filter(None, (each.strip() for each in value.split(","))):
            if not _HOST_NAME.fullmatch(part):
                raise ValueError(f"{part[:60]!r} is no host name such as rundown.example.com, without a scheme or port")
        return value

    @model_validator(mode="after")
    def _workers_need_redis(self) -> Self:
        if self.workers > 1 and self.redis_url is None:
            raise ValueError(
                f"{self.workers} workers need REDIS_URL, by which they stop and resume each other's streams. Set it "
                "(redis://127.0.0.1:6379/0 for a Redis on this machine), or serve with one worker"
            )
        return self

    @property
    def limits(self) -> LimitValues:
        """The limits: those set, and for the others what fits the mode."""
        usual = _OWN_MACHINE if self.embedded else _SERVER
        chosen: dict[str, Any] = {
            "requests_per_minute": self.limit_requests,
            "streams": self.limit_streams,
            "tokens_per_day": self.limit_tokens,
            "cost_usd_per_day": self.limit_cost_usd,
            "upload_bytes_per_day": None if self.limit_upload_mb is None else self.limit_upload_mb * 2**20,
            "sign_ins": self.limit_sign_ins,
            "address_factor": self.limit_address_factor,
        }
        return replace(usual, **{name: value for name, value in chosen.items() if value is not None})

    @property
    def embedded(self) -> bool:
        """Whether the backend runs its own PostgreSQL, PostgREST and sign-in."""
        return self.supabase_url is None

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine reaches the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def host_names(self) -> frozenset[str]:
        """The names to answer to, in lower case, besides those of the loopback interface."""
        named = {part.strip().rstrip(".").lower() for part in (*self.hosts.split(","), self.host)}
        return frozenset(named - {""})

    @property
    def demo_enabled(self) -> bool:
        """A demo account exists only in embedded mode; by default on loopback alone, since its password is public."""
        return self.embedded and (self.on_loopback if self.demo is None else self.demo)


def load_settings(**chosen: object) -> Settings:
    """Settings from the environment and `.env`; those in `chosen`, by their names there, go before both.

    Raises:
        Misconfigured: naming each setting that is wrong.
    """
    try:
        return Settings(**chosen)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()]
        raise Misconfigured("These settings are wrong. " + "; ".join(faults)) from error


def inherited(*names: str) -> dict[str, str]:
    """Those of the named environment variables that are set, for a process that is to get no others."""
    return {name: os.environ[name] for name in names if name in os.environ}


def secret_keys(value: str) -> list[bytes]:
    """The server keys in `RUNDOWN_SECRET_KEY`: base64 of 32 bytes each, comma-separated, newest first.

    Raises:
        Misconfigured: naming what is wrong with which key.
    """
    keys = []
    for number, part in enumerate((p.strip() for p in value.split(",") if p.strip()), start=1):
        try:
            key = base64.b64decode(part, validate=True)
        except binascii.Error as error:
            raise Misconfigured(f"RUNDOWN_SECRET_KEY: key {number} is not base64") from error
        if len(key) != 32:
            raise Misconfigured(f"RUNDOWN_SECRET_KEY: key {number} is {len(key)} bytes long; 32 are needed")
        keys.append(key)
    if not keys:
        raise Misconfigured("RUNDOWN_SECRET_KEY holds no key")
    return keys
