"""What a strategy would be if it were entered now: legs, payoff, Greeks and margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.api.callers import Caller, Reading, SameKey
from adapters.api.documents import Rupees, Shown
from adapters.api.market import Sight, middle
from adapters.api.openapi import problems
from adapters.api.reading import Document, answer, own_row
from adapters.api.strategies import DefinitionSent
from domain.book import Ticket
from domain.calendar import ist_date
from domain.contract import OptionType, Side
from domain.definition import Definition
from domain.limits import USABLE
from domain.model import Refused
from domain.payoff import Position, payoff, payoff_of
from domain.planning import Snapshot, chosen, underlyings
from domain.pricing import Alive, profit_now, years_to_expiry
from domain.risk import limits
from domain.slices import Leg
from domain.user import User
from projections.broker_accounts import BROKER_ACCOUNTS
from projections.document import plain

router = APIRouter(prefix="/preview")

#: The curve goes so far either side of the money, in so many steps.
REACH, STEPS = Decimal("0.10"), 40
GREEKS = ("delta", "gamma", "theta", "vega")


class Preview(BaseModel, frozen=True, extra="forbid"):
    """A definition, at a multiplier."""

    definition: DefinitionSent
    multiplier: int = Field(default=1, ge=1, le=100)


class MarginPreview(Preview, frozen=True, extra="forbid"):
    """On an account; on the only one unless told."""

    account_id: str | None = Field(default=None, max_length=100)


class LegPreview(Shown):
    """A leg in a listed contract; `price` is the middle of its touch, else its last price."""

    symbol: str
    key: str
    underlying: str
    action: Side
    qty: int
    option_type: OptionType
    strike: Rupees
    expiry: str
    price: Rupees
    iv: float | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None


class PointShown(Shown):
    """`profit` at expiry, `today` were the underlying there now; null where a price has no IV."""

    spot: Rupees
    profit: Rupees
    today: Rupees | None


class GreeksShown(Shown):
    """Of the whole position, in ₹."""

    delta: float
    gamma: float
    theta: float
    vega: float


class LimitsAt(Shown):
    """The profit in ₹ at which each limit would leave, were the entry filled so; null is off."""

    max_loss: Rupees | None
    stop_loss: Rupees | None
    target_profit: Rupees | None


class PayoffShown(Shown):
    """Before charges. Limits and breakevens are at expiry, where later expiries count at intrinsic
    value; null is without limit. Outside the session the last prices count: those of `prices_at`.
    """

    prices_at: datetime
    spot: Rupees | None
    legs: list[LegPreview]
    net_premium: Rupees
    max_profit: Rupees | None
    max_loss: Rupees | None
    breakevens: list[Rupees]
    limits: LimitsAt
    greeks: GreeksShown
    points: list[PointShown]


class MarginShown(Shown):
    """₹ as the broker tells them; `fits` leaves the share that no basket may use."""

    account_id: str
    final: Rupees
    peak: Rupees
    available: Rupees
    fits: bool


@router.post("/payoff", response_model=PayoffShown, dependencies=[SameKey])
def preview_payoff(body: Preview, caller: Reading) -> Response:
    """The profit over all spots at expiry, with what the market asks and pays now."""
    snapshot = _snapshot(caller, body.definition)
    legs = _legs(body, snapshot)
    priced = [_priced(leg, snapshot) for leg in legs]
    told = payoff_of(priced)
    spot = _spot(caller, body.definition, snapshot)
    sights = _sights(caller, legs)
    shown = [_leg(sights, leg, position) for leg, position in zip(legs, priced, strict=True)]
    alive = _alive(sights, legs, priced, shown) if spot is not None else []
    return answer(
        {
            "prices_at": plain(min(snapshot.quotes[leg.contract.key].at for leg in legs)),
            "spot": plain(spot),
            "legs": shown,
            **plain(told),
            "limits": plain(limits(body.definition.risk_params, body.multiplier, told.net_premium)),
            "greeks": _together(legs, shown),
            "points": _points(priced, spot, alive),
        }
    )


@router.post(
    "/margin", response_model=MarginShown, responses=problems(404, 409, 502), dependencies=[SameKey]
)
def preview_margin(body: MarginPreview, caller: Reading) -> Response:
    """What the broker would block, at the end and at its peak on the way in."""
    account_id = body.account_id or _only_account(caller)
    own_row(caller, BROKER_ACCOUNTS, account_id)
    legs = _legs(body, _snapshot(caller, body.definition))
    tickets = [
        Ticket(
            tag="",
            contract=leg.contract,
            side=leg.side,
            quantity=leg.quantity,
            product=body.definition.trades_as,
        )
        for leg in sorted(legs, key=lambda leg: leg.side is Side.SELL)
    ]
    broker = caller.context.broker(account_id)
    margin, available = broker.basket_margin(tickets), broker.funds().available
    needed = max(margin.final, margin.peak)
    return answer(
        {
            "account_id": account_id,
            **plain(margin),
            "available": plain(available),
            "fits": needed <= available * USABLE,
        }
    )


def _only_account(caller: Caller) -> str:
    linked = caller.context.bus.trading.load(caller.user_id, User, verify=False).accounts
    if len(linked) != 1:
        raise Refused("which-account", "name the account: not exactly one is linked", "account_id")
    return linked[0]


def _snapshot(caller: Caller, definition: Definition) -> Snapshot:
    if not definition.legs:
        raise Refused("no-legs", "a strategy needs at least one leg", "definition.legs")
    context = caller.context
    now = context.clock.now()
    seen, session = context.snapshot(definition, now), context.calendar.session(ist_date(now))
    trading = session is not None and session.open <= now < session.close
    return seen if trading else seen.at_any_age(context.calendar)


def _legs(body: Preview, snapshot: Snapshot) -> list[Leg]:
    definition = body.definition
    return [chosen(leg, definition, body.multiplier, snapshot) for leg in definition.legs]


def _priced(leg: Leg, snapshot: Snapshot) -> Position:
    quote = snapshot.quotes.get(leg.contract.key)
    price = middle(quote) if quote else None
    if price is None:
        message = f"no price of {leg.contract.tradingsymbol} is known"
        raise Refused("no-price", message, "definition.legs")
    return Position.of(leg.contract, leg.side, leg.quantity, price)


def _spot(caller: Caller, definition: Definition, snapshot: Snapshot) -> Decimal | None:
    for underlying in underlyings(definition, snapshot.chain):
        quote = caller.context.market.spot(underlying)
        if quote is not None and quote.last:
            return quote.last
    return next((r.price for r in snapshot.references.values() if r.price), None)


#: What the market shows of an underlying's expiry.
Sights = Mapping[tuple[str, date], Sight]


def _sights(caller: Caller, legs: Sequence[Leg]) -> Sights:
    context = caller.context
    chain = context.bus.world.chain(ist_date(context.clock.now()))
    wanted = {(leg.contract.underlying, leg.contract.expiry) for leg in legs}
    return {each: Sight.of(context, chain, *each) for each in wanted}


def _leg(sights: Sights, leg: Leg, position: Position) -> Document:
    contract = leg.contract
    implied = sights[contract.underlying, contract.expiry].of_contract(contract)
    return {
        "symbol": contract.tradingsymbol,
        "key": contract.key,
        "underlying": contract.underlying,
        "action": leg.side.value,
        "qty": leg.quantity,
        "option_type": contract.option_type.value,
        "strike": plain(contract.strike),
        "expiry": plain(contract.expiry),
        "price": plain(position.price),
        **{name: implied.get(name) for name in ("iv", *GREEKS)},
    }


def _alive(
    sights: Sights, legs: Sequence[Leg], priced: Sequence[Position], shown: Sequence[Document]
) -> list[Alive]:
    """The legs as they live on; none where no volatility explains the price of one."""
    found = []
    for leg, position, told in zip(legs, priced, shown, strict=True):
        sight = sights[leg.contract.underlying, leg.contract.expiry]
        if told["iv"] is None or sight.forward is None:
            return []
        years = years_to_expiry(sight.now, leg.contract.expiry)
        found.append(Alive(position, sight.forward, told["iv"], years))
    return found


def _together(legs: Sequence[Leg], shown: Sequence[Document]) -> Document:
    """Signed sums over the legs; a leg without Greeks adds nothing."""
    pairs = list(zip(legs, shown, strict=True))
    return {
        name: sum(leg.side.sign * leg.quantity * (told[name] or 0.0) for leg, told in pairs)
        for name in GREEKS
    }


def _points(
    positions: Sequence[Position], spot: Decimal | None, alive: Sequence[Alive]
) -> list[Document]:
    middle_of = spot or sum((p.strike for p in positions), Decimal(0)) / len(positions)
    low, high = middle_of * (1 - REACH), middle_of * (1 + REACH)
    step = (high - low) / STEPS
    spots = {low + step * n for n in range(STEPS + 1)}
    spots |= {p.strike for p in positions if low < p.strike < high}
    places = sorted(place.quantize(Decimal("0.01")) for place in spots)
    return [
        {
            "spot": plain(at),
            "profit": plain(payoff(positions, at)),
            "today": plain(profit_now(alive, at - middle_of)) if alive else None,
        }
        for at in places
    ]
