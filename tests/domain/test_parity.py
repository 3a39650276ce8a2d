from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from domain.calendar import at_ist
from domain.model import Refused
from domain.parity import current_spot, reference_price, synthetic_spot
from domain.quote import Quote
from domain.strikes import ReferencePrice
from tests.domain.conftest import chain_of, read_day

NOW = datetime(2026, 8, 17, 4, 30, tzinfo=UTC)
WEEK, MONTH = date(2026, 8, 18), date(2026, 8, 25)
CHAIN = chain_of(NOW.date(), "NIFTY", {WEEK: "26818", MONTH: "26AUG"}, range(24000, 25001, 50))
FORWARD = Decimal("24512.40")


def quotes(forward: Decimal = FORWARD) -> dict[str, Quote]:
    """Every leg at its parity price, with ten rupees of time value at the money."""
    found = {}
    for contract in CHAIN.contracts:
        gap = forward - contract.strike
        time_value = max(Decimal(10) - abs(gap) / 100, Decimal("0.5"))
        signed = gap if contract.option_type == "CE" else -gap
        price = max(signed, Decimal(0)) + time_value
        touch = price * Decimal("0.02")
        found[contract.key] = Quote(at=NOW, bid=price - touch, ask=price + touch, last=Decimal(1))
    return found


def test_the_money_is_found_by_parity() -> None:
    assert synthetic_spot(CHAIN, "NIFTY", WEEK, quotes(), NOW) == FORWARD


def test_stale_deep_strikes_do_not_move_it() -> None:
    stale = quotes()
    for contract in CHAIN.contracts:
        if abs(contract.strike - FORWARD) > 250:
            stale[contract.key] = Quote(
                at=NOW, last=Decimal(150)
            )  # every pair looks like the money

    assert synthetic_spot(CHAIN, "NIFTY", WEEK, stale, NOW) == FORWARD


def test_one_wrong_leg_at_the_money_does_not_move_it() -> None:
    wrong = quotes()
    wrong["NFO:NIFTY2681824500CE"] = Quote(at=NOW, last=Decimal(90))

    assert abs(synthetic_spot(CHAIN, "NIFTY", WEEK, wrong, NOW) - FORWARD) < 1


def test_old_quotes_are_no_evidence() -> None:
    later = NOW + timedelta(seconds=6)

    with pytest.raises(Refused) as refusal:
        synthetic_spot(CHAIN, "NIFTY", WEEK, quotes(), later)

    assert refusal.value.code == "stale-quote"


def test_two_strikes_are_too_few() -> None:
    few = {key: q for key, q in quotes().items() if "24500" in key or "24550" in key}

    with pytest.raises(Refused, match="2 strikes"):
        synthetic_spot(CHAIN, "NIFTY", WEEK, few, NOW)


def test_strikes_that_disagree_are_no_evidence() -> None:
    scattered = quotes()
    for n, contract in enumerate(CHAIN.contracts):
        scattered[contract.key] = Quote(at=NOW, last=Decimal(100 + 431 * (n % 7)))

    with pytest.raises(Refused, match="differ"):
        synthetic_spot(CHAIN, "NIFTY", WEEK, scattered, NOW)


SPOT = Quote(at=NOW, last=Decimal("24501.15"))
OLD = replace(SPOT, at=NOW - timedelta(seconds=6))


def test_the_spot_is_taken_if_it_is_fresh() -> None:
    found = reference_price(CHAIN, "NIFTY", MONTH, ReferencePrice.SPOT, {}, NOW, spot=SPOT)

    assert (found.price, found.source) == (Decimal("24501.15"), ReferencePrice.SPOT)


def test_the_future_is_taken_where_it_is_asked_for() -> None:
    found = reference_price(
        CHAIN, "NIFTY", MONTH, ReferencePrice.FUTURE, {}, NOW, spot=OLD, future=SPOT
    )

    assert found.source is ReferencePrice.FUTURE


AUCTION = at_ist(NOW.date(), time(15, 15))


@pytest.mark.parametrize(
    ("day", "told", "now", "counts"),
    [
        (date(2026, 8, 17), "15:15:00", "15:15:05", True),
        (date(2026, 8, 17), "15:15:01", "15:15:01", False),
        (date(2026, 8, 17), "15:29:59", "15:30:00", False),
        (date(2026, 7, 31), "15:29:59", "15:30:00", True),
        (date(2026, 8, 17), "09:15:00", "09:15:06", False),
        (date(2026, 8, 16), "15:20:00", "15:20:00", True),
    ],
    ids=["before", "auction", "last print", "no auction yet", "stale", "no session"],
)
def test_in_the_closing_auction_the_index_stands_still_and_is_no_spot(
    day: date, told: str, now: str, counts: bool
) -> None:
    at, then = (at_ist(day, time.fromisoformat(text)) for text in (told, now))
    spot = Quote(at=at, last=Decimal(24500))

    assert (current_spot(spot, then) is spot) is counts


def test_after_the_auction_began_parity_stands_in_for_the_spot_or_nothing_does() -> None:
    now = AUCTION + timedelta(minutes=5)
    printed = Quote(at=now, last=Decimal("24501.15"))
    fresh = {key: replace(quote, at=now) for key, quote in quotes().items()}
    asked = partial(reference_price, CHAIN, "NIFTY", WEEK, ReferencePrice.SPOT, fresh, now)

    with pytest.raises(Refused) as refusal:
        asked(spot=printed)
    instead = asked(spot=printed, atm_fallback=ReferencePrice.SYNTHETIC)
    future = reference_price(
        CHAIN, "NIFTY", WEEK, ReferencePrice.FUTURE, fresh, now, spot=printed, future=printed
    )

    assert refusal.value.code == "stale-spot"
    assert (instead.price, instead.source) == (FORWARD, ReferencePrice.SYNTHETIC)
    assert (future.price, future.source) == (Decimal("24501.15"), ReferencePrice.FUTURE)


@pytest.mark.parametrize("spot", [None, OLD, Quote(at=NOW)])
def test_without_a_fresh_spot_there_is_no_reference(spot: Quote | None) -> None:
    with pytest.raises(Refused) as refusal:
        reference_price(CHAIN, "NIFTY", MONTH, ReferencePrice.SPOT, quotes(), NOW, spot=spot)

    assert refusal.value.code == "stale-spot"


def test_parity_stands_in_for_the_spot_where_it_may() -> None:
    found = reference_price(
        CHAIN,
        "NIFTY",
        MONTH,
        ReferencePrice.SPOT,
        quotes(),
        NOW,
        spot=OLD,
        atm_fallback=ReferencePrice.SYNTHETIC,
    )

    assert (found.price, found.source) == (FORWARD, ReferencePrice.SYNTHETIC)


def test_a_stand_in_for_the_spot_comes_from_the_nearest_expiry_that_answers() -> None:
    monthly_only = {key: quote for key, quote in quotes().items() if "26AUG" in key}

    found = reference_price(
        CHAIN,
        "NIFTY",
        WEEK,
        ReferencePrice.SPOT,
        monthly_only,
        NOW,
        atm_fallback=ReferencePrice.SYNTHETIC,
    )

    assert found.price == FORWARD
    with pytest.raises(Refused):
        reference_price(CHAIN, "NIFTY", WEEK, ReferencePrice.SYNTHETIC, monthly_only, NOW)


def test_without_any_options_there_is_no_stand_in() -> None:
    with pytest.raises(Refused) as refusal:
        reference_price(
            CHAIN,
            "GOLD",
            WEEK,
            ReferencePrice.SPOT,
            {},
            NOW,
            atm_fallback=ReferencePrice.SYNTHETIC,
        )

    assert refusal.value.code == "no-options"


@pytest.mark.parametrize("name", ["2021-06-11", "2026-08-17"])
def test_parity_of_a_recorded_day_follows_its_index(recorded_data: Path, name: str) -> None:
    day = read_day(recorded_data / "days" / f"{name}.parquet", "NIFTY", every=10)
    nearest = day.chain.expiries("NIFTY")[0]

    gaps = []
    for at, index in sorted(day.spot.items()):
        if (at.hour, at.minute) >= (9, 45):
            continue  # the index of August 2026 stands still from 15:15
        gaps.append(synthetic_spot(day.chain, "NIFTY", nearest, day.minutes[at], at) - index)

    assert len(gaps) >= 30
    assert all(-15 < gap < 45 for gap in gaps)  # the carry, and an index that lags its options


@pytest.mark.parametrize("name", ["2025-08-29", "2026-08-04", "2026-08-05"])
def test_days_without_an_index_still_have_a_money(recorded_data: Path, name: str) -> None:
    day = read_day(recorded_data / "days" / f"{name}.parquet", "NIFTY", every=30)

    for at, seen in sorted(day.minutes.items()):
        money = [
            synthetic_spot(day.chain, "NIFTY", expiry, seen, at)
            for expiry in day.chain.expiries("NIFTY")[:3]
        ]
        assert max(money) - min(money) < Decimal("0.005") * min(money), at
