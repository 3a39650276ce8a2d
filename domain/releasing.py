"""Turning quantities into slices: prices, tags, attempts and the claim that goes with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.contract import Side
from domain.ledger import of_leg
from domain.run import Run
from domain.slices import Leg, Phase, Slice, tag_of
from domain.steps import Claim, Facts, Release, Step
from domain.touch import marketable


def sliced(quantity: int, maximum: int | None) -> list[int]:
    """The quantity in orders of at most `maximum` units."""
    if maximum is None or quantity <= maximum:
        return [quantity]
    whole, rest = divmod(quantity, maximum)
    return [maximum] * whole + ([rest] if rest else [])


def slices_for(
    run: Run, phase: Phase, wanted: Mapping[int, int], legs: Sequence[Leg], facts: Facts,
    now: datetime,
) -> tuple[Slice, ...] | None:  # fmt: skip
    """Slices for these quantities by leg; None while a price is missing or stale."""
    slices: list[Slice] = []
    for number, quantity in wanted.items():
        contract = legs[number].contract
        price = marketable(contract, phase.side, facts.quotes.get(contract.key), now)
        if price is None:
            return None
        before = [s.intent.attempt for s in of_leg(run, number) if s.intent.phase is phase]
        attempt = max(before, default=0) + 1
        for piece, units in enumerate(sliced(quantity, contract.order_maximum), start=1):
            tag = tag_of(run.install, run.id, phase, number, piece, attempt)
            slices.append(
                Slice(
                    tag=tag, phase=phase, leg=number, number=piece, attempt=attempt,
                    side=phase.side, quantity=units, order_type=run.terms.order_type, price=price,
                )
            )  # fmt: skip
    return tuple(slices)


def claim(run: Run, facts: Facts, now: datetime) -> tuple[Step, ...]:
    """Ownership for what follows in the same commit; nothing while it is ours for long enough."""
    until = now + timedelta(seconds=run.terms.lease_s)
    alive = run.lease_until is not None and now < run.lease_until
    if alive and run.worker == facts.worker:
        half = timedelta(seconds=run.terms.lease_s / 2)
        return (
            () if run.lease_until and run.lease_until - now > half else (Claim(run.epoch, until),)
        )
    return (Claim(run.epoch + 1, until),)


def release(
    run: Run, phase: Phase, slices: tuple[Slice, ...], facts: Facts, now: datetime
) -> tuple[Step, ...]:
    return (*claim(run, facts, now), Release(phase, slices))


def buys(legs: Sequence[Leg]) -> list[int]:
    return [n for n, leg in enumerate(legs) if leg.side is Side.BUY]


def sells(legs: Sequence[Leg]) -> list[int]:
    return [n for n, leg in enumerate(legs) if leg.side is Side.SELL]
