"""The price at which an order is sent: marketable, and no further away than the buffer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from domain.contract import Contract, Side
from domain.quote import Quote

BUFFER_TICKS = 2
BUFFER = Decimal("0.005")


def marketable(
    contract: Contract, side: Side, quote: Quote | None, now: datetime
) -> Decimal | None:
    """A limit in ₹ at the far touch ± max(2 ticks, 0.5 %); None where no fresh price is known."""
    if quote is None or not quote.fresh(now):
        return None
    touch = (quote.ask if side is Side.BUY else quote.bid) or quote.last
    if not touch:  # 0 is how a feed says "never traded"
        return None
    away = max(BUFFER_TICKS * contract.tick, touch * BUFFER)
    return contract.ticked(touch + side.sign * away, side)
