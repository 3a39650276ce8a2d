"""An account at Zerodha, and the door at which it asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.vault.file import FileVault
from adapters.vault.vault import Vault
from tests.adapters.brokers.zerodha.door import Door, silence
from tests.adapters.brokers.zerodha.known_secrets import API_KEY, API_SECRET, TOKEN, log_in


@pytest.fixture
def door() -> Iterator[Door]:
    """Where Kite might be."""
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """It knows the account's app, and the session of the day."""
    vault = FileVault(tmp_path / "vault", bytes(32))
    vault.write("zerodha/ACC-1/app", {"api_key": API_KEY, "api_secret": API_SECRET})
    log_in(vault, TOKEN)
    return vault


@pytest.fixture
def broker(door: Door, vault: Vault, request: pytest.FixtureRequest) -> ZerodhaBroker:
    """The account; with little patience where the test is told that no answer will come."""
    told = getattr(request.node, "callspec", None)
    unanswered = told is not None and silence in told.params.values()
    waits_s = "0.5" if unanswered else "30"
    return ZerodhaBroker("ACC-1", {"root": door.root, "timeout_s": waits_s}, vault)
