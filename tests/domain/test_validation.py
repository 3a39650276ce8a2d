from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.definition import Definition, StrategyType
from domain.fault import Fault
from domain.market_facts import SquareOff
from domain.validation import faults_of

TODAY = date(2026, 8, 3)
WEEKLY, MONTHLY = date(2026, 8, 4), date(2026, 8, 25)
NEXT_WEEKLY = date(2026, 8, 11)

Leg = dict[str, Any]  # Any: a leg as a client sends it


def listed() -> Iterator[Contract]:
    ladders = (
        ("NIFTY", "NIFTY26804", WEEKLY, range(24000, 25001, 50), 65),
        ("NIFTY", "NIFTY26811", NEXT_WEEKLY, range(24000, 25001, 50), 65),
        ("NIFTY", "NIFTY26AUG", MONTHLY, range(24000, 25001, 50), 65),
        ("BANKNIFTY", "BANKNIFTY26AUG", MONTHLY, range(54000, 55001, 100), 30),
        ("RELIANCE", "RELIANCE26AUG", MONTHLY, range(1300, 1501, 20), 500),
    )
    for underlying, prefix, expiry, strikes, lot in ladders:
        for strike in strikes:
            for option_type in OptionType:
                yield Contract(
                    exchange="NFO",
                    tradingsymbol=f"{prefix}{strike}{option_type}",
                    underlying=underlying,
                    expiry=expiry,
                    strike=Decimal(strike),
                    option_type=option_type,
                    lot=lot,
                    tick=Decimal("0.05"),
                )


CONTRACTS = list(listed())


def leg(action: str, option: str, qty: int = 65, week: str = "NIFTY26804", **more: Any) -> Leg:
    return {"action": action, "symbol": f"{week}{option}", "qty": qty} | more


def atm(action: str, option_type: str, offset: int, lots: int = 1, **selector: Any) -> Leg:
    chosen = {"underlying": "NIFTY", "expiry": "WEEKLY", "atm_offset": offset} | selector
    return {"action": action, "option_type": option_type, "lots": lots, "selector": chosen}


CONDOR = [
    leg("SELL", "24600CE"),
    leg("BUY", "24800CE"),
    leg("SELL", "24400PE"),
    leg("BUY", "24200PE"),
]
ATM_CONDOR = [
    atm("SELL", "CE", 2),
    atm("BUY", "CE", 6),
    atm("SELL", "PE", -2),
    atm("BUY", "PE", -6),
]
SHORT_STRADDLE = [leg("SELL", "24500CE"), leg("SELL", "24500PE")]


def definition(kind: str, legs: list[Leg], **more: Any) -> Definition:
    schedule = {"entry_time": "09:20", "exit_time": "15:00"} | more.pop("schedule", {})
    body = {"name": "A strategy", "type": kind, "legs": legs, "schedule": schedule}
    return Definition.model_validate(body | more)


def found(kind: str, legs: list[Leg], day: date = TODAY, **more: Any) -> list[tuple[str, str]]:
    faults = faults_of(definition(kind, legs, **more), Chain(day, CONTRACTS), day)
    return [(fault.code, fault.field) for fault in faults]


NAKED: dict[str, Any] = {"accept_unbounded_risk": True, "risk_params": {"max_loss": 5000}}


@pytest.mark.parametrize(
    ("kind", "legs"),
    [
        ("IRON_CONDOR", CONDOR),
        ("IRON_CONDOR", list(reversed(CONDOR))),
        ("IRON_CONDOR", ATM_CONDOR),
        (
            "IRON_BUTTERFLY",
            [
                atm("SELL", "CE", 0),
                atm("BUY", "CE", 4),
                atm("SELL", "PE", 0),
                atm("BUY", "PE", -4),
            ],
        ),
        ("STRADDLE", SHORT_STRADDLE),
        ("STRADDLE", [leg("BUY", "24500CE"), leg("BUY", "24500PE")]),
        ("STRANGLE", [leg("SELL", "24600CE"), leg("SELL", "24400PE")]),
        ("STRANGLE", [atm("BUY", "PE", -3), atm("BUY", "CE", 3)]),
        ("BULL_CALL_SPREAD", [leg("BUY", "24500CE"), leg("SELL", "24600CE")]),
        ("BEAR_CALL_SPREAD", [leg("SELL", "24500CE"), leg("BUY", "24600CE")]),
        ("BULL_PUT_SPREAD", [leg("SELL", "24500PE"), leg("BUY", "24400PE")]),
        ("BEAR_PUT_SPREAD", [leg("BUY", "24500PE"), leg("SELL", "24400PE")]),
        (
            "CALENDAR_SPREAD",
            [leg("SELL", "24500CE"), leg("BUY", "24500CE", week="NIFTY26811")],
        ),
        (
            "CALENDAR_SPREAD",
            [atm("SELL", "PE", 0), atm("BUY", "PE", 0, expiry="NEXT_WEEKLY")],
        ),
        (
            "BUTTERFLY",
            [leg("BUY", "24400CE"), leg("SELL", "24500CE", 130), leg("BUY", "24600CE")],
        ),
        ("CUSTOM", [leg("BUY", "24500CE")]),
        ("CUSTOM", [leg("BUY", "24500CE", 130), atm("SELL", "CE", 4, 2)]),
    ],
)
def test_a_strategy_that_is_what_its_type_says_has_no_faults(kind: str, legs: list[Leg]) -> None:
    assert found(kind, legs, **NAKED) == []


@pytest.mark.parametrize(
    ("kind", "legs"),
    [
        ("IRON_CONDOR", CONDOR[:2]),
        ("IRON_CONDOR", [*CONDOR[:3], leg("BUY", "24450PE")]),
        ("IRON_CONDOR", [*CONDOR[:3], leg("BUY", "24200PE", 130)]),
        ("IRON_CONDOR", [*CONDOR[:3], leg("BUY", "24200PE", week="NIFTY26811")]),
        ("IRON_BUTTERFLY", CONDOR),
        ("STRADDLE", [leg("SELL", "24500CE"), leg("SELL", "24400PE")]),
        ("STRADDLE", [leg("SELL", "24500CE"), leg("BUY", "24500PE")]),
        ("STRANGLE", SHORT_STRADDLE),
        ("BULL_CALL_SPREAD", [leg("SELL", "24500CE"), leg("BUY", "24600CE")]),
        ("BULL_PUT_SPREAD", [leg("BUY", "24500CE"), leg("SELL", "24600CE")]),
        (
            "CALENDAR_SPREAD",
            [leg("BUY", "24500CE"), leg("SELL", "24500CE", week="NIFTY26811")],
        ),
        ("CALENDAR_SPREAD", [leg("SELL", "24500CE"), leg("BUY", "24600CE")]),
        ("BUTTERFLY", [leg("BUY", "24400CE"), leg("SELL", "24500CE"), leg("BUY", "24600CE")]),
        ("BUTTERFLY", [leg("BUY", "24400CE"), leg("BUY", "24500CE"), leg("BUY", "24600CE")]),
    ],
)
def test_legs_of_another_shape_than_the_type_are_a_fault(kind: str, legs: list[Leg]) -> None:
    assert ("type-differs", "type") in found(kind, legs, **NAKED)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (leg("BUY", "24500XX"), ("unknown-symbol", "legs[0].symbol")),
        (leg("BUY", "24500CE", 50), ("not-a-lot-multiple", "legs[0].qty")),
        (leg("BUY", "24500CE", option_type="PE"), ("option-type-differs", "legs[0].option_type")),
        (leg("BUY", "24500CE", strike=24600), ("strike-differs", "legs[0].strike")),
        (atm("BUY", "CE", 21), ("no-strike", "legs[0].selector.atm_offset")),
        (
            atm("BUY", "CE", 0, underlying="BANKNIFTY"),
            ("no-weekly", "legs[0].selector.expiry"),
        ),
        (atm("BUY", "CE", 0, underlying="GOLD"), ("no-options", "legs[0].selector.underlying")),
        (atm("BUY", "CE", 0, expiry="2026-08-05"), ("no-expiry", "legs[0].selector.expiry")),
    ],
)
def test_a_leg_that_cannot_be_traded_is_a_fault_at_its_field(
    wrong: Leg, fault: tuple[str, str]
) -> None:
    assert found("CUSTOM", [wrong]) == [fault]


def test_a_stated_strike_and_type_that_agree_are_no_fault() -> None:
    assert found("CUSTOM", [leg("BUY", "24500CE", option_type="CE", strike=24500.0)]) == []


def test_an_expired_contract_is_a_fault() -> None:
    after = date(2026, 8, 5)

    assert found("CUSTOM", [leg("BUY", "24500CE")], after) == [
        ("expired-contract", "legs[0].symbol")
    ]


def test_without_legs_there_is_nothing_to_trade() -> None:
    assert ("no-legs", "legs") in found("CUSTOM", [])


def test_legs_on_two_underlyings_are_a_fault() -> None:
    legs = [leg("BUY", "24500CE"), leg("BUY", "54000CE", 30, week="BANKNIFTY26AUG")]

    assert found("CUSTOM", legs) == [("mixed-underlyings", "legs")]


def test_a_stated_underlying_has_to_be_that_of_the_legs() -> None:
    legs = [leg("BUY", "24500CE")]

    assert found("CUSTOM", legs, underlying="NIFTY") == []
    assert found("CUSTOM", legs, underlying="SENSEX") == [("underlying-differs", "underlying")]


def test_an_option_is_one_leg_only() -> None:
    legs = [leg("BUY", "24500CE"), leg("SELL", "24500CE")]

    assert found("CUSTOM", legs) == [("contract-twice", "legs[1]")]


@pytest.mark.parametrize(
    ("times", "fault"),
    [
        ({"entry_time": "09:00"}, ("outside-session", "schedule.entry_time")),
        ({"exit_time": "15:25"}, ("outside-session", "schedule.exit_time")),
        ({"exit_time": "09:20"}, ("exit-before-entry", "schedule.exit_time")),
        ({"weekdays": []}, ("never-due", "schedule.weekdays")),
        ({"dte_min": 5, "dte_max": 2}, ("never-due", "schedule.dte_min")),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_a_fault(
    times: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert found("CUSTOM", [leg("BUY", "24500CE")], schedule=times) == [fault]


@pytest.mark.parametrize(
    ("terms", "faults"),
    [
        ({"exit_after_sessions": 3}, []),
        ({"exit_dte": 0, "product": "NRML"}, []),
        ({"exit_dte": 0, "product": "MIS"}, [("product-not-nrml", "product")]),
        ({}, [("no-exit-day", "exit_after_sessions")]),
    ],
)
def test_a_position_kept_overnight_is_nrml_and_says_when_it_leaves(
    terms: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    legs = [leg("BUY", "24500CE", week="NIFTY26AUG")]

    assert found("CUSTOM", legs, holding="POSITIONAL", **terms) == faults


def test_an_mis_exit_after_the_brokers_square_off_is_named_once() -> None:
    faults = found("CUSTOM", [leg("BUY", "24500CE")], schedule={"exit_time": "15:22"})

    assert faults == [("outside-session", "schedule.exit_time")]


def test_an_mis_exit_has_to_come_before_the_broker_squares_off() -> None:
    early = SquareOff("paper", date(2020, 1, 1), time(15, 0), Decimal(0), "a test")
    calendar = Calendar(square_offs=[early])
    legs = [leg("BUY", "24500CE")]

    def named(product: str) -> list[str]:
        draft = definition("CUSTOM", legs, product=product, schedule={"exit_time": "14:56"})
        return [f.code for f in faults_of(draft, Chain(TODAY, CONTRACTS), TODAY, calendar)]

    assert named("MIS") == ["mis-exit-late"]
    assert named("NRML") == []


def test_an_intraday_position_has_no_exit_days() -> None:
    assert found("CUSTOM", [leg("BUY", "24500CE")], exit_after_sessions=1, exit_dte=1) == [
        ("not-intraday", "exit_after_sessions"),
        ("not-intraday", "exit_dte"),
    ]


def test_a_naked_short_has_to_be_accepted_and_limited() -> None:
    naked = found("STRADDLE", SHORT_STRADDLE)

    assert naked == [
        ("unbounded-risk", "accept_unbounded_risk"),
        ("unbounded-without-max-loss", "risk_params.max_loss"),
    ]
    assert found("STRADDLE", SHORT_STRADDLE, **NAKED) == []


@pytest.mark.parametrize(
    "legs",
    [
        [leg("SELL", "24500CE", 130), leg("BUY", "24600CE", 65)],
        [leg("BUY", "24500CE"), leg("SELL", "24500CE", week="NIFTY26811")],
        [atm("SELL", "CE", 2, 2), atm("BUY", "CE", 6)],
    ],
)
def test_a_short_that_is_covered_in_part_or_not_long_enough_is_naked(legs: list[Leg]) -> None:
    assert ("unbounded-risk", "accept_unbounded_risk") in found("CUSTOM", legs)


@pytest.mark.parametrize(
    ("kind", "legs", "pct", "meaningless"),
    [
        ("CUSTOM", [leg("BUY", "24500CE")], 100, True),
        ("CUSTOM", [leg("BUY", "24500CE")], 99, False),
        ("BULL_CALL_SPREAD", [leg("BUY", "24500CE"), leg("SELL", "24600CE")], 150, True),
        ("BEAR_CALL_SPREAD", [leg("SELL", "24500CE"), leg("BUY", "24600CE")], 150, False),
    ],
)
def test_a_percentage_stop_that_a_debit_can_never_reach_is_a_fault(
    kind: str, legs: list[Leg], pct: int, meaningless: bool
) -> None:
    faults = found(kind, legs, risk_params={"stop_loss_pct": pct})

    stop = ("stop-loss-meaningless", "risk_params.stop_loss_pct")
    assert faults == ([stop] if meaningless else [])


def test_stock_options_are_neither_entered_near_expiry_nor_kept_to_it() -> None:
    legs = [leg("BUY", "1400CE", 500, week="RELIANCE26AUG")]
    overnight: dict[str, Any] = {"holding": "POSITIONAL"}

    assert found("CUSTOM", legs, date(2026, 8, 17)) == []
    assert found("CUSTOM", legs, date(2026, 8, 20)) == [("stock-near-expiry", "legs[0].symbol")]
    assert found("CUSTOM", legs, exit_dte=0, **overnight) == [("stock-at-expiry", "exit_dte")]
    assert found("CUSTOM", legs, exit_dte=1, **overnight) == []


def test_every_fault_is_named_at_once() -> None:
    legs = [leg("SELL", "24500CE", 50), atm("BUY", "CE", 99)]
    legs.insert(1, leg("SELL", "24500XX", option_type="CE"))

    faults = found(
        "IRON_CONDOR", legs, holding="POSITIONAL", product="MIS", schedule={"entry_time": "08:00"}
    )

    assert {field for _, field in faults} >= {
        "legs[0].qty",
        "legs[1].symbol",
        "legs[2].selector.atm_offset",
        "type",
        "schedule.entry_time",
        "product",
        "exit_after_sessions",
    }


symbols = st.sampled_from([c.tradingsymbol for c in CONTRACTS[::7]] + ["NIFTY24AUG18000CE"])
by_symbol = st.builds(
    lambda action, symbol, qty: {"action": action, "symbol": symbol, "qty": qty},
    st.sampled_from(["BUY", "SELL"]),
    symbols,
    st.sampled_from([50, 65, 130, 500]),
)
by_selector = st.builds(
    atm,
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["CE", "PE"]),
    st.integers(-30, 30),
    st.integers(1, 3),
    underlying=st.sampled_from(["NIFTY", "BANKNIFTY", "GOLD"]),
    expiry=st.sampled_from(["WEEKLY", "NEXT_WEEKLY", "MONTHLY", "NEXT_MONTHLY"]),
)


@settings(deadline=None)
@given(
    kind=st.sampled_from(StrategyType),
    legs=st.lists(by_symbol | by_selector, max_size=5),
    holding=st.sampled_from(["INTRADAY", "POSITIONAL"]),
)
def test_any_well_formed_draft_gets_an_opinion_with_fields_that_exist(
    kind: str, legs: list[Leg], holding: str
) -> None:
    draft = definition(kind, legs, holding=holding)

    faults = faults_of(draft, Chain(TODAY, CONTRACTS), TODAY)

    assert all(isinstance(fault, Fault) and fault.message for fault in faults)
    assert {fault.field.split(".")[0].split("[")[0] for fault in faults} <= set(
        Definition.model_fields
    )
    assert Definition.model_validate_json(draft.model_dump_json()) == draft
