"""Zerodha keeps to the contract of brokers, as far as the Kite simulator is Kite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from adapters.vault.vault import Vault
from tests.adapters.brokers.zerodha.venue import ZerodhaVenue
from tests.contracts.broker_contract import BrokerContract
from tests.contracts.broker_fault_contract import BrokerFaultContract


class TestZerodhaBroker(BrokerContract, BrokerFaultContract):
    """With the real client, over HTTP."""

    @pytest.fixture
    def venue(self, vault: Vault) -> Iterator[ZerodhaVenue]:
        with closing(ZerodhaVenue(vault)) as venue:
            yield venue
