"""Everything that keeps a definition from being traded, each with the field to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from domain.calendar import MARKET, Calendar
from domain.chain import Chain
from domain.contract import Product, Side
from domain.definition import Definition, LegDefinition, StrategyType
from domain.fault import Fault
from domain.known_leg import KnownLeg, know, leg_faults
from domain.payoff import Position, uncovered_short
from domain.risk import stop_loss_fault
from domain.schedule import HoldingPeriod, schedule_faults
from domain.shape import ShapeLeg, misshapen

DEBIT_TYPES: Final = frozenset(
    (StrategyType.BULL_CALL_SPREAD, StrategyType.BEAR_PUT_SPREAD, StrategyType.CALENDAR_SPREAD)
)


def faults_of(
    definition: Definition, chain: Chain, day: date, calendar: Calendar = MARKET
) -> list[Fault]:
    """All faults as seen on that day (IST) with the contracts then listed."""
    known = [know(leg, chain) for leg in definition.legs]
    return [
        *(f for i, leg in enumerate(known) for f in leg_faults(i, leg, chain, day, calendar)),
        *_faults_together(definition, known),
        *_timing_faults(definition, day, calendar),
        *_holding_faults(definition, known),
        *_risk_faults(definition, known),
    ]


def _faults_together(definition: Definition, known: Sequence[KnownLeg]) -> list[Fault]:
    if not known:
        return [Fault("no-legs", "legs", "a strategy needs at least one leg")]
    faults = []
    underlyings = sorted({each.underlying for each in known if each.underlying})
    if len(underlyings) > 1:
        message = f"the legs are on {' and '.join(underlyings)}: one underlying each strategy"
        faults.append(Fault("mixed-underlyings", "legs", message))
    if definition.underlying not in (None, *underlyings) and underlyings:
        message = f"the legs are on {underlyings[0]}"
        faults.append(Fault("underlying-differs", "underlying", message))
    names = [_name(each.leg) for each in known]
    counted = Counter(names)
    faults += [
        Fault("contract-twice", f"legs[{i}]", "another leg is the same option: join them")
        for i, name in enumerate(names)
        if counted[name] > 1 and names.index(name) != i
    ]
    if wrong := misshapen(definition.type, _shape(known)):
        faults.append(Fault("type-differs", "type", wrong))
    return faults


def _name(leg: LegDefinition) -> tuple[object, ...]:
    if leg.selector is None:
        return (leg.symbol,)
    s = leg.selector
    return (s.underlying, s.expiry, s.atm_offset, s.reference, leg.option_type)


def _shape(known: Sequence[KnownLeg]) -> list[ShapeLeg]:
    in_lots = all(each.lot for each in known if each.leg.qty is not None)
    in_units = all(each.leg.qty is not None for each in known)
    return [_shape_leg(each, in_lots=in_lots, in_units=in_units) for each in known]


def _shape_leg(known: KnownLeg, *, in_lots: bool, in_units: bool) -> ShapeLeg:
    leg, found, size = known.leg, known.contract, None
    if in_lots:
        size = Fraction(leg.qty, known.lot or 1) if leg.qty else Fraction(leg.lots or 0)
    elif in_units:
        size = Fraction(leg.qty or 0)
    return ShapeLeg(
        side=leg.action,
        option_type=known.option_type,
        strike=found.strike if found else leg.strike,
        atm_offset=leg.selector.atm_offset if leg.selector else None,
        expiry=known.expiry,
        size=size,
    )


def _timing_faults(definition: Definition, day: date, calendar: Calendar) -> list[Fault]:
    schedule = definition.schedule
    faults = schedule_faults(schedule, definition.holding)
    session = calendar.session(day) or calendar.session(calendar.next_session(day))
    late = session is not None and schedule.exit_at(session.day) > session.mis_exit_by
    told = any(fault.field == "schedule.exit_time" for fault in faults)
    if definition.trades_as is Product.MIS and late and not told:
        message = "MIS has to leave 5 minutes before the broker squares off"
        faults.append(Fault("mis-exit-late", "schedule.exit_time", message))
    return faults


def _holding_faults(definition: Definition, known: Sequence[KnownLeg]) -> list[Fault]:
    after, dte = definition.exit_after_sessions, definition.exit_dte
    if definition.holding is HoldingPeriod.INTRADAY:
        message = "an intraday position leaves on its own day"
        given = {"exit_after_sessions": after, "exit_dte": dte}
        return [Fault("not-intraday", k, message) for k, v in given.items() if v is not None]
    faults = []
    if definition.trades_as is not Product.NRML:
        message = "a position kept overnight needs the product NRML"
        faults.append(Fault("product-not-nrml", "product", message))
    if after is None and dte is None:
        message = "say when to leave: exit_after_sessions, exit_dte, or both"
        faults.append(Fault("no-exit-day", "exit_after_sessions", message))
    if any(each.delivers for each in known) and (dte or 0) < 1:
        message = "stock options deliver shares: leave before the expiry day, exit_dte 1 or more"
        faults.append(Fault("stock-at-expiry", "exit_dte", message))
    return faults


def _risk_faults(definition: Definition, known: Sequence[KnownLeg]) -> list[Fault]:
    faults, risk = [], definition.risk_params
    if _uncovered(known):
        if not definition.accept_unbounded_risk:
            message = "options sold without cover can lose without limit: accept it, or cover them"
            faults.append(Fault("unbounded-risk", "accept_unbounded_risk", message))
        if risk.max_loss is None:
            message = "options sold without cover need a max_loss"
            faults.append(Fault("unbounded-without-max-loss", "risk_params.max_loss", message))
    bought = all(each.leg.action is Side.BUY for each in known)
    if known and (bought or definition.type in DEBIT_TYPES):
        # A debit for certain; what the net premium is else, is known when the entry is priced.
        paid = Decimal(1)
        if (meaningless := stop_loss_fault(risk, -paid, paid)) is not None:
            faults.append(meaningless)
    return faults


def _uncovered(known: Sequence[KnownLeg]) -> int:
    """Units, or lots where no leg is known yet, that nothing would cover."""
    listed = [each for each in known if each.expiry is not None and each.units]
    if listed and len(listed) < len(known):
        return 0  # what is not listed is a fault by itself
    return uncovered_short(
        Position(
            underlying=each.underlying or "",
            option_type=option_type,
            strike=Decimal(0),
            expiry=each.expiry or date.max,
            side=each.leg.action,
            quantity=each.units or each.leg.lots or 0,
        )
        for each in known
        if (option_type := each.option_type)
    )
