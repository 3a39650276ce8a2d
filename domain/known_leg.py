"""A leg beside what is listed: the contract it means, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.calendar import Calendar
from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.definition import LegDefinition
from domain.fault import Fault
from domain.market_facts import LOTS
from domain.model import Refused
from domain.strikes import expiry_of

#: Underlyings that settle in cash; any other is a stock, and delivers.
INDICES: Final = frozenset(row.underlying for row in LOTS)
#: Stock options are not entered when this many sessions, or fewer, remain to their expiry.
STOCK_SESSIONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLeg:
    """A leg with what the chain says of it; None where it says nothing."""

    leg: LegDefinition
    contract: Contract | None = None
    underlying: str | None = None
    expiry: date | None = None
    lot: int | None = None

    @property
    def delivers(self) -> bool:
        """Whether it is a stock option, which settles in shares."""
        return self.underlying is not None and self.underlying not in INDICES

    @property
    def option_type(self) -> OptionType | None:
        return self.contract.option_type if self.contract else self.leg.option_type

    @property
    def units(self) -> int | None:
        if self.leg.qty is not None:
            return self.leg.qty
        return self.lot and self.leg.lots and self.lot * self.leg.lots


def know(leg: LegDefinition, chain: Chain) -> KnownLeg:
    """Look a leg up among the listed contracts."""
    if leg.selector is None:
        found = chain.by_symbol(leg.symbol or "")
        if found is None:
            return KnownLeg(leg=leg)
        return KnownLeg(
            leg=leg,
            contract=found,
            underlying=found.underlying,
            expiry=found.expiry,
            lot=found.lot,
        )
    underlying = leg.selector.underlying
    try:
        expiry = expiry_of(chain, underlying, leg.selector.expiry)
    except Refused:  # said as a fault of the leg
        return KnownLeg(leg=leg, underlying=underlying)
    lots = {contract.lot for contract in chain.of_expiry(underlying, expiry)}
    lot = lots.pop() if len(lots) == 1 else None
    return KnownLeg(leg=leg, underlying=underlying, expiry=expiry, lot=lot)


def leg_faults(i: int, known: KnownLeg, chain: Chain, day: date, calendar: Calendar) -> list[Fault]:
    """What is wrong with the leg by itself."""
    found = known.contract
    if known.leg.selector is not None:
        faults = _selector_faults(f"legs[{i}].selector", known, chain)
    elif found is None:
        refused = chain.symbol_refused(known.leg.symbol or "")
        faults = [Fault(refused.code, f"legs[{i}].symbol", refused.message)]
    else:
        faults = _symbol_faults(f"legs[{i}]", known.leg, found, day)
    return faults + _stock_faults(i, known, day, calendar)


def _symbol_faults(at: str, leg: LegDefinition, found: Contract, day: date) -> list[Fault]:
    faults = []
    if found.expiry < day:
        message = f"{leg.symbol} expired on {found.expiry}"
        faults.append(Fault("expired-contract", f"{at}.symbol", message))
    if leg.qty is not None and leg.qty % found.lot:
        message = f"{leg.qty} is no multiple of the lot, {found.lot}"
        faults.append(Fault("not-a-lot-multiple", f"{at}.qty", message))
    if leg.option_type not in (None, found.option_type):
        message = f"{leg.symbol} is a {found.option_type}"
        faults.append(Fault("option-type-differs", f"{at}.option_type", message))
    if leg.strike not in (None, found.strike):
        message = f"{leg.symbol} has the strike {found.strike.normalize():f}"
        faults.append(Fault("strike-differs", f"{at}.strike", message))
    return faults


def _selector_faults(at: str, known: KnownLeg, chain: Chain) -> list[Fault]:
    selector = known.leg.selector
    assert selector is not None
    try:
        expiry = expiry_of(chain, selector.underlying, selector.expiry)
    except Refused as refused:
        return [Fault(refused.code, f"{at}.{refused.field}", refused.message)]
    strikes = len(chain.ladder(selector.underlying, expiry))
    if abs(selector.atm_offset) >= strikes:
        message = f"{selector.underlying} lists {strikes} strikes on {expiry}"
        return [Fault("no-strike", f"{at}.atm_offset", message)]
    return []


def _stock_faults(i: int, known: KnownLeg, day: date, calendar: Calendar) -> list[Fault]:
    if known.expiry is None or not known.delivers:
        return []
    if known.expiry < day or calendar.sessions_between(day, known.expiry) > STOCK_SESSIONS:
        return []
    field = "symbol" if known.leg.selector is None else "selector.expiry"
    message = f"{known.underlying} delivers shares: no entry within 4 sessions of {known.expiry}"
    return [Fault("stock-near-expiry", f"legs[{i}].{field}", message)]
