"""The paper broker keeps to the contract of brokers, in-process and as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from adapters.brokers.paper.process import PaperProcess, start_paper_process
from adapters.brokers.paper.spec import PaperSpec
from tests.adapters.brokers.paper.simulated_venue import (
    LocalVenue,
    ProcessVenue,
    at_ten_o_clock,
)
from tests.contracts.broker_contract import BrokerContract
from tests.contracts.broker_fault_contract import BrokerFaultContract

_accounts = count(1)


@pytest.fixture(scope="module")
def spec() -> PaperSpec:
    """It is ten o'clock, and time goes twenty times as fast."""
    return at_ten_o_clock()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, spec: PaperSpec) -> Iterator[PaperProcess]:
    """A paper broker of its own process."""
    running = start_paper_process(tmp_path_factory.mktemp("paper"), spec)
    yield running
    running.stop()


class TestLocalPaperBroker(BrokerContract, BrokerFaultContract):
    """In this process, on a stepped clock."""

    @pytest.fixture
    def venue(self) -> LocalVenue:
        return LocalVenue()


class TestPaperBrokerProcess(BrokerContract, BrokerFaultContract):
    """In its own process, on its own clock."""

    @pytest.fixture
    def venue(self, process: PaperProcess, spec: PaperSpec) -> ProcessVenue:
        return ProcessVenue(process, spec, f"ACC-{next(_accounts)}")
