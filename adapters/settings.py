"""What may be set from outside: the environment (ATP_…) or the command line, each with its type."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One platform on one machine; times of `sweep_s` and `lease_s` are the market's seconds."""

    model_config = SettingsConfigDict(env_prefix="ATP_", frozen=True, extra="ignore")

    home: Path = Path("var/atp")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    speed: float = Field(default=60.0, gt=0, le=10_000)
    """How many times faster than life a practice day plays."""
    seed: int = 1
    day: date | None = None
    """The first practice day; today or the next session where it is not given."""
    sweep_s: float = Field(default=5.0, gt=0)

    @model_validator(mode="after")
    def _no_public_bind_without_tls(self) -> Self:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("tls_cert and tls_key are given together or not at all")
        if not _loopback(self.host) and self.tls_cert is None:
            raise ValueError(f"host {self.host} is public: it needs tls_cert and tls_key")
        return self


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
