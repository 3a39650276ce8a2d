"""From a definition to contracts and quantities on one snapshot, and when the run will leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.calendar import at_ist
from domain.chain import Chain
from domain.contract import Contract, OptionType, Side
from domain.definition import Definition
from domain.model import Refused
from domain.planning import Snapshot, exit_time, keys_to_quote, plan, underlyings
from domain.quote import Quote
from domain.slices import Leg

DAY = date(2026, 8, 4)
NOW = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)
WEEKLY, NEXT = date(2026, 8, 4), date(2026, 8, 11)


def option(
    strike: int, kind: OptionType, expiry: date = NEXT, underlying: str = "NIFTY", lot: int = 65
) -> Contract:
    text = f"{expiry:%y}{expiry.month}{expiry:%d}"
    return Contract(
        exchange="NFO",
        tradingsymbol=f"{underlying}{text}{strike}{kind}",
        underlying=underlying,
        expiry=expiry,
        strike=Decimal(strike),
        option_type=kind,
        lot=lot,
        tick=Decimal("0.05"),
    )


CONTRACTS = [
    option(strike, kind, expiry)
    for strike in range(24000, 25001, 100)
    for kind in OptionType
    for expiry in (WEEKLY, NEXT)
] + [option(1400, kind, date(2026, 8, 25), "RELIANCE", 500) for kind in OptionType]


def worth(contract: Contract) -> Decimal:
    """A price that agrees with parity around 24,500."""
    away = (Decimal(24500) - contract.strike) / 2
    return 500 + away if contract.option_type is OptionType.CE else 500 - away


def snapshot(now: datetime = NOW, spot: str | None = "24500", **changes: Any) -> Snapshot:
    quotes = {c.key: Quote(at=now, last=worth(c)) for c in CONTRACTS}
    spots = {} if spot is None else {"NIFTY": Quote(at=now, last=Decimal(spot))}
    found: dict[str, Any] = {"quotes": quotes, "spots": spots, "now": now, **changes}
    return Snapshot(chain=Chain(now.date(), CONTRACTS), **found)


def selected(action: str, kind: str, offset: int, **more: Any) -> dict[str, Any]:
    selector = {"underlying": "NIFTY", "expiry": "NEXT_WEEKLY", "atm_offset": offset}
    return {"action": action, "option_type": kind, "lots": 1, "selector": {**selector, **more}}


def definition(*legs: dict[str, Any], **changes: Any) -> Definition:
    usual = {
        "name": "Test",
        "type": "CUSTOM",
        "legs": legs,
        "schedule": {"entry_time": "09:20", "exit_time": "15:00"},
    }
    return Definition.model_validate({**usual, **changes})


SPREAD = (selected("SELL", "CE", 2), selected("BUY", "CE", 4))


def test_legs_are_chosen_from_the_money_of_one_snapshot() -> None:
    made = plan(definition(*SPREAD), 1, snapshot())

    assert [(leg.side, leg.contract.strike, leg.quantity) for leg in made.legs] == [
        (Side.SELL, Decimal(24700), 65),
        (Side.BUY, Decimal(24900), 65),
    ]
    assert (made.reference.price, made.reference.source) == (Decimal(24500), "SPOT")
    assert made.allowed_uncovered == 0


def test_the_multiplier_scales_lots_and_units_alike() -> None:
    symbol = option(24700, OptionType.CE).tradingsymbol
    by_symbol = {"action": "BUY", "symbol": symbol, "qty": 130}

    made = plan(definition(by_symbol, selected("BUY", "PE", 0)), 3, snapshot())

    assert [leg.quantity for leg in made.legs] == [390, 195]


def test_symbols_alone_need_no_reference_price() -> None:
    leg = {"action": "BUY", "symbol": option(24700, OptionType.CE).tradingsymbol, "qty": 65}

    made = plan(definition(leg), 1, snapshot(spot=None))

    assert (made.reference.price, made.reference.source) == (None, "SYMBOLS")


@pytest.mark.parametrize(
    ("code", "leg"),
    [
        ("unknown-symbol", {"action": "BUY", "symbol": "NIFTY24AUG18000CE", "qty": 50}),
        ("not-a-lot-multiple", {"action": "BUY", "symbol": "NIFTY2681124700CE", "qty": 50}),
        ("no-strike", selected("BUY", "CE", 50)),
        ("stock-near-expiry", {"action": "BUY", "symbol": "RELIANCE268251400CE", "qty": 500}),
    ],
)
def test_what_cannot_be_traded_is_refused_with_the_reason(code: str, leg: dict[str, Any]) -> None:
    when = datetime(2026, 8, 19, 3, 50, tzinfo=UTC) if code.startswith("stock") else NOW

    with pytest.raises(Refused) as refused:
        plan(definition(leg), 1, snapshot(when))

    assert refused.value.code == code


def test_an_expired_contract_is_refused() -> None:
    leg = {"action": "BUY", "symbol": option(24700, OptionType.CE, WEEKLY).tradingsymbol, "qty": 65}

    with pytest.raises(Refused, match="expired on 2026-08-04"):
        plan(definition(leg), 1, snapshot(NOW + timedelta(days=1)))


def test_a_naked_short_has_to_be_accepted_by_name() -> None:
    legs = (selected("SELL", "CE", 2),)
    with pytest.raises(Refused) as refused:
        plan(definition(*legs), 1, snapshot())

    made = plan(
        definition(*legs, accept_unbounded_risk=True, risk_params={"max_loss": 5000}), 2, snapshot()
    )

    assert refused.value.code == "unbounded"
    assert made.allowed_uncovered == 130


def test_a_missing_spot_is_refused_where_parity_is_not_allowed() -> None:
    with pytest.raises(Refused) as refused:
        plan(definition(*SPREAD), 1, snapshot(spot=None))

    assert refused.value.code == "stale-spot"


@pytest.mark.parametrize("how", [{"parity": True}, {"atm_fallback": "SYNTHETIC"}])
def test_a_missing_spot_is_made_up_for_by_parity_in_replay_or_on_request(
    how: dict[str, Any],
) -> None:
    replay = how.pop("parity", False)

    made = plan(definition(*SPREAD, **how), 1, snapshot(spot=None, parity=replay))

    assert made.reference.source == "SYNTHETIC"
    assert made.reference.price is not None


def test_a_stop_that_the_premium_on_offer_makes_meaningless_is_refused() -> None:
    debit = (selected("BUY", "CE", 2), selected("SELL", "CE", 4))
    flat = {c.key: Quote(at=NOW, last=Decimal(100)) for c in CONTRACTS}

    with pytest.raises(Refused) as refused:
        plan(definition(*debit, risk_params={"stop_loss_pct": 50}), 1, snapshot(quotes=flat))

    assert (refused.value.code, refused.value.field) == (
        "stop-loss-meaningless",
        "risk_params.stop_loss_pct",
    )


def test_what_a_plan_may_need_is_asked_for_once_each() -> None:
    symbol = option(24700, OptionType.CE).tradingsymbol
    mixed = definition({"action": "BUY", "symbol": symbol, "qty": 65}, *SPREAD)
    on = snapshot()

    assert keys_to_quote(mixed, on.chain, on.spots, NOW) == [
        f"NFO:{option(strike, OptionType.CE).tradingsymbol}" for strike in (24700, 24900)
    ]
    assert underlyings(mixed, on.chain) == ["NIFTY"]
    unknown = definition({"action": "BUY", "symbol": "GONE", "qty": 65})
    assert keys_to_quote(unknown, on.chain, on.spots, NOW) == underlyings(unknown, on.chain) == []


def test_without_a_fresh_spot_whole_ladders_are_asked_for() -> None:
    on = snapshot()

    keys = keys_to_quote(definition(*SPREAD), on.chain, {}, NOW)

    assert len(keys) == len(set(keys)) == 44


# ── when it leaves ────────────────────────────────────────────────────────────────────────

NIFTY_LEG = (Leg(contract=option(24700, OptionType.CE), side=Side.BUY, quantity=65),)
STOCK_LEG = (Leg(contract=CONTRACTS[-1], side=Side.BUY, quantity=500),)


def leaves(legs: tuple[Leg, ...] = NIFTY_LEG, day: date = DAY, **changes: Any) -> datetime | None:
    return exit_time(definition(*SPREAD, **changes), legs, day)


def test_within_the_day_it_leaves_at_its_exit_time() -> None:
    assert leaves() == at_ist(DAY, time(15, 0))


def test_within_the_day_it_leaves_by_15_20_whatever_its_exit_time() -> None:
    late = {"entry_time": "09:20", "exit_time": "15:29"}

    assert leaves(schedule=late) == at_ist(DAY, time(15, 20))


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({}, date(2026, 8, 11)),
        ({"exit_after_sessions": 1}, date(2026, 8, 5)),
        ({"exit_after_sessions": 4}, date(2026, 8, 10)),  # over a weekend
        ({"exit_after_sessions": 50}, date(2026, 8, 11)),
        ({"exit_dte": 0}, date(2026, 8, 11)),
        ({"exit_dte": 1}, date(2026, 8, 10)),
        ({"exit_dte": 2}, date(2026, 8, 10)),  # a Sunday: the first session after it
        ({"exit_dte": 30}, date(2026, 8, 4)),
        ({"exit_dte": 1, "exit_after_sessions": 1}, date(2026, 8, 5)),
    ],
)
def test_kept_over_night_it_leaves_on_the_earliest_of_its_days(
    changes: dict[str, Any], day: date
) -> None:
    assert leaves(holding="POSITIONAL", **changes) == at_ist(day, time(15, 0))


def test_days_to_expiry_may_be_counted_in_sessions() -> None:
    schedule = {"entry_time": "09:20", "exit_time": "15:00", "dte_basis": "TRADING"}

    assert leaves(holding="POSITIONAL", exit_dte=2, schedule=schedule) == at_ist(
        date(2026, 8, 7), time(15, 0)
    )


def test_a_stock_option_leaves_before_it_would_deliver() -> None:
    assert leaves(STOCK_LEG, holding="POSITIONAL") == at_ist(date(2026, 8, 24), time(15, 0))


def test_the_nearest_leg_decides() -> None:
    near = Leg(contract=option(24700, OptionType.CE, WEEKLY), side=Side.SELL, quantity=65)

    assert leaves((*NIFTY_LEG, near), holding="POSITIONAL") == at_ist(WEEKLY, time(15, 0))


def test_on_a_day_without_a_session_there_is_no_forced_exit() -> None:
    assert leaves(day=date(2026, 8, 8)) == at_ist(date(2026, 8, 8), time(15, 0))
