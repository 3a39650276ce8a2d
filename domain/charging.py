"""The charges of a run: every executed order of its own, and exercise, by the table of the day."""

from __future__ import annotations

from decimal import Decimal

from domain.calendar import IST
from domain.charges import charges, exercise
from domain.ledger import ZERO
from domain.run import Run


def run_charges(run: Run) -> Decimal:
    """₹ of brokerage, taxes and fees for what was filled, and STT on what expired with worth."""
    total = ZERO
    for state in run.slices.values():
        if state.filled:
            day = state.released_at.astimezone(IST).date()
            of_order = charges(
                day,
                state.contract.exchange,
                state.intent.side,
                state.filled,
                state.average_price,
            )
            total += of_order.total
    for leg, quantity, price in run.settled:
        total += exercise(run.legs[leg].contract.expiry, quantity, price).total
    return total
