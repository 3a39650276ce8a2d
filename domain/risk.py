"""What a run is worth now, and whether that is reason to leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Protocol

from pydantic import Field

from domain.contract import Side
from domain.fault import Fault
from domain.quote import Quote
from domain.value import Value

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
#: A touch wider than this part of its middle is nobody's price.
WIDEST_SPREAD: Final = Decimal("0.10")
#: Below this part of the gross premium the net is noise, and no percentage of it a limit.
LEAST_NET: Final = Decimal("0.10")

#: ₹ or %; beyond this it is a slip, and with a million digits an attack.
Limit = Annotated[Decimal, Field(gt=0, le=1_000_000_000_000)]


class RiskParams(Value, frozen=True, extra="forbid"):
    """When to leave: ₹ at multiplier 1, before charges, and % of the net premium; null is off."""

    max_loss: Limit | None = None
    target_profit: Limit | None = None
    stop_loss_pct: Limit | None = None


class Trigger(StrEnum):
    MAX_LOSS = "MAX_LOSS"
    STOP_LOSS = "STOP_LOSS"
    TARGET_PROFIT = "TARGET_PROFIT"


class Fill(Protocol):
    """Units traded at a price in ₹."""

    @property
    def side(self) -> Side: ...
    @property
    def quantity(self) -> int: ...
    @property
    def price(self) -> Decimal: ...


class KeyedFill(Fill, Protocol):
    """A fill that names its contract, `EXCHANGE:SYMBOL`."""

    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A run's net in one contract, in units, and the ₹ it brought (sales) or cost (purchases)."""

    key: str
    quantity: int
    cash: Decimal


def holdings(fills: Iterable[KeyedFill]) -> list[Holding]:
    """What the fills leave in each contract, in the order in which they were first traded."""
    units: dict[str, int] = defaultdict(int)
    cash: dict[str, Decimal] = defaultdict(Decimal)
    for fill in fills:
        units[fill.key] += fill.side.sign * fill.quantity
        cash[fill.key] -= fill.side.sign * fill.quantity * fill.price
    return [Holding(key=key, quantity=units[key], cash=cash[key]) for key in units]


def net_premium(fills: Iterable[Fill]) -> Decimal:
    """₹ received less ₹ paid: positive is a credit. Fixed when the entry completes."""
    return sum((-fill.side.sign * fill.quantity * fill.price for fill in fills), ZERO)


def gross_premium(fills: Iterable[Fill]) -> Decimal:
    """₹ received plus ₹ paid."""
    return sum((fill.quantity * fill.price for fill in fills), ZERO)


def mark(quote: Quote | None, side: Side, now: datetime) -> Decimal | None:
    """₹ a unit at which a position on this side could be left now; None where nobody knows.

    Shorts are bought back at the ask and longs sold at the bid, if the touch is fresh and tight;
    else a fresh last price counts.
    """
    if quote is None or not quote.fresh(now):
        return None
    if quote.bid and quote.ask and tight(quote.bid, quote.ask):
        return quote.ask if side is Side.SELL else quote.bid
    return quote.last or None  # 0 is how a feed says "never traded"


def tight(bid: Decimal, ask: Decimal) -> bool:
    """Whether this touch is somebody's price: not crossed, and no wider than 10 % of its middle."""
    return 0 <= ask - bid <= WIDEST_SPREAD * (bid + ask) / 2


def mtm(held: Iterable[Holding], quotes: Mapping[str, Quote], now: datetime) -> Decimal | None:
    """Profit in ₹ if everything were left now, charges excluded; None if a mark is missing."""
    total = ZERO
    for holding in held:
        total += holding.cash
        if holding.quantity:
            side = Side.BUY if holding.quantity > 0 else Side.SELL
            price = mark(quotes.get(holding.key), side, now)
            if price is None:
                return None
            total += holding.quantity * price
    return total


@dataclass(frozen=True, slots=True)
class Limits:
    """The MTM in ₹ at which each trigger fires; None is off."""

    max_loss: Decimal | None = None
    stop_loss: Decimal | None = None
    target_profit: Decimal | None = None


def limits(params: RiskParams, multiplier: int, premium: Decimal | None) -> Limits:
    """Rupee limits grow with the multiplier; the percentage acts on the premium actually taken.

    `premium` is None until the entry is complete: until then only max_loss counts.
    """
    loss, target, pct = params.max_loss, params.target_profit, params.stop_loss_pct
    most = None if loss is None else -loss * multiplier
    if premium is None:
        return Limits(max_loss=most)
    return Limits(
        max_loss=most,
        stop_loss=None if pct is None else -pct / HUNDRED * abs(premium),
        target_profit=None if target is None else target * multiplier,
    )


def breached(
    params: RiskParams,
    multiplier: int,
    mtm: Decimal | None,
    net_premium: Decimal | None,
    entry_complete: bool,
) -> Trigger | None:
    """The reason to leave at this MTM, if there is one; without an MTM there is no decision.

    When max_loss and stop_loss_pct are breached together max_loss is named: it is the limit in
    rupees, and the one that held from the first fill on. A profit target excludes both.
    """
    if mtm is None:
        return None
    at = limits(params, multiplier, net_premium if entry_complete else None)
    if at.max_loss is not None and mtm <= at.max_loss:
        return Trigger.MAX_LOSS
    if at.stop_loss is not None and mtm <= at.stop_loss:
        return Trigger.STOP_LOSS
    if at.target_profit is not None and mtm >= at.target_profit:
        return Trigger.TARGET_PROFIT
    return None


def latched(earlier: Trigger | None, now: Trigger | None) -> Trigger | None:
    """The first trigger wins and stays, whatever the market does after it."""
    return earlier or now


def stop_loss_fault(params: RiskParams, net: Decimal, gross: Decimal) -> Fault | None:
    """Why a percentage of this premium is no stop: it could never fire, or fires on noise.

    A max_loss beside it does not heal it: the percentage has to go, so that what remains is meant.
    """
    if params.stop_loss_pct is None:
        return None
    if net < 0 and params.stop_loss_pct >= HUNDRED:
        why = "more than the premium paid cannot be lost, so this stop would never fire"
    elif abs(net) < LEAST_NET * gross:
        why = "the net premium is less than 10 % of the gross, so this stop would fire on noise"
    else:
        return None
    message = f"{why}: give max_loss in ₹ instead of stop_loss_pct"
    return Fault("stop-loss-meaningless", "risk_params.stop_loss_pct", message)
