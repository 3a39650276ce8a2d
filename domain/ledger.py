"""What a run holds, owes and made, by its own fills: quantities in units, cash in ₹."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from domain.book import BookOrder
from domain.contract import OptionType, Side
from domain.payoff import Position, uncovered_short
from domain.run import Run
from domain.slice_state import SliceState
from domain.slices import Phase, SliceStatus

ZERO = Decimal(0)


def of_leg(run: Run, leg: int) -> Iterable[SliceState]:
    return (s for s in run.slices.values() if s.intent.leg == leg)


def of_phase(run: Run, *phases: Phase) -> list[SliceState]:
    return [s for s in run.slices.values() if s.intent.phase in phases]


def live(run: Run) -> list[SliceState]:
    """Slices that may still fill."""
    return [s for s in run.slices.values() if s.live]


def held(run: Run, leg: int) -> int:
    """Units held now, negative when short."""
    traded = sum(s.intent.side.sign * s.filled for s in of_leg(run, leg))
    return traded + run.adjusted.get(leg, 0)


def filled(run: Run, leg: int, phase: Phase) -> int:
    return sum(s.filled for s in of_leg(run, leg) if s.intent.phase is phase)


def flat(run: Run) -> bool:
    return all(held(run, leg) == 0 for leg in range(len(run.legs)))


def cash(run: Run) -> Decimal:
    """₹ received less ₹ paid so far, settlement included."""
    return sum((s.value for s in run.slices.values()), ZERO) + run.adjustment_cash


def entry_premium(run: Run) -> tuple[Decimal, Decimal]:
    """N and gross: Σ sells − Σ buys and Σ of both over entry fills, in ₹."""
    values = [s.value for s in of_phase(run, Phase.ENTRY_BUY, Phase.ENTRY_SELL)]
    return sum(values, ZERO), sum((abs(v) for v in values), ZERO)


def worst_uncovered(run: Run) -> int:
    """Units sold that nothing would cover, if every live sale filled and no live purchase did."""
    positions = []
    for number, leg in enumerate(run.legs):
        units = held(run, number) - sum(
            s.remaining for s in of_leg(run, number) if s.intent.side is Side.SELL
        )
        side = Side.BUY if units > 0 else Side.SELL
        positions.append(Position.of(leg.contract, side, abs(units)))
    return uncovered_short(positions)


def withheld(run: Run) -> Mapping[OptionType, int]:
    """Longs that must stay, by type: shorts still held, being sold, or perhaps sold."""
    kept = dict.fromkeys(OptionType, 0)
    for number, leg in enumerate(run.legs):
        kept[leg.contract.option_type] += max(0, -held(run, number))
        kept[leg.contract.option_type] += sum(
            s.remaining
            for s in of_leg(run, number)
            if s.intent.phase is Phase.ENTRY_SELL and s.live
        )
    return kept


def find(state: SliceState, book: Iterable[BookOrder]) -> BookOrder | None:
    """The row of the broker's book that is this slice: by id, else by all that names it."""
    for row in book:
        if state.broker_order_id is not None:
            if row.broker_order_id == state.broker_order_id:
                return row
        elif (
            state.intent.tag in row.tags
            and row.key == state.contract.key
            and row.side is state.intent.side
            and row.quantity == state.intent.quantity
        ):
            return row
    return None


def expected_net(runs: Iterable[Run], book: Iterable[BookOrder]) -> dict[tuple[str, str], int]:
    """Units by contract and product that these runs explain, the newest fills in the book too."""
    rows = list(book)
    net: dict[tuple[str, str], int] = {}
    for run in runs:
        for number, leg in enumerate(run.legs):
            key = (leg.contract.key, run.terms.product.value)
            net[key] = net.get(key, 0) + held(run, number)
        for state in run.slices.values():
            doubtful = state.live or state.declared or state.status is SliceStatus.ABSENT
            row = find(state, rows) if doubtful else None
            if row and row.filled > state.filled:
                key = (state.contract.key, run.terms.product.value)
                net[key] += state.intent.side.sign * (row.filled - state.filled)
    return net
