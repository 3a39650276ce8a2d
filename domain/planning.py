"""From a definition to listed contracts and quantities, on one snapshot of the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.calendar import MARKET, Calendar, at_ist, dte, ist_date
from domain.chain import Chain
from domain.contract import Contract, Side
from domain.definition import Definition, LegDefinition
from domain.known_leg import INDICES, STOCK_SESSIONS
from domain.model import Refused
from domain.parity import current_spot, reference_price
from domain.payoff import Position, uncovered_short
from domain.quote import Quote
from domain.risk import stop_loss_fault
from domain.run_terms import Reference
from domain.schedule import HoldingPeriod
from domain.slices import Leg
from domain.steps import Plan
from domain.strikes import LegSelector, ReferencePrice, expiry_of, select

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What every leg is chosen by, at one moment; `parity` allows it where no spot is recorded."""

    chain: Chain
    quotes: Mapping[str, Quote]
    spots: Mapping[str, Quote]
    now: datetime
    parity: bool = False
    references: dict[tuple[str, date | None], Reference] = field(default_factory=dict)

    def at_any_age(self, calendar: Calendar = MARKET) -> Snapshot:
        """By the last prices there were: for looking at, not to decide on."""
        spots = {
            name: replace(spot, at=_before_the_auction(spot.at, calendar), valid_for=timedelta.max)
            for name, spot in self.spots.items()
        }
        quotes = {key: replace(q, valid_for=timedelta.max) for key, q in self.quotes.items()}
        return replace(self, spots=spots, quotes=quotes)


def _before_the_auction(at: datetime, calendar: Calendar) -> datetime:
    session = calendar.session(ist_date(at))
    return at if session is None else min(at, session.spot_until)


def keys_to_quote(
    definition: Definition, chain: Chain, spots: Mapping[str, Quote], now: datetime
) -> list[str]:
    """Contracts whose prices a plan needs: the legs, and whole ladders where parity is asked."""
    keys: dict[str, None] = {}
    for leg in definition.legs:
        if leg.selector is None or leg.option_type is None:
            named = chain.by_symbol(leg.symbol or "")
            keys |= {named.key: None} if named else {}
            continue
        spot = current_spot(spots.get(leg.selector.underlying), now)
        by_spot = leg.selector.reference is ReferencePrice.SPOT
        if by_spot and spot is not None and spot.last is not None:
            keys[select(chain, leg.selector, leg.option_type, spot.last).contract.key] = None
        else:
            keys |= dict.fromkeys(ladders(leg.selector, chain))
    return list(keys)


def ladders(selector: LegSelector, chain: Chain) -> list[str]:
    """Every option of the leg's expiry, and of the nearest, which parity asks for a spot."""
    underlying = selector.underlying
    expiries = {expiry_of(chain, underlying, selector.expiry), chain.expiries(underlying)[0]}
    return [c.key for expiry in sorted(expiries) for c in chain.of_expiry(underlying, expiry)]


def underlyings(definition: Definition, chain: Chain) -> list[str]:
    """Underlyings of the legs, in their order."""
    found: dict[str, None] = {}
    for leg in definition.legs:
        contract = chain.by_symbol(leg.symbol or "")
        if leg.selector is not None:
            found[leg.selector.underlying] = None
        elif contract is not None:
            found[contract.underlying] = None
    return list(found)


def plan(definition: Definition, multiplier: int, snapshot: Snapshot) -> Plan:
    """The legs as they would be traded now; raises Refused with the reason why not."""
    legs = tuple(chosen(leg, definition, multiplier, snapshot) for leg in definition.legs)
    positions = [Position.of(leg.contract, leg.side, leg.quantity) for leg in legs]
    allowed = uncovered_short(positions)
    if allowed and not definition.accept_unbounded_risk:
        raise Refused("unbounded", f"{allowed} units would be short without cover", "legs")
    meaningful_stop(definition, legs, snapshot)
    used = list(snapshot.references.values())
    return Plan(
        legs=legs,
        reference=used[0] if used else Reference(price=None, source="SYMBOLS"),
        allowed_uncovered=allowed,
        exit_at=exit_time(definition, legs, ist_date(snapshot.now)),
    )


def chosen(leg: LegDefinition, definition: Definition, multiplier: int, on: Snapshot) -> Leg:
    contract = listed(leg, definition, on)
    if contract.expiry < on.chain.day:
        raise Refused("expired-contract", f"{contract.tradingsymbol} expired on {contract.expiry}")
    units = leg.qty if leg.qty is not None else (leg.lots or 0) * contract.lot
    if units % contract.lot:
        why = f"{units} is no multiple of the lot of {contract.tradingsymbol}, {contract.lot}"
        raise Refused("not-a-lot-multiple", why)
    deliverable(contract, on)
    return Leg(contract=contract, side=leg.action, quantity=units * multiplier)


def listed(leg: LegDefinition, definition: Definition, on: Snapshot) -> Contract:
    if leg.selector is None or leg.option_type is None:
        contract = on.chain.by_symbol(leg.symbol or "")
        if contract is None:
            raise on.chain.symbol_refused(leg.symbol or "")
        return contract
    price = referenced(leg.selector, definition, on).price
    if price is None:
        raise Refused("stale-spot", f"no price of {leg.selector.underlying}")
    return select(on.chain, leg.selector, leg.option_type, price).contract


def referenced(selector: LegSelector, definition: Definition, on: Snapshot) -> Reference:
    """The reference price of this leg; legs that ask for the same share one."""
    expiry = expiry_of(on.chain, selector.underlying, selector.expiry)
    synthetic = selector.reference is ReferencePrice.SYNTHETIC
    place = (selector.underlying, expiry if synthetic else None)
    if place not in on.references:
        fallback = ReferencePrice.SYNTHETIC if on.parity else definition.atm_fallback
        found = reference_price(
            on.chain,
            selector.underlying,
            expiry,
            selector.reference,
            on.quotes,
            on.now,
            spot=on.spots.get(selector.underlying),
            atm_fallback=fallback,
        )
        on.references[place] = Reference(price=found.price, source=found.source.value)
    return on.references[place]


def deliverable(contract: Contract, on: Snapshot) -> None:
    if contract.underlying in INDICES:
        return
    left = MARKET.sessions_between(on.chain.day, contract.expiry)
    if left <= STOCK_SESSIONS:
        why = f"{contract.underlying} delivers shares, and expires in {left} sessions"
        raise Refused("stock-near-expiry", why)


def meaningful_stop(definition: Definition, legs: tuple[Leg, ...], on: Snapshot) -> None:
    """Refuse a percentage stop that the premium on offer would make meaningless."""
    net = gross = ZERO
    for leg in legs:
        quote = on.quotes.get(leg.contract.key)
        price = touch(quote, leg.side) or ZERO
        net -= leg.side.sign * leg.quantity * price
        gross += leg.quantity * price
    if fault := stop_loss_fault(definition.risk_params, net, gross):
        raise Refused(fault.code, fault.message, fault.field)


def touch(quote: Quote | None, side: Side) -> Decimal | None:
    """What the leg would trade at, in ₹: the far touch, else the last price; None if unknown."""
    if quote is None:
        return None
    return (quote.ask if side is Side.BUY else quote.bid) or quote.last


def exit_time(
    definition: Definition, legs: tuple[Leg, ...], day: date, calendar: Calendar = MARKET
) -> datetime | None:
    """When the run leaves by itself: the exit time of its last day, or the forced exit."""
    nearest = min(leg.contract.expiry for leg in legs)
    last = day
    if definition.holding is HoldingPeriod.POSITIONAL:
        last = last_day(definition, day, nearest, calendar)
        if any(leg.contract.underlying not in INDICES for leg in legs):
            last = min(last, calendar.previous_session(nearest))
    session = calendar.session(last)
    at = at_ist(last, definition.schedule.exit_time)
    if session is None:
        return at
    intraday = definition.holding is HoldingPeriod.INTRADAY
    return min(at, session.forced_exit) if intraday else at


def last_day(definition: Definition, day: date, nearest: date, calendar: Calendar) -> date:
    """The earliest of n sessions after entry, the first day within exit_dte, and the expiry."""
    last = nearest
    if definition.exit_after_sessions is not None:
        after = day
        for _ in range(definition.exit_after_sessions):
            after = calendar.next_session(after)
        last = min(last, after)
    if definition.exit_dte is not None:
        basis = definition.schedule.dte_basis
        on = day
        while on < last and dte(on, nearest, basis, calendar) > definition.exit_dte:
            on += timedelta(days=1)
        last = min(last, on if calendar.is_session(on) else calendar.next_session(on))
    return last
