"""The only reader of the environment: every setting, its default and its meaning."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.errors import Misconfigured

OPENROUTER_URL = "https://openrouter.ai/api/v1"
DEMO_EMAIL = "demo@rundown.local"
DEMO_PASSWORD = "rundown-demo"  # noqa: S105 - public on purpose: the account holds sample runs only
REPOSITORY = Path(__file__).resolve().parent.parent


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
    demo: bool | None = Field(None, alias="RUNDOWN_DEMO")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="RUNDOWN_LOG_LEVEL")
    stream_path: Literal["lean", "stock"] = Field("lean", alias="RUNDOWN_STREAM_PATH")
    page_dir: Path = Field(REPOSITORY / "frontend-v2" / "out", alias="RUNDOWN_PAGE_DIR")

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

    @property
    def embedded(self) -> bool:
        """Whether the backend runs its own PostgreSQL, PostgREST and sign-in."""
        return self.supabase_url is None

    @property
    def demo_enabled(self) -> bool:
        """A demo account exists only in embedded mode, and there by default."""
        return self.embedded and self.demo is not False


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
