"""Typed settings from the environment. A wrong one stops the start and names its variable.

The same variables serve one laptop and a production machine; ``.env.example`` explains
each. Nothing else in the code reads ``os.environ``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rota.errors import InvalidInput

#: a key shorter than this can be guessed offline from one signed cookie
MINIMUM_SECRET_KEY_LENGTH = 50


class Settings(BaseSettings):
    """Everything the installation decides. Field names are the variables, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    secret_key: str = ""
    debug: bool = False
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "localhost")
    data_dir: Path = Path("data")
    database_url: str = ""
    #: DATABASE_URL names a pool that lends connections by transaction (PgBouncer)
    database_pooler: bool = False
    redis_url: str = ""
    prophet_model_dir: Path | None = None
    prophet_parallel_workers: int = Field(default=2, ge=1, le=64)
    lp_solver: Literal["PULP_CBC_CMD", "HiGHS"] = "HiGHS"
    #: an optimisation that holds more is stopped
    solver_memory_mb: int = Field(default=2048, ge=256, le=1_000_000)
    email_host: str = ""
    email_port: int = Field(default=587, ge=1, le=65535)
    email_use_tls: bool = True
    email_host_user: str = ""
    email_host_password: str = ""
    default_from_email: str = "staff-rota@localhost"
    #: where people reach the site, for links in mail; empty: mail has no links
    site_url: str = ""
    sentry_dsn: str = ""
    #: lets a Prometheus on another host read /metrics; empty: only this host may
    metrics_token: str = ""
    #: statements that take longer (milliseconds) are logged, without their values; 0: none
    slow_query_ms: int = Field(default=500, ge=0, le=600_000)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    #: cookies are sent over TLS only; `make run` on http://127.0.0.1 turns it off
    secure_cookies: bool = True

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _use_psycopg_3(cls, value: str) -> str:
        """The plan writes ``postgresql://``; SQLAlchemy wants the driver's name."""
        for prefix in ("postgresql://", "postgres://"):
            if value.startswith(prefix):
                return "postgresql+psycopg://" + value.removeprefix(prefix)
        return value

    def check_serving(self) -> None:
        """Refuse to serve with what would be unsafe outside DEBUG, naming the variable.

        The command line needs none of it, so that ``python -m rota import`` works on a
        laptop without any setting.
        """
        if self.debug:
            return
        if len(self.secret_key) < MINIMUM_SECRET_KEY_LENGTH:
            raise InvalidInput(
                f"SECRET_KEY must have at least {MINIMUM_SECRET_KEY_LENGTH} characters "
                "outside DEBUG.",
                hint="See .env.example.",
            )
        if "*" in self.allowed_hosts or not self.allowed_hosts:
            raise InvalidInput(
                "ALLOWED_HOSTS must name the hosts (no *) outside DEBUG.", hint="See .env.example."
            )

    @property
    def signing_key(self) -> str:
        """SECRET_KEY, or in DEBUG a fixed one that protects nothing.

        Raises :class:`InvalidInput` when there is none: what it seals must be readable later.
        """
        if self.secret_key:
            return self.secret_key
        if self.debug:
            return "debug-only-" * 6
        raise InvalidInput("SECRET_KEY is not set.", hint="See .env.example.")

    @property
    def resolved_database_url(self) -> str:
        """DATABASE_URL, or the embedded SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'rota.sqlite3').absolute()}"

    @property
    def model_dir(self) -> Path:
        """Where forecast models are stored as JSON."""
        return self.prophet_model_dir or self.data_dir / "models"


def load_settings(**overrides: object) -> Settings:
    """Read the environment; raise :class:`InvalidInput` naming each bad variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).upper()
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {message}" if name else message)
        raise InvalidInput("; ".join(lines), hint="See .env.example.") from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
