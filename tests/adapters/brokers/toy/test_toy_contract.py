"""A broker added by docs/add-a-broker.md, and by nothing else, trades like the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from adapters.brokers import registry
from adapters.vault.file import FileVault
from adapters.vault.vault import Vault
from commands.ports import Broker
from tests.adapters.brokers.toy.broker import ToyBroker
from tests.adapters.brokers.toy.venue import ToyVenue
from tests.contracts.broker_contract import BrokerContract
from tests.contracts.broker_fault_contract import BrokerFaultContract


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault."""
    return FileVault(tmp_path / "vault", bytes(32))


class TestToyBroker(BrokerContract, BrokerFaultContract):
    """Other words, other units, another protocol."""

    @pytest.fixture
    def venue(self, vault: Vault) -> Iterator[ToyVenue]:
        with closing(ToyVenue(vault)) as venue:
            yield venue


def _toy(account: str, settings: Mapping[str, str], vault: Vault) -> Broker:
    return ToyBroker(account, settings, vault)


def test_a_line_in_the_registry_makes_it_a_broker(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "BROKERS", {**registry.BROKERS, "toy": _toy})

    broker = registry.connect("toy", "ACC-1", {"root": "http://127.0.0.1:1"}, vault)

    assert isinstance(broker, ToyBroker)
