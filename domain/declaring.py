"""What the trader says became of an order of unknown outcome, having looked at the broker."""

from __future__ import annotations

from decimal import Decimal

from domain.refusal import Conflict
from domain.run import Run
from domain.slices import SliceStatus


def declare_absent(run: Run, tag: str, why: str) -> None:
    """The broker never had it; only an unknown outcome is declared."""
    status = run.order(tag).status
    if status is SliceStatus.UNKNOWN:
        run.trigger_event(Run.SliceAbsent, tag=tag, evidence=why)
    elif status is not SliceStatus.ABSENT:
        raise Conflict("outcome-known", f"the order is {status}, its outcome is known")


def declare_filled(run: Run, tag: str, quantity: int, average_price: Decimal, why: str) -> None:
    """So many units of this order filled in all, at this price in ₹, and no more will."""
    state = run.order(tag)
    if state.declared == (quantity, average_price):
        return
    if state.status is not SliceStatus.UNKNOWN:
        raise Conflict("outcome-known", f"the order is {state.status}, its outcome is known")
    state.check_declared(quantity)
    run.trigger_event(
        Run.SliceDeclaredFilled,
        tag=tag,
        filled=quantity,
        average_price=average_price,
        why=why,
    )
