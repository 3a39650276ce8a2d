"""Secrets of tests, to be found nowhere but in the vault."""

from __future__ import annotations

from typing import Final

from adapters.vault.vault import Vault

API_KEY: Final = "examplekey00key1"
API_SECRET: Final = "examplesecret00secret00secret001"
TOKEN: Final = "accessTOKENofYesterday0000000000"
NEXT_TOKEN: Final = "accessTOKENofTheNewDay0000000000"


def log_in(vault: Vault, token: str) -> None:
    """Some process opens a session."""
    kept = {"access_token": token, "opened_at": "2026-08-04T02:15:10+00:00", "user_id": "AB1234"}
    vault.write("zerodha/ACC-1/session", kept)
