"""What the market shows: sessions, expiries, and the option chain with volatility and Greeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.api.callers import Reading
from adapters.api.context import ApiContext
from adapters.api.documents import Rupees, Shown
from adapters.api.reading import Document, answer
from commands.errors import NotFound
from domain.calendar import DteBasis, dte, ist_date
from domain.chain import Chain
from domain.contract import Contract, OptionType
from domain.model import Refused
from domain.parity import synthetic_spot
from domain.pricing import greeks, implied_vol, years_to_expiry
from domain.quote import Quote
from domain.risk import tight
from domain.strikes import ExpiryRule, atm_strike, expiry_of
from projections.document import plain

router = APIRouter(prefix="/market")


class OptionShown(Shown):
    """One option; Greeks are of one bought unit, null where no price explains them."""

    symbol: str
    key: str
    lot: int
    bid: Rupees | None = None
    ask: Rupees | None = None
    last: Rupees | None = None
    volume: int | None = None
    oi: int | None = None
    at: datetime | None = None
    fresh: bool = False
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None


class StrikeShown(Shown):
    strike: Rupees
    ce: OptionShown | None
    pe: OptionShown | None


class ChainShown(Shown):
    """All strikes of one expiry; `forward` is what put–call parity implies, else the spot."""

    underlying: str
    expiry: date
    dte: int
    now: datetime
    spot: Rupees | None
    forward: Rupees | None
    atm: Rupees | None
    strikes: list[StrikeShown]


class ExpiryShown(Shown):
    expiry: date
    monthly: bool
    dte: int
    dte_trading: int


class ExpiriesShown(Shown):
    underlying: str
    expiries: list[ExpiryShown]


class UnderlyingsShown(Shown):
    items: list[str]


class SessionShown(Shown):
    """Today in India: its hours (UTC), or why there is no session; and the next one."""

    day: date
    now: datetime
    open: datetime | None
    close: datetime | None
    is_open: bool
    closed_because: str | None
    next_session: date


@router.get("/session", response_model=SessionShown)
def session(caller: Reading) -> Response:
    """Whether options trade now, and when they do next."""
    context, now = caller.context, caller.context.clock.now()
    day = ist_date(now)
    today = context.calendar.session(day)
    body = {
        "day": day,
        "now": now,
        "open": today.open if today else None,
        "close": today.close if today else None,
        "is_open": today is not None and today.open <= now < today.close,
        "closed_because": context.calendar.why_closed(day),
        "next_session": context.calendar.next_session(day),
    }
    return answer(plain(body))


@router.get("/underlyings", response_model=UnderlyingsShown)
def underlyings(caller: Reading) -> Response:
    """What has listed options today."""
    return answer({"items": list(_chain(caller.context).underlyings())})


@router.get("/expiries/{underlying}", response_model=ExpiriesShown)
def expiries(underlying: str, caller: Reading) -> Response:
    """Listed expiries, nearest first."""
    chain = _chain(caller.context)
    monthlies = chain.monthlies(underlying)
    found = [
        {
            "expiry": each,
            "monthly": each in monthlies,
            "dte": dte(chain.day, each, DteBasis.CALENDAR),
            "dte_trading": dte(chain.day, each, DteBasis.TRADING, caller.context.calendar),
        }
        for each in chain.expiries(underlying)
    ]
    if not found:
        raise NotFound("listed option of", underlying)
    return answer(plain({"underlying": underlying, "expiries": found}))


@router.get("/chain/{underlying}", response_model=ChainShown)
def chain(
    underlying: str,
    caller: Reading,
    expiry: Annotated[date | ExpiryRule | None, Query()] = None,
    around: Annotated[int, Query(ge=1, le=200, description="Strikes each side of ATM.")] = 200,
) -> Response:
    """Prices, volatility and Greeks of one expiry; the nearest unless told."""
    listed = _chain(caller.context)
    if not listed.expiries(underlying):
        raise NotFound("listed option of", underlying)
    chosen = expiry_of(listed, underlying, expiry or listed.expiries(underlying)[0])
    sight = Sight.of(caller.context, listed, underlying, chosen)
    return answer(sight.document(around))


def _chain(context: ApiContext) -> Chain:
    return context.bus.world.chain(ist_date(context.clock.now()))


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One expiry as the market shows it at one moment."""

    chain: Chain
    underlying: str
    expiry: date
    now: datetime
    quotes: Mapping[str, Quote]
    spot: Decimal | None
    forward: Decimal | None

    @classmethod
    def of(cls, context: ApiContext, chain: Chain, underlying: str, expiry: date) -> Sight:
        now = context.clock.now()
        quotes = context.market.quotes([c.key for c in chain.of_expiry(underlying, expiry)])
        seen = context.market.spot(underlying)
        spot = seen.last if seen else None
        try:
            forward: Decimal | None = synthetic_spot(chain, underlying, expiry, quotes, now)
        except Refused:
            forward = spot  # too few fresh pairs to imply one
        return cls(
            chain=chain,
            underlying=underlying,
            expiry=expiry,
            now=now,
            quotes=quotes,
            spot=spot,
            forward=forward,
        )

    def document(self, around: int) -> Document:
        ladder = sorted({c.strike for c in self.chain.of_expiry(self.underlying, self.expiry)})
        price = self.spot or self.forward
        atm = atm_strike(self.chain, self.underlying, self.expiry, price) if price else None
        if atm is not None:
            place = ladder.index(atm)
            ladder = ladder[max(place - around, 0) : place + around + 1]
        return {
            "underlying": self.underlying,
            "expiry": plain(self.expiry),
            "dte": dte(self.chain.day, self.expiry, DteBasis.CALENDAR),
            "now": plain(self.now),
            "spot": plain(self.spot),
            "forward": plain(self.forward),
            "atm": plain(atm),
            "strikes": [
                {
                    "strike": plain(strike),
                    "ce": self.option(OptionType.CE, strike),
                    "pe": self.option(OptionType.PE, strike),
                }
                for strike in ladder
            ],
        }

    def option(self, option_type: OptionType, strike: Decimal) -> Document | None:
        contract = self.chain.option(self.underlying, self.expiry, option_type, strike)
        return None if contract is None else self.of_contract(contract)

    def of_contract(self, contract: Contract) -> Document:
        """Its prices, and what they imply."""
        shown: Document = {
            "symbol": contract.tradingsymbol,
            "key": contract.key,
            "lot": contract.lot,
        }
        quote = self.quotes.get(contract.key)
        if quote is None:
            return shown
        told = {name: getattr(quote, name) for name in ("bid", "ask", "last", "volume", "oi", "at")}
        shown |= plain(told) | {"fresh": quote.fresh(self.now)}
        return shown | self.implied(contract, quote)

    def implied(self, contract: Contract, quote: Quote) -> Document:
        price, years = middle(quote), years_to_expiry(self.now, contract.expiry)
        if price is None or self.forward is None:
            return {}
        kind, strike = contract.option_type, contract.strike
        vol = implied_vol(kind, self.forward, strike, price, years)
        if vol is None:
            return {}
        found = greeks(kind, self.forward, strike, vol, years)
        return {"iv": vol, **plain(found)}


def middle(quote: Quote) -> Decimal | None:
    """₹ between a tight bid and ask, else the last price."""
    if quote.bid and quote.ask and tight(quote.bid, quote.ask):
        return (quote.bid + quote.ask) / 2
    return quote.last or None
