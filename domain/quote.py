"""What the market shows of one contract at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

LIVE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Last price and best bid and ask in ₹, quantities in units, as seen at `at`.

    `valid_for` is how long a decision may rest on it: 5 s live; a recorded minute snapshot counts
    for its minute. `volume` is what traded in the recorded minute, where known.
    """

    at: datetime
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_qty: int | None = None
    ask_qty: int | None = None
    volume: int | None = None
    oi: int | None = None
    valid_for: timedelta = LIVE

    def fresh(self, now: datetime) -> bool:
        """Whether a decision taken now may rest on this quote."""
        return now - self.at <= self.valid_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """Prices in ₹ and units traded over one interval that starts at `at`."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int | None = None
    oi: int | None = None
