"""What the vault keeps of an account at Zerodha: its app, and the session of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.vault.vault import SecretMissing, Vault


def app_ref(account_id: str) -> str:
    """Where the key and the secret of the account's Kite Connect app are kept."""
    return f"zerodha/{account_id}/app"


def session_ref(account_id: str) -> str:
    """Where the token of the account's last login is kept."""
    return f"zerodha/{account_id}/session"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A Kite Connect app, which belongs to one account."""

    api_key: str
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KiteSession:
    """A login: its token is dead at 06:00 IST of the day after `opened_at`, or before."""

    access_token: str = field(repr=False)
    opened_at: datetime
    user_id: str


def read_app(vault: Vault, account_id: str, *, anew: bool = False) -> App:
    """Raises SecretMissing."""
    ref = app_ref(account_id)
    kept = vault.anew(ref) if anew else vault.read(ref)
    return App(api_key=_part(kept, "api_key", ref), api_secret=_part(kept, "api_secret", ref))


def read_session(vault: Vault, account_id: str, *, anew: bool = False) -> KiteSession:
    """Raises SecretMissing, as long as nobody logged in."""
    ref = session_ref(account_id)
    kept = vault.anew(ref) if anew else vault.read(ref)
    return KiteSession(
        access_token=_part(kept, "access_token", ref),
        opened_at=datetime.fromisoformat(_part(kept, "opened_at", ref)),
        user_id=_part(kept, "user_id", ref),
    )


def write_session(vault: Vault, account_id: str, session: KiteSession) -> None:
    """Keep it for every process that trades for the account."""
    vault.write(
        session_ref(account_id),
        {
            "access_token": session.access_token,
            "opened_at": session.opened_at.isoformat(),
            "user_id": session.user_id,
        },
    )


def _part(kept: Mapping[str, str], name: str, ref: str) -> str:
    if not kept.get(name):
        raise SecretMissing(f"{ref} has no {name}")
    return kept[name]
