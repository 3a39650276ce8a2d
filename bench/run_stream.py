"""A run of an iron condor as it lies in the store, from its opening to its close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from domain.book import OrderType
from domain.contract import Contract, OptionType, Product, Side
from domain.model import DomainEvent, Origin, acting
from domain.risk import RiskParams
from domain.run import Run
from domain.run_terms import Reference, Terms
from domain.slices import Leg, Phase, Slice, SliceStatus, tag_of

DUE = datetime(2026, 8, 4, 3, 50, tzinfo=UTC)
EXIT = datetime(2026, 8, 4, 9, 40, tzinfo=UTC)
LOTS = 65 * 4
STRIKES = (
    (24200, OptionType.PE, Side.BUY, Phase.ENTRY_BUY, Phase.EXIT_SELL),
    (24800, OptionType.CE, Side.BUY, Phase.ENTRY_BUY, Phase.EXIT_SELL),
    (24400, OptionType.PE, Side.SELL, Phase.ENTRY_SELL, Phase.EXIT_BUY),
    (24600, OptionType.CE, Side.SELL, Phase.ENTRY_SELL, Phase.EXIT_BUY),
)


def run_stream(run_id: str) -> list[DomainEvent]:
    """The events of one run with four legs, each filled in two steps, in and out."""
    cause = Origin(at=DUE, actor="schedule", correlation_id=f"slot-{run_id}", causation_id="tick-1")
    with acting(cause):
        return list(_events(run_id))


def _events(run_id: str) -> Iterator[DomainEvent]:
    versions = count(1)

    def at(seconds: float) -> dict[str, Any]:
        stamp = DUE + timedelta(seconds=seconds)
        return {"originator_id": run_id, "originator_version": next(versions), "timestamp": stamp}

    yield Run.Opened(
        **at(-45),
        originator_topic="run",
        install="home",
        slot="2026-08-04T09:20",
        terms=_terms(),
        definition={"name": "Weekly NIFTY Iron Condor", "legs": [{"offset": 200}] * 4},
        due_at=DUE,
        exit_at=EXIT,
    )
    yield Run.Claimed(**at(0), epoch=1, worker="desk-1", until=DUE + timedelta(seconds=20))
    yield Run.Planned(
        **at(0),
        legs=tuple(_leg(number) for number in range(4)),
        reference=Reference(price=Decimal("24512.35"), source="SPOT"),
        allowed_uncovered=0,
        exit_at=EXIT,
    )
    for phase in (Phase.ENTRY_BUY, Phase.ENTRY_SELL):
        yield from _phase(run_id, phase, at)
    yield Run.Entered(**at(3), net_premium=Decimal("11245.00"))
    yield Run.ExitRequested(**at(21000), reason="TIME", detail="15:10", mtm=Decimal("4550.00"))
    for phase in (Phase.EXIT_BUY, Phase.EXIT_SELL):
        yield from _phase(run_id, phase, at)
    yield Run.Closed(
        **at(21004), outcome="TIME", realised=Decimal("4387.50"), charges=Decimal("212.37")
    )


def _phase(run_id: str, phase: Phase, at: Any) -> Iterator[DomainEvent]:
    slices = tuple(
        Slice(
            tag=tag_of("home", run_id, phase, leg, 0, 0),
            phase=phase,
            leg=leg,
            number=0,
            attempt=0,
            side=phase.side,
            quantity=LOTS,
            order_type=OrderType.LIMIT,
            price=Decimal("102.35"),
        )
        for leg, one in enumerate(STRIKES)
        if phase in one
    )
    yield Run.PhaseReleased(**at(0), phase=phase, epoch=1, slices=slices)
    for number, one in enumerate(slices):
        yield Run.SliceAccepted(**at(0.2), tag=one.tag, broker_order_id=f"26080400001{number}")
        for filled, status in ((65, SliceStatus.OPEN), (LOTS, SliceStatus.COMPLETE)):
            yield Run.SliceSeen(
                **at(1),
                tag=one.tag,
                broker_order_id=f"26080400001{number}",
                status=status,
                filled=filled,
                average_price=Decimal("101.85"),
            )


def _leg(number: int) -> Leg:
    strike, option_type, side, *_ = STRIKES[number]
    contract = Contract(
        exchange="NFO",
        tradingsymbol=f"NIFTY26804{strike}{option_type}",
        underlying="NIFTY",
        expiry=date(2026, 8, 4),
        strike=Decimal(strike),
        option_type=option_type,
        lot=65,
        tick=Decimal("0.05"),
        freeze=1755,
    )
    return Leg(contract=contract, side=side, quantity=LOTS)


def _terms() -> Terms:
    return Terms(
        strategy_id="STRAT-1",
        strategy_edition=3,
        basket_id="BASK-1",
        user_id="USER-1",
        account_id="ACC-1",
        broker="paper",
        multiplier=1,
        underlying="NIFTY",
        product=Product.MIS,
        risk=RiskParams(max_loss=Decimal(5000), stop_loss_pct=Decimal(50)),
    )
