"""Differences between broker and platform from the command line."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.cli.terms import Ending
from adapters.clock import SteppedClock
from adapters.market.simulated import SimulatedMarket
from adapters.runtime import open_trading
from domain.account import BrokerAccount
from domain.account_terms import Held
from domain.model import Origin, acting
from tests.adapters.cli.stage import Atp

NOW = datetime(2026, 8, 4, 18, 30, tzinfo=UTC)
"""Where the platform's clock stands: midnight in India, before Wednesday."""


@pytest.fixture
def contract() -> str:
    """Something that is listed on Wednesday."""
    return SimulatedMarket(SteppedClock(NOW)).chain(NOW.date().replace(day=5)).contracts[0].key


@pytest.fixture
def held(atp: Atp, account_id: str, contract: str) -> str:
    """The platform counts 65 that the broker does not have."""
    count(atp.home, account_id, contract, 65)
    return account_id


def count(home: Path, account_id: str, contract: str, units: int) -> None:
    trading = open_trading(home, random.Random(1).randbytes)
    account = trading.load(account_id, BrokerAccount)
    with acting(Origin(at=NOW, actor="USER-1", correlation_id="A")):
        account.adopt(Held(key=contract, product="NRML", quantity=units, average_price=Decimal(20)))
    trading.save(account)
    trading.close()


def test_a_difference_is_looked_for_and_shown(atp: Atp, held: str, contract: str) -> None:
    assert atp.json("account", "drift", held) == []

    (drift,) = atp.json("account", "drift", held, "--look")

    assert (drift["kind"], drift["key"], drift["expected"], drift["found"]) == (
        "NET", contract, 65, 0
    )  # fmt: skip
    assert contract in atp("account", "drift", held).out
    assert f"the broker has 0 of {contract}" in atp("account", "show", held).out


def test_it_is_counted_out_again(atp: Atp, held: str, contract: str) -> None:
    atp.json("account", "drift", held, "--look")

    words = ("account", "adopt", held, contract, "--product", "NRML")
    much = atp(*words, "--quantity", -130)
    left = atp.json(*words, "--price", "12.50")

    assert much.code == Ending.REFUSED
    assert "quantity: -65 units are there, not -130" in much.err
    assert left == []
    assert atp.json("account", "show", held)["positions"] == []
    assert atp.json("account", "drift", held, "--look") == []
    assert atp(*words, "--price", "dear").code == Ending.BAD_INPUT


def test_it_is_left_to_the_trader_or_explained(atp: Atp, held: str, contract: str) -> None:
    words = (held, contract, "--product", "NRML")
    atp.json("account", "drift", held, "--look")

    (explained,) = atp.json("account", "resolve", *words, "--reason", "sold yesterday")
    ignored = atp.json("account", "ignore", *words)
    gone = atp("account", "resolve", *words, "--reason", "again")

    assert explained["explained"] == "sold yesterday"
    assert ignored == []
    assert gone.code == Ending.REFUSED


def test_a_run_is_opened_that_trades_it_away(atp: Atp, held: str, contract: str) -> None:
    words = ("account", "flatten", held, contract, "--product", "NRML")

    run_id = atp.json(*words)["run_id"]

    assert atp.json("run", "show", run_id)["stage"] == "EXITING"
    assert atp("account", "flatten", held, "NFO:X", "--product", "NRML").code == Ending.REFUSED


def test_only_an_order_of_unknown_outcome_is_declared(atp: Atp, run_id: str) -> None:
    order = atp.json("run", "show", run_id)["orders"][0]
    tag = order["legs"][0]["slices"][0]["tag"]

    said = atp("run", "filled", run_id, tag, 65, "101.5", "--reason", "contract note")
    absent = atp("run", "absent", run_id, tag, "--reason", "not in the book")

    assert (said.code, absent.code) == (Ending.REFUSED, Ending.REFUSED)
    assert "its outcome is known" in said.err
    assert atp("run", "filled", run_id, tag, 65, "dear", "--reason", "x").code == Ending.BAD_INPUT
