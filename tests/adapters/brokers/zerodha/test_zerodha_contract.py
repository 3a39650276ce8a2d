"""Zerodha keeps to the contract of brokers, as far as the Kite simulator is Kite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from adapters.simulators.kite.process import KiteProcess, start_kite_process
from adapters.simulators.kite.spec import KiteSpec
from adapters.vault.vault import Vault
from tests.adapters.brokers.zerodha.venue import (
    ZerodhaProcessVenue,
    ZerodhaVenue,
    at_ten_o_clock,
)
from tests.contracts.broker_contract import BrokerContract
from tests.contracts.broker_fault_contract import BrokerFaultContract

_accounts = count(1)


@pytest.fixture(scope="module")
def spec() -> KiteSpec:
    """It is ten o'clock, and time goes twenty times as fast."""
    return at_ten_o_clock()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, spec: KiteSpec) -> Iterator[KiteProcess]:
    """Kite as a process of its own."""
    running = start_kite_process(tmp_path_factory.mktemp("kite"), spec)
    yield running
    running.stop()


class TestZerodhaBroker(BrokerContract, BrokerFaultContract):
    """With the real client, over HTTP, on a stepped clock."""

    @pytest.fixture
    def venue(self, vault: Vault) -> Iterator[ZerodhaVenue]:
        with closing(ZerodhaVenue(vault)) as venue:
            yield venue


class TestZerodhaBrokerAtAnotherProcess(BrokerContract, BrokerFaultContract):
    """The same, where Kite has its own clock."""

    @pytest.fixture
    def venue(self, process: KiteProcess, spec: KiteSpec, vault: Vault) -> ZerodhaProcessVenue:
        return ZerodhaProcessVenue(process, spec, vault, f"ACC-{next(_accounts)}")
