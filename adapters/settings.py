"""What may be set from outside: the environment (ATP_…) or the command line, each with its type."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Mode(StrEnum):
    """Practice never leaves the machine; live sends orders to the traders' own brokers."""

    PRACTICE = "practice"
    LIVE = "live"


def _place(schemes: tuple[str, ...], local: tuple[str, ...], url: str) -> str:
    """An address without path or query; only on this machine it needs no TLS."""
    parts = urlsplit(url)
    usual = parts.scheme in schemes or (parts.scheme in local and _loopback(parts.hostname or ""))
    if not parts.hostname or not usual:
        raise ValueError(f"must be {schemes[0]}://HOST (or {local[0]}://127.0.0.1:PORT)")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a scheme, a host and a port, and nothing after them")
    return url.rstrip("/")


def _https(url: str) -> str:
    return _place(("https",), ("http",), url)


def _wss(url: str) -> str:
    return _place(("wss",), ("ws",), url)


def _fetched(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(parts.hostname or "")):
        raise ValueError("must be an https:// address")
    return url


def _listed(given: object) -> object:
    """A list in the environment is separated by commas."""
    return given.replace(",", " ").split() if isinstance(given, str) else given


def _heart(url: SecretStr) -> SecretStr:
    _fetched(url.get_secret_value())
    return url


Root = Annotated[str, AfterValidator(_https)]
Socket = Annotated[str, AfterValidator(_wss)]
Fetched = Annotated[str, AfterValidator(_fetched)]


class Settings(BaseSettings):
    """One platform on one machine; times of `sweep_s` and `lease_s` are the market's seconds."""

    model_config = SettingsConfigDict(
        env_prefix="ATP_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    mode: Mode = Mode.PRACTICE
    home: Path = Path("var/atp")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    stream_s: int = Field(default=900, ge=0, le=900)
    """How long changes are streamed; 0 behind a proxy that holds answers back till they end."""
    sweep_s: float = Field(default=5.0, gt=0)

    # Practice.
    speed: float = Field(default=60.0, gt=0, le=10_000)
    """How many times faster than life a practice day plays."""
    seed: int = 1
    day: date | None = None
    """The first practice day; today or the next session where it is not given."""

    # Live.
    kite_root: Root = "https://api.kite.trade"
    kite_login: Root = "https://kite.zerodha.com"
    kite_ws: Socket = "wss://ws.kite.trade"
    kite_timeout_s: float = Field(default=7.0, gt=0, le=30)
    vault_key_file: Path | None = None
    """Where the vault's key is, unless ATP_VAULT_KEY has it; `vault.key` in the home otherwise."""
    market_account: str | None = Field(default=None, pattern=r"^ACC-")
    """Whose session feeds prices; the first connected account at Zerodha where it is not given."""
    ntp_servers: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_listed)] = None
    """Time servers, each HOST or HOST:PORT; usual ones unless given, nobody for an empty list."""
    address_urls: Annotated[tuple[Fetched, ...] | None, NoDecode, BeforeValidator(_listed)] = None
    """Services that answer our public address; usual ones where none is given."""
    heartbeat_url: Annotated[SecretStr, AfterValidator(_heart)] | None = None
    """Fetched while the schedule beats, so that somebody outside notices when it does not."""
    rehearsal: Path | None = None
    """A file that says which time it is, for a day against a simulator on this machine."""

    @model_validator(mode="after")
    def _no_public_bind_without_tls(self) -> Self:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("tls_cert and tls_key are given together or not at all")
        if not _loopback(self.host) and self.tls_cert is None:
            raise ValueError(f"host {self.host} is public: it needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _no_rehearsal_at_the_real_exchange(self) -> Self:
        places = (self.kite_root, self.kite_login, self.kite_ws)
        local = [_loopback(urlsplit(place).hostname or "") for place in places]
        if any(local) and not all(local):
            raise ValueError("kite_root, kite_login and kite_ws are all simulated or all real")
        if self.rehearsal is not None and not all(local):
            raise ValueError("a rehearsal has a time of its own: it needs a simulator's addresses")
        return self

    @property
    def kite(self) -> dict[str, str]:
        """Where Kite is, as the broker's adapter is told."""
        return {
            "root": self.kite_root,
            "login": self.kite_login,
            "ws": self.kite_ws,
            "timeout_s": str(self.kite_timeout_s),
        }


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
