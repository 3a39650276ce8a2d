"""Positions and funds in Kite's forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from adapters.simulators.kite.answers import KiteError, success
from adapters.simulators.kite.holdings import Holding, Turnover
from adapters.simulators.kite.quotes import Price
from adapters.simulators.kite.rows import Row
from adapters.simulators.kite.venue import Call
from adapters.simulators.kite.wire import Answer

ZERO: Final = Decimal(0)


def positions(call: Call) -> Answer:
    """`net` with what was carried into the day, `day` with what the day did."""
    with call.venue.now() as at:
        listed = call.venue.listed(at)
        held = call.venue.holdings.of(call.account, listed.day)
        prices = call.venue.prices.of(h.contract.key for h in held)
        rows = [(h, listed.tokens.get(h.contract.key, 0), prices.get(h.contract.key)) for h in held]
        today = [row for row in rows if row[0].bought.quantity or row[0].sold.quantity]
        return success(
            {
                "net": [_position(*row, carried=True) for row in rows],
                "day": [_position(*row, carried=False) for row in today],
            }
        )


def _position(held: Holding, token: int, price: Price | None, *, carried: bool) -> Row:
    bought, sold = _sides(held, carried=carried)
    quantity = bought.quantity - sold.quantity
    average = held.position.average if carried else (bought if quantity > 0 else sold).average
    last = price.last if price else average
    value = sold.value - bought.value
    pnl = value + quantity * last
    return {
        "tradingsymbol": held.contract.tradingsymbol,
        "exchange": held.contract.exchange,
        "instrument_token": token,
        "product": held.product,
        "quantity": quantity,
        "overnight_quantity": held.carried if carried else 0,
        "multiplier": 1,
        "average_price": average if quantity else ZERO,
        "close_price": price.day.close if price else ZERO,
        "last_price": last,
        "value": value,
        "pnl": pnl,
        "m2m": pnl,
        "unrealised": pnl,
        "realised": ZERO,
        **_side("buy", bought),
        **_side("sell", sold),
        **_side("day_buy", held.bought, m2m=False),
        **_side("day_sell", held.sold, m2m=False),
    }


def _sides(held: Holding, *, carried: bool) -> tuple[Turnover, Turnover]:
    """What was bought and sold; what was carried counts as bought or sold at its average."""
    bought = Turnover(held.bought.quantity, held.bought.value)
    sold = Turnover(held.sold.quantity, held.sold.value)
    if carried and held.carried:
        (bought if held.carried > 0 else sold).add(abs(held.carried), held.carried_average)
    return bought, sold


def _side(name: str, turnover: Turnover, *, m2m: bool = True) -> Row:
    row = {
        f"{name}_quantity": turnover.quantity,
        f"{name}_price": turnover.average,
        f"{name}_value": turnover.value,
    }
    return {**row, f"{name}_m2m": turnover.value} if m2m else row


def holdings(_: Call) -> Answer:
    """Shares in the depository: none."""
    return success([])


def funds(call: Call) -> Answer:
    """Both segments, or the one that was asked for."""
    with call.venue.now():
        found = call.venue.exchange.funds(call.account)
    segments = {
        "equity": _segment(found.available, found.cash, found.used),
        "commodity": _segment(ZERO, ZERO, ZERO),
    }
    if not call.parts:
        return success(segments)
    if call.parts[0] not in segments:
        raise KiteError("Invalid `segment`.")
    return success(segments[call.parts[0]])


def _segment(net: Decimal, cash: Decimal, used: Decimal) -> Row:
    nothing = (
        "exposure", "m2m_realised", "m2m_unrealised", "option_premium", "payout", "holding_sales",
        "turnover", "liquid_collateral", "stock_collateral", "delivery",
    )  # fmt: skip
    return {
        "enabled": True,
        "net": net,
        "available": {
            "adhoc_margin": ZERO,
            "cash": cash,
            "opening_balance": cash,
            "live_balance": net,
            "collateral": ZERO,
            "intraday_payin": ZERO,
        },
        "utilised": {"debits": used, "span": used, **dict.fromkeys(nothing, ZERO)},
    }
