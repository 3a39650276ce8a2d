from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.contract import Side
from domain.quote import Quote
from domain.risk import (
    RiskParams,
    Trigger,
    breached,
    gross_premium,
    holdings,
    latched,
    mark,
    mtm,
    net_premium,
    stop_loss_fault,
)

NOW = datetime(2026, 8, 5, 5, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parents[1] / "golden" / "risk.csv"
ROWS = list(csv.DictReader(GOLDEN.read_text().splitlines()))
QUOTE = re.compile(
    r"(?P<key>\w+) (?P<bid>[\d.]+|-)/(?P<ask>[\d.]+|-)"
    r"(?: last (?P<last>[\d.]+))?(?: age (?P<age>\d+))?(?: valid (?P<valid>\d+))?"
)


@dataclass(frozen=True)
class Trade:
    side: Side
    quantity: int
    key: str
    price: Decimal


def trades(text: str) -> list[Trade]:
    found = [part.split() for part in text.split(";") if part.strip()]
    return [Trade(Side(s), int(q), key, Decimal(price)) for s, q, key, price in found]


def money(text: str | None) -> Decimal | None:
    return Decimal(text) if text and text != "-" else None


def quotes(text: str) -> dict[str, Quote]:
    found = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        q = QUOTE.fullmatch(part)
        assert q, part
        found[q["key"]] = Quote(
            at=NOW - timedelta(seconds=int(q["age"] or 0)),
            bid=money(q["bid"]),
            ask=money(q["ask"]),
            last=money(q["last"]),
            valid_for=timedelta(seconds=int(q["valid"] or 5)),
        )
    return found


def params_of(row: dict[str, str]) -> RiskParams:
    return RiskParams(
        max_loss=money(row["max_loss"]),
        target_profit=money(row["target_profit"]),
        stop_loss_pct=money(row["stop_loss_pct"]),
    )


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_the_golden_table_of_risk(row: dict[str, str]) -> None:
    params = params_of(row)
    entry, complete = trades(row["entry"]), row["entry_complete"] == "yes"
    premium = net_premium(entry) if complete else None

    worth = mtm(holdings(entry + trades(row["exit"])), quotes(row["quotes"]), NOW)
    now = breached(params, int(row["multiplier"]), worth, premium, complete)
    trigger = latched(Trigger(row["latched"]) if row["latched"] else None, now)

    refused = complete and stop_loss_fault(params, net_premium(entry), gross_premium(entry))
    undecided = "NONE" if worth is None else "HOLD"
    assert premium == money(row["net_premium"])
    assert worth == (None if row["mtm"] == "none" else Decimal(row["mtm"]))
    assert ("REFUSED" if refused else (trigger or undecided)) == row["decision"]


def test_the_golden_table_shows_its_arithmetic() -> None:
    assert len(ROWS) >= 25
    assert all(row["arithmetic"] for row in ROWS)


def test_the_risk_limits_of_the_prd_are_taken_as_they_are() -> None:
    params = RiskParams.model_validate_json(
        '{"max_loss": 5000, "target_profit": 2000, "stop_loss_pct": 50}'
    )

    assert params == RiskParams(
        max_loss=Decimal(5000), target_profit=Decimal(2000), stop_loss_pct=Decimal(50)
    )


@pytest.mark.parametrize("field", ["max_loss", "target_profit", "stop_loss_pct"])
@pytest.mark.parametrize("value", [0, -1, "NaN", "Infinity", "much"])
def test_a_limit_is_a_positive_number(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        RiskParams.model_validate({field: value})


def test_a_misspelt_limit_is_not_silently_ignored() -> None:
    with pytest.raises(ValidationError):
        RiskParams.model_validate({"max_los": 5000})


def test_null_switches_a_limit_off() -> None:
    assert RiskParams.model_validate({"max_loss": None}) == RiskParams()


def test_a_last_price_of_zero_means_never_traded() -> None:
    assert mark(Quote(at=NOW, last=Decimal(0)), Side.BUY, NOW) is None


rupees = st.decimals(-50_000, 50_000, places=2)
limit = st.none() | st.decimals(1, 20_000, places=2)
params = st.builds(RiskParams, max_loss=limit, target_profit=limit, stop_loss_pct=limit)


@given(params, st.integers(1, 100), rupees, rupees, st.decimals(0, 5_000, places=2))
def test_who_leaves_at_a_loss_leaves_at_a_greater_one(
    risk: RiskParams, multiplier: int, worth: Decimal, premium: Decimal, more: Decimal
) -> None:
    losses = {Trigger.MAX_LOSS, Trigger.STOP_LOSS}

    here = breached(risk, multiplier, worth, premium, True)
    lower = breached(risk, multiplier, worth - more, premium, True)

    assert here not in losses or lower in losses


@given(params, rupees, rupees)
def test_before_the_entry_completes_only_max_loss_counts(
    risk: RiskParams, worth: Decimal, premium: Decimal
) -> None:
    assert breached(risk, 1, worth, premium, False) in {None, Trigger.MAX_LOSS}
