"""What an executed option order costs besides its price, by the dated table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from domain.charge_rates import RATES
from domain.contract import Side
from domain.market_facts import in_force
from domain.model import Refused

ZERO: Final = Decimal(0)
PAISA: Final = Decimal("0.01")
RUPEE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """₹, each rounded to the paisa, as Kite's order charges are."""

    brokerage: Decimal = ZERO
    stt: Decimal = ZERO
    exchange: Decimal = ZERO
    sebi: Decimal = ZERO
    stamp: Decimal = ZERO
    gst: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.brokerage + self.stt + self.exchange + self.sebi + self.stamp + self.gst

    def __add__(self, other: Charges) -> Charges:
        return Charges(
            brokerage=self.brokerage + other.brokerage,
            stt=self.stt + other.stt,
            exchange=self.exchange + other.exchange,
            sebi=self.sebi + other.sebi,
            stamp=self.stamp + other.stamp,
            gst=self.gst + other.gst,
        )


def charges(
    day: date, exchange: str, side: Side, quantity: int, price: Decimal, broker_fee: bool = True
) -> Charges:
    """The charges of one order that filled `quantity` units at `price` ₹ on NFO or BFO.

    An order costs its brokerage once, however many fills it had. Raises Refused where the table
    knows no rate.
    """
    if quantity == 0:
        return Charges()
    turnover = quantity * price
    brokerage = _rate("BROKERAGE", day) if broker_fee else ZERO
    on_exchange = turnover * _rate(f"EXCHANGE_{exchange}", day)
    sebi = turnover * _rate("SEBI", day)
    sold, bought = (turnover, ZERO) if side is Side.SELL else (ZERO, turnover)
    return Charges(
        brokerage=brokerage,
        stt=_round(sold * _rate("STT_SALE", day)),
        exchange=_round(on_exchange),
        sebi=_round(sebi),
        stamp=_round(bought * _rate("STAMP", day)),
        gst=_round((brokerage + on_exchange + sebi) * _rate("GST", day)),
    )


def exercise(day: date, quantity: int, intrinsic: Decimal) -> Charges:
    """The charges when `quantity` bought units expire worth `intrinsic` ₹ each.

    Only STT is certain. Whoever is short pays none, and what expires worthless costs nothing.
    """
    value = max(quantity, 0) * max(intrinsic, ZERO)
    return Charges(stt=_round(value * _rate("STT_EXERCISE", day)))


def contract_note(orders: Iterable[Charges]) -> Charges:
    """A day's charges as the contract note states them: STT and stamp duty in whole rupees.

    Zerodha rounds both to the nearest rupee; that it does so on the day's sum, and not contract by
    contract, is unsure and moves the total by less than a rupee a contract.
    """
    total = sum(orders, Charges())
    return replace(total, stt=_round(total.stt, RUPEE), stamp=_round(total.stamp, RUPEE))


@lru_cache(maxsize=1024)
def _rate(name: str, day: date) -> Decimal:
    row = in_force((r for r in RATES if r.name == name), day)
    if row is None:
        raise Refused("no-rate", f"the market table has no {name} rate for {day}")
    return row.value


def _round(amount: Decimal, to: Decimal = PAISA) -> Decimal:
    return amount.quantize(to, ROUND_HALF_UP)
