"""Whatever the broker, the market, rivals and time do: the promises hold after each step."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contract import Product, Side
from domain.ledger import flat, live
from domain.payoff import Position, uncovered_short
from domain.run_terms import Reference, Stage
from domain.steps import Plan
from tests.domain.adversary import EXIT, EXPIRY_CLOSE, Adversary, condor, opened

#: Mostly nothing goes wrong, or the deeper states of a run would never be seen.
MOVE = st.one_of(st.just(0), st.just(0), st.integers(min_value=0, max_value=2**16))


def scattered(seed: int) -> list[int]:
    """A long day with trouble now and then: hypothesis alone prefers short ones."""
    chance = Random(seed)
    trouble = range(chance.randrange(5, 80))
    return [chance.randrange(2**16) if chance.random() < 1 / 3 else 0 for _ in trouble]


MOVES = st.lists(MOVE, max_size=80) | st.builds(scattered, st.integers(0, 2**32))


#: Within the day, two days later, and at the close of expiry.
EXITS = (EXIT, EXIT + timedelta(days=2), EXPIRY_CLOSE)


def planned(lots: int, freeze: int, naked: bool, exit_at: datetime) -> Plan:
    legs = condor(lots, freeze)
    if naked:
        legs = tuple(leg for leg in legs if leg.side is Side.SELL)
    allowed = uncovered_short(Position.of(e.contract, e.side, e.quantity) for e in legs)
    return Plan(
        legs=legs,
        reference=Reference(price=None, source="TEST"),
        allowed_uncovered=allowed,
        exit_at=exit_at,
    )


def play(world: Adversary) -> None:
    """Until the moves are used up everything may go wrong; then the market is fair."""
    wake = world.follow()
    for _ in range(200):
        if not world.moves:
            break
        world.world()
        world.let_time_pass(wake)
        wake = world.follow()
    world.fair, world.blocked, world.silent = True, False, False
    for turn in range(600):
        if world.run.stage.ended:
            return
        world.world()
        world.let_time_pass(wake if turn < 100 or wake is None else wake + timedelta(minutes=5))
        if "DRIFT" in world.run.alerts:
            world.own_up()
        wake = world.follow()
    raise AssertionError(f"no end: {world.run.stage} {world.run.alerts}")


@settings(max_examples=100, deadline=None)
@given(
    moves=MOVES,
    lots=st.integers(1, 3),
    sliced=st.booleans(),
    naked=st.booleans(),
    exit_at=st.sampled_from(EXITS),
)
def test_no_order_of_events_breaks_a_promise(
    moves: list[int], lots: int, sliced: bool, naked: bool, exit_at: datetime
) -> None:
    plan = planned(lots, 65 if sliced else 1800, naked, exit_at)
    product = Product.MIS if exit_at is EXIT else Product.NRML
    world = Adversary(opened(product=product), plan, list(moves))

    play(world)

    if world.run.stage is Stage.CLOSED:
        assert flat(world.run)
        assert not live(world.run)
        if world.now < EXPIRY_CLOSE:
            told, dealt = world.owned_up, world.by_hand
            for key, units in world.own().items():
                assert 0 in (units + told.get(key, 0), units + dealt.get(key, 0))
    else:
        assert world.orders == []
