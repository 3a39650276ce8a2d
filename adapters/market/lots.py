"""Lot and tick of a contract that no broker's list describes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from domain.market_facts import lot

#: Every option of the Indian exchanges moves in steps of five paise.
TICK: Final = Decimal("0.05")


class UnknownLot(LookupError):
    """The lot of an underlying on that day is not known, so none of its options can be traded."""


def lot_of(underlying: str, day: date, expiry: date) -> int:
    """Units a lot by the dated table; raises UnknownLot."""
    units = lot(underlying, day, expiry)
    if units is None:
        raise UnknownLot(f"the lot of {underlying} on {day} is not known")
    return units
