"""What a trader defines: legs, times and risk, in the form the product's requirements give.

A definition says only what is well formed. Whether it can be traded is said by
`domain.validation`, as faults: markets change, and what was once stored must load for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, Strict, model_validator

from domain.book import OrderType
from domain.contract import OptionType, Product, Side
from domain.risk import RiskParams
from domain.schedule import HoldingPeriod, Schedule
from domain.strikes import LegSelector, ReferencePrice
from domain.value import Value

#: Fields of a stored strategy that a client may send back; where they are kept is not here.
READ_ONLY = frozenset(("strategy_id", "basket_id"))

Count = Annotated[int, Strict(), Field(gt=0, le=1_000_000)]
Symbol = Annotated[str, Field(min_length=1, max_length=40)]


class StrategyType(StrEnum):
    """A name for the shape of the legs; CUSTOM is any shape."""

    IRON_CONDOR = "IRON_CONDOR"
    IRON_BUTTERFLY = "IRON_BUTTERFLY"
    STRADDLE = "STRADDLE"
    STRANGLE = "STRANGLE"
    BULL_CALL_SPREAD = "BULL_CALL_SPREAD"
    BEAR_CALL_SPREAD = "BEAR_CALL_SPREAD"
    BULL_PUT_SPREAD = "BULL_PUT_SPREAD"
    BEAR_PUT_SPREAD = "BEAR_PUT_SPREAD"
    CALENDAR_SPREAD = "CALENDAR_SPREAD"
    BUTTERFLY = "BUTTERFLY"
    CUSTOM = "CUSTOM"


class LegDefinition(Value, frozen=True, extra="forbid"):
    """One option to buy or sell: a listed symbol and units, or a selector and lots.

    With a symbol, option type and strike are what the trader believes it to be, and are checked.
    """

    action: Side
    symbol: Symbol | None = None
    qty: Count | None = None
    option_type: OptionType | None = None
    strike: Annotated[Decimal, Field(gt=0, le=100_000_000)] | None = None
    selector: LegSelector | None = None
    lots: Count | None = None

    @model_validator(mode="after")
    def _one_way_to_name_it(self) -> LegDefinition:
        if (self.symbol is None) is (self.selector is None):
            raise ValueError("a leg names its option by symbol or by selector, and not by both")
        if self.symbol is not None and (self.qty is None or self.lots is not None):
            raise ValueError("a leg with a symbol has a qty in units, and no lots")
        if self.selector is not None and (
            self.lots is None
            or self.option_type is None
            or self.qty is not None
            or self.strike is not None
        ):
            raise ValueError("a leg with a selector has lots and an option_type, no qty or strike")
        return self


class Definition(Value, frozen=True, extra="forbid"):
    """A strategy as its trader defines it; absent fields mean the defaults of the rules."""

    name: str = Field(min_length=1, max_length=200)
    type: StrategyType
    legs: tuple[LegDefinition, ...] = Field(max_length=40)
    schedule: Schedule
    risk_params: RiskParams = RiskParams()
    underlying: Symbol | None = None
    holding: HoldingPeriod = HoldingPeriod.INTRADAY
    exit_after_sessions: Count | None = None
    exit_dte: Annotated[int, Strict(), Field(ge=0, le=1000)] | None = None
    product: Product | None = None
    order_type: OrderType = OrderType.LIMIT
    accept_unbounded_risk: Annotated[bool, Strict()] = False
    atm_fallback: Literal[ReferencePrice.SYNTHETIC] | None = None
    entry_grace_s: Annotated[int, Strict(), Field(ge=0, le=3600)] | None = None
    hedge_timeout_s: Annotated[int, Strict(), Field(gt=0, le=300)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_ids(cls, value: Any) -> Any:  # Any: whatever a client sends
        if isinstance(value, Mapping):
            return {name: each for name, each in value.items() if name not in READ_ONLY}
        return value

    @property
    def trades_as(self) -> Product:
        """The product its orders carry: MIS within the day unless told otherwise."""
        overnight = self.holding is HoldingPeriod.POSITIONAL
        return self.product or (Product.NRML if overnight else Product.MIS)
