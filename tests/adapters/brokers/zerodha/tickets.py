"""Orders to send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final  # Any: fields of a ticket

from domain.book import Ticket
from domain.contract import Contract, OptionType, Product, Side

CALL: Final = Contract(
    exchange="NFO",
    tradingsymbol="NIFTY2680424500CE",
    underlying="NIFTY",
    expiry=date(2026, 8, 4),
    strike=Decimal(24500),
    option_type=OptionType.CE,
    lot=65,
    tick=Decimal("0.05"),
    freeze=1800,
)
#: A stock whose name has to be encoded wherever it is sent.
STOCK_CALL: Final = CALL.model_copy(
    update={"tradingsymbol": "M&M26AUG3000CE", "underlying": "M&M", "lot": 200, "freeze": None}
)
BUY: Final = Ticket(
    tag="HEDGE1",
    contract=CALL,
    side=Side.BUY,
    quantity=130,
    product=Product.MIS,
    price=Decimal("112.35"),
)


def ticket(**changes: Any) -> Ticket:
    """Two lots of the call, bought at 112.35; or something else."""
    return replace(BUY, **changes)
