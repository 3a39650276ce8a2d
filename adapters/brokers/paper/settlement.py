"""The end of a contract: positions become cash at an estimated official price."""

from __future__ import annotations

from datetime import datetime

from adapters.brokers.paper.book import Position
from adapters.brokers.paper.entries import Settled
from adapters.brokers.paper.underlyings import closing_price
from commands.ports import MarketData
from domain.calendar import ist_date
from domain.charges import exercise
from domain.payoff import intrinsic


def settlement(
    account: str, product: str, position: Position, market: MarketData, now: datetime
) -> Settled | None:
    """How an expired position ends; None while no price of its underlying is known."""
    contract = position.contract
    underlying = closing_price(market, contract.underlying, contract.expiry, now)
    if underlying is None:
        return None
    worth = intrinsic(contract.option_type, contract.strike, underlying)
    return Settled(
        at=now,
        account=account,
        key=contract.key,
        product=product,
        quantity=position.quantity,
        price=worth,
        charges=exercise(ist_date(now), position.quantity, worth).total,
        estimated=True,
    )
