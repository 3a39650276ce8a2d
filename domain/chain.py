"""The contracts of one day, found by symbol or by what they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from domain.contract import Contract, OptionType
from domain.model import Refused

MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)


def month_form(expiry: date) -> str:
    """`26AUG`: how a monthly's symbol states its expiry, whatever language the machine speaks."""
    return f"{expiry:%y}{MONTHS[expiry.month - 1]}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An option that is listed, but whose lot or tick nobody knows; so it cannot be traded."""

    key: str
    underlying: str
    why: str


class Chain:
    """Every option listed on `day`; facts come from the rows, nothing is parsed from a symbol.

    What is not known is part of it, so that it stops those whom it concerns, and nobody else:
    `left_out` are contracts without a lot, `unknown` says which exchange's list is not there, why.
    """

    def __init__(
        self,
        day: date,
        contracts: Iterable[Contract],
        left_out: Iterable[LeftOut] = (),
        unknown: Iterable[str] = (),
    ) -> None:
        self.day = day
        self.contracts = tuple(contracts)
        self.left_out = tuple(left_out)
        self.unknown = tuple(unknown)
        self._ladders: dict[tuple[str, date], Sequence[Decimal]] = {}

    @cached_property
    def _by_key(self) -> dict[str, Contract]:
        return {contract.key: contract for contract in self.contracts}

    @cached_property
    def _by_underlying(self) -> dict[str, dict[date, dict[OptionType, dict[Decimal, Contract]]]]:
        found: dict[str, dict[date, dict[OptionType, dict[Decimal, Contract]]]] = {}
        for c in self.contracts:
            of_day = found.setdefault(c.underlying, {}).setdefault(c.expiry, {})
            of_day.setdefault(c.option_type, {})[c.strike] = c
        return found

    def get(self, key: str) -> Contract | None:
        """The contract with this `EXCHANGE:SYMBOL`."""
        return self._by_key.get(key)

    def by_symbol(self, tradingsymbol: str) -> Contract | None:
        """The contract with this symbol on the derivative exchange that lists it."""
        return self.get(f"NFO:{tradingsymbol}") or self.get(f"BFO:{tradingsymbol}")

    def underlying_refused(self, underlying: str) -> Refused | None:
        """Why nothing may be chosen on this underlying; an expiry less would be another choice."""
        for each in self.left_out:
            if each.underlying == underlying:
                return Refused("unknown-lot", each.why, "underlying")
        if self.unknown and underlying not in self._by_underlying:
            return Refused("no-listing", "; ".join(self.unknown), "underlying")
        return None

    def symbol_refused(self, tradingsymbol: str) -> Refused:
        """Why there is no contract of this symbol."""
        for each in self.left_out:
            if each.key.partition(":")[2] == tradingsymbol:
                return Refused("unknown-lot", each.why, "symbol")
        if self.unknown:
            return Refused("no-listing", "; ".join(self.unknown), "symbol")
        why = f"{tradingsymbol} is not listed on {self.day}: expired, or misspelt"
        return Refused("unknown-symbol", why, "symbol")

    def underlyings(self) -> Sequence[str]:
        return sorted(self._by_underlying)

    def expiries(self, underlying: str) -> Sequence[date]:
        """Expiries from `day` on, nearest first."""
        return sorted(e for e in self._by_underlying.get(underlying, {}) if e >= self.day)

    @cached_property
    def _monthlies(self) -> set[tuple[str, date]]:
        return {
            (c.underlying, c.expiry)
            for c in self.contracts
            if c.tradingsymbol.startswith(f"{c.underlying}{month_form(c.expiry)}")
        }

    def monthlies(self, underlying: str) -> Sequence[date]:
        """Expiries whose rows carry the month-form symbol built from that very expiry."""
        return [e for e in self.expiries(underlying) if (underlying, e) in self._monthlies]

    def lists_weeklies(self, underlying: str) -> bool:
        """Whether any listed expiry is not a monthly."""
        return len(self.monthlies(underlying)) < len(self.expiries(underlying))

    def ladder(self, underlying: str, expiry: date) -> Sequence[Decimal]:
        """Strikes in ₹ at which both a call and a put are listed, lowest first."""
        known = self._ladders.get((underlying, expiry))
        if known is None:
            of_expiry = self._by_underlying.get(underlying, {}).get(expiry, {})
            both = of_expiry.get(OptionType.CE, {}).keys() & of_expiry.get(OptionType.PE, {}).keys()
            known = self._ladders[underlying, expiry] = sorted(both)
        return known

    def strikes(self, underlying: str, expiry: date, option_type: OptionType) -> Sequence[Decimal]:
        """Listed strikes in ₹, lowest first."""
        return sorted(self._by_underlying.get(underlying, {}).get(expiry, {}).get(option_type, {}))

    def of_expiry(self, underlying: str, expiry: date) -> Sequence[Contract]:
        """Every option of that expiry, calls before puts and lowest strikes first."""
        of_expiry = self._by_underlying.get(underlying, {}).get(expiry, {})
        return [of_expiry[t][strike] for t in sorted(of_expiry) for strike in sorted(of_expiry[t])]

    def option(
        self, underlying: str, expiry: date, option_type: OptionType, strike: Decimal
    ) -> Contract | None:
        of_expiry = self._by_underlying.get(underlying, {}).get(expiry, {})
        return of_expiry.get(option_type, {}).get(strike)
