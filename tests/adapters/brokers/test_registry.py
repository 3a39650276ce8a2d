"""Brokers by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.brokers.paper.client import PaperBroker
from adapters.brokers.registry import MissingSetting, UnknownBroker, connect
from adapters.brokers.zerodha.broker import ZerodhaBroker
from adapters.vault.file import FileVault
from adapters.vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with nothing in it."""
    return FileVault(tmp_path / "vault", bytes(32))


def test_a_paper_account_is_reached_where_its_broker_listens(tmp_path: Path, vault: Vault) -> None:
    settings = {"endpoint": str(tmp_path / "endpoint.json")}

    assert isinstance(connect("paper", "ACC-1", settings, vault), PaperBroker)


def test_an_account_at_zerodha_needs_no_more_than_its_vault(vault: Vault) -> None:
    assert isinstance(connect("zerodha", "ACC-1", {}, vault), ZerodhaBroker)


def test_a_broker_nobody_knows_is_refused(vault: Vault) -> None:
    with pytest.raises(UnknownBroker, match="'shoonya' is none of paper, zerodha"):
        connect("shoonya", "ACC-1", {}, vault)


def test_a_broker_says_which_setting_is_missing(vault: Vault) -> None:
    with pytest.raises(MissingSetting, match="endpoint"):
        connect("paper", "ACC-1", {}, vault)


def test_knowing_the_brokers_loads_none_of_them() -> None:
    program = (
        "import sys, adapters.brokers.registry;"
        "print([m for m in sys.modules if m.startswith('adapters.brokers.paper')"
        " or m.startswith('adapters.brokers.zerodha') or m == 'kiteconnect'])"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert printed.stdout.strip() == "[]"
