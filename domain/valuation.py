"""A run's mark-to-market from its own fills and the market's quotes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from domain.ledger import ZERO, cash, held
from domain.quote import Quote
from domain.risk import Holding, mtm
from domain.run import Run


def run_mtm(run: Run, quotes: Mapping[str, Quote], now: datetime) -> Decimal | None:
    """Cash so far plus what is held at its mark, in ₹; None while any mark is missing."""
    positions = [
        Holding(key=leg.contract.key, quantity=held(run, number), cash=ZERO)
        for number, leg in enumerate(run.legs)
    ]
    held_now = mtm(positions, quotes, now)
    return None if held_now is None else cash(run) + held_now
