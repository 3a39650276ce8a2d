"""Pre-trade limits of an account: what it may still open today, and what it may not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.account_terms import Limits
from domain.model import Refused
from domain.steps import Plan

#: The part of the available money that a basket may use: prices move while orders are on the way.
USABLE = Decimal("0.98")


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the account did today: counts, and the day's profit in ₹ (negative is a loss)."""

    orders: int
    open_runs: int
    profit: Decimal


def notional(plan: Plan) -> Decimal:
    """₹ of underlying that the legs are written on: Σ units × strike."""
    return sum((leg.quantity * leg.contract.strike for leg in plan.legs), Decimal(0))


def lots(plan: Plan) -> int:
    return sum(leg.quantity // leg.contract.lot for leg in plan.legs)


def check(limits: Limits, plan: Plan, today: Today) -> None:
    """Refuse a plan that would go past a limit of its account."""
    orders = today.orders + len(plan.legs)
    worth = notional(plan)
    for code, most, value in (
        ("max-lots", limits.max_lots, lots(plan)),
        ("max-notional", limits.max_notional, worth),
        ("max-orders-per-day", limits.max_orders_per_day, orders),
        ("max-open-runs", limits.max_open_runs, today.open_runs + 1),
        ("max-daily-loss", limits.max_daily_loss, -today.profit),
    ):
        if most is not None and value > most:
            raise Refused(code, f"the account's limit is {most}, this would make {value}")
