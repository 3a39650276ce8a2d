"""An option contract as the exchange lists it on one day."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from domain.value import Value


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for BUY, −1 for SELL."""
        return 1 if self is Side.BUY else -1


class OptionType(StrEnum):
    CE = "CE"
    PE = "PE"


class Product(StrEnum):
    """How the broker carries the position: MIS is squared off by the broker the same day."""

    MIS = "MIS"
    NRML = "NRML"


class Contract(Value, frozen=True):
    """One listed option: strike and tick in ₹, lot and freeze in units; all read from its row."""

    exchange: str
    tradingsymbol: str
    underlying: str
    expiry: date
    strike: Decimal
    option_type: OptionType
    lot: int
    tick: Decimal
    freeze: int | None = None
    """The exchange's largest quantity of one order, in units; None where it is not known."""

    @property
    def key(self) -> str:
        """`NFO:NIFTY2680424500CE`, as quotes and positions name it."""
        return f"{self.exchange}:{self.tradingsymbol}"

    @property
    def order_maximum(self) -> int | None:
        """The largest whole number of lots that one order may hold, in units."""
        return None if self.freeze is None else self.freeze // self.lot * self.lot

    def ticked(self, price: Decimal, side: Side) -> Decimal:
        """The nearest valid price at which the order is no less likely to fill; at least a tick."""
        rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
        return max((price / self.tick).to_integral_value(rounding) * self.tick, self.tick)
