"""What an account may still open today."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.account_terms import Limits
from domain.limits import Today, check, lots, notional
from domain.model import Refused
from tests.domain.adversary import condor
from tests.domain.floor import plan_of

QUIET = Today(orders=0, open_runs=0, profit=Decimal(0))
PLAN = plan_of(condor(lots=2))  # 8 lots, 4 orders, 130 × (24800 + 25000 + 24200 + 24000)


def test_lots_and_notional_of_a_condor() -> None:
    assert lots(PLAN) == 8
    assert notional(PLAN) == 130 * 98_000


def test_an_account_without_limits_takes_anything() -> None:
    check(Limits(), PLAN, Today(orders=10_000, open_runs=500, profit=Decimal(-(10**9))))


@pytest.mark.parametrize(
    ("limits", "today"),
    [
        (Limits(max_lots=8), QUIET),
        (Limits(max_notional=Decimal(130 * 98_000)), QUIET),
        (Limits(max_orders_per_day=14), Today(orders=10, open_runs=0, profit=Decimal(0))),
        (Limits(max_open_runs=3), Today(orders=0, open_runs=2, profit=Decimal(0))),
        (Limits(max_daily_loss=Decimal(500)), Today(orders=0, open_runs=0, profit=Decimal(-500))),
    ],
)
def test_up_to_its_limit_a_plan_is_taken(limits: Limits, today: Today) -> None:
    check(limits, PLAN, today)


@pytest.mark.parametrize(
    ("code", "limits", "today"),
    [
        ("max-lots", Limits(max_lots=7), QUIET),
        ("max-notional", Limits(max_notional=Decimal(130 * 98_000 - 1)), QUIET),
        (
            "max-orders-per-day",
            Limits(max_orders_per_day=13),
            Today(orders=10, open_runs=0, profit=Decimal(0)),
        ),
        (
            "max-open-runs",
            Limits(max_open_runs=2),
            Today(orders=0, open_runs=2, profit=Decimal(0)),
        ),
        (
            "max-daily-loss",
            Limits(max_daily_loss=Decimal(500)),
            Today(orders=0, open_runs=0, profit=Decimal(-501)),
        ),
    ],
)
def test_beyond_its_limit_it_is_refused_by_name(code: str, limits: Limits, today: Today) -> None:
    with pytest.raises(Refused) as refused:
        check(limits, PLAN, today)

    assert refused.value.code == code
    assert "limit is" in refused.value.message
