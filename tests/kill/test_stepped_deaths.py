"""A platform dies, or stands still, at every named boundary of a stepped day; nothing is harmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.demo import BasketFile
from commands.ports import Broker
from domain.calendar import at_ist
from domain.ledger import of_phase
from domain.run_terms import Stage
from domain.slices import Phase, SliceStatus
from tests.kill.baskets import basket, condor, spread, strangle
from tests.kill.judging import Case
from tests.kill.stepped import (
    BEGIN,
    DAY,
    LATEST,
    Doom,
    Killed,
    Stall,
    SteppedWorld,
    StoppedOnTheWire,
)

#: Seconds without a platform: none, within the lease, past it, and past the grace of an entry.
GAPS = (0, 7, 25, 100)
#: Seconds of standing still: within the lease, in its reserve, past it, past every timeout.
STALLS = (5, 13, 25, 70)
PARTS = 4
TWO_RUNS = basket(
    condor("Condor in slices", "09:16", "09:16:40"), spread("Spread", "09:16:05", "09:16:30")
)
THREE_RUNS = basket(
    condor("Condor", "09:16", "09:16:40", lots=2),
    spread("Spread with a limit", "09:16:03", "09:17:30", max_loss=300),
    strangle("Strangle", "09:16:20", "09:17:10"),
)
BOUNDARIES = {"before-append", "after-append", "before-call", "after-call", "before-answer"}


def world_of(home: Path, of: BasketFile = TWO_RUNS, *, trader: bool = True) -> SteppedWorld:
    return SteppedWorld(home, of, trader=trader, partial_rate=0.3, rejection_rate=0)


def killed_at(home: Path, n: int, gap: float) -> tuple[Doom, str]:
    """A day with a death at the n-th boundary; answers what was reached, and what is wrong."""
    world, doom = world_of(home), Doom(n)
    if not world.live(doom):
        world.pass_seconds(gap)
        world.live()
    faults = world.faults()
    world.close()
    return doom, faults


def test_a_day_without_a_death_passes_every_boundary(tmp_path: Path) -> None:
    doom, faults = killed_at(tmp_path, 0, 0)

    assert not faults, faults
    assert set(doom.reached) == BOUNDARIES
    assert len(doom.reached) > 100


@pytest.mark.parametrize("part", range(PARTS))
def test_a_platform_killed_at_any_boundary_harms_nothing(part: int, tmp_path: Path) -> None:
    for n in count(part + 1, PARTS):
        home = tmp_path / str(n)
        home.mkdir()

        # Each boundary meets the gaps in turn, and its neighbours meet others.
        gap = GAPS[(n // PARTS + part) % len(GAPS)]
        doom, faults = killed_at(home, n, gap)

        if len(doom.reached) < n:
            break
        assert not faults, f"killed at boundary {n}, {doom.reached[-1]}, for {gap} s\n{faults}"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_worker_that_stands_still_past_its_lease_sends_nothing_more(
    part: int, tmp_path: Path
) -> None:
    for n in count(part + 1, PARTS):
        home = tmp_path / str(n)
        home.mkdir()

        world = world_of(home)
        stall = Stall(world, n, STALLS[(n // PARTS + part) % len(STALLS)])
        world.live(stall)
        faults = world.faults()
        world.close()

        if len(stall.reached) < n:
            break
        where = f"stopped at boundary {n}, {stall.reached[n - 1]}, for {stall.seconds} s"
        assert not faults, f"{where}\n{faults}"


def test_an_order_that_leaves_a_stopped_process_late_finds_its_run_prepared(tmp_path: Path) -> None:
    for n in count(1):
        home = tmp_path / str(n)
        home.mkdir()

        world = world_of(home, THREE_RUNS)
        stall = Stall(world, n, STALLS[n % len(STALLS)])
        world.live(broker=wired(world, stall))
        faults = world.faults()
        world.close()

        if len(stall.reached) < n:
            break
        assert not faults, f"order {n} was on the wire for {stall.seconds} s\n{faults}"


def wired(world: SteppedWorld, stall: Stall) -> Callable[[str], Broker]:
    def broker(account: str) -> Broker:
        world.exchange.open_account(account)
        return StoppedOnTheWire(world, account, stall)

    return broker


#: A death: at so many boundaries, or after so many seconds; and the seconds without a platform.
DEATHS = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 90), st.floats(0, 200, allow_nan=False)),
        st.floats(0, 120, allow_nan=False),
    ),
    min_size=2,
    max_size=4,
)


@given(deaths=DEATHS)
@example(deaths=[(7, 25), (1, 0)])
@example(deaths=[(3.0, 100), (95.5, 0), (20, 0.5)])
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_platforms_that_die_again_and_again_harm_nothing(
    deaths: list[tuple[int | float, float]],
) -> None:
    with TemporaryDirectory() as home:
        world = world_of(Path(home), THREE_RUNS)

        for when, gap in deaths:
            die(world, when)
            world.pass_seconds(gap)
        world.live()
        faults = world.faults()
        world.close()

    assert not faults, f"killed {deaths}\n{faults}"


def die(world: SteppedWorld, when: float) -> None:
    if isinstance(when, int):
        world.live(Doom(when))
    else:
        world.live(until=world.clock.now() + timedelta(seconds=when))


@pytest.mark.parametrize("call", range(1, 5))
def test_an_order_nobody_can_tell_of_is_settled_by_the_next_day(call: int, tmp_path: Path) -> None:
    """No trader looks: the close, or the next morning's positions, say that it never was."""
    world = world_of(tmp_path, basket(spread("Spread", "09:16", "09:17")), trader=False)

    world.live(Before(call))
    world.live(until=LATEST + timedelta(days=1))
    faults = world.faults()
    (run,) = Case.of(world.home, world.ledger).runs.values()
    world.close()

    assert not faults, faults
    assert [s.status for s in run.slices.values()].count(SliceStatus.ABSENT) == 1


def test_an_exit_that_filled_while_nobody_looked_is_known_by_the_positions(tmp_path: Path) -> None:
    """Killed in the last second of a day: the next morning the book no longer shows the order."""
    world = world_of(tmp_path, basket(spread("Spread", "09:16", "09:17")), trader=False)
    world.live(until=BEGIN + timedelta(seconds=120))
    world.pass_until(at_ist(DAY, time(15, 29, 59)))

    doom = Doom(4)
    world.live(doom)
    world.pass_until(BEGIN + timedelta(days=1))
    world.live(until=LATEST + timedelta(days=1))
    faults = world.faults()
    (run,) = Case.of(world.home, world.ledger).runs.values()
    world.close()

    assert doom.reached[-1] == "after-call"
    assert not faults, faults
    (bought_back,) = of_phase(run, Phase.EXIT_BUY)
    assert "positions" in (bought_back.message or "")


class Before:
    """Kills right before the n-th call to the broker."""

    def __init__(self, call: int) -> None:
        self.left = call

    def __call__(self, name: str) -> None:
        self.left -= name == "before-call"
        if not self.left:
            raise Killed(name)


@pytest.mark.parametrize(
    ("stage", "seconds"),
    [(Stage.PENDING, 60), (Stage.ENTERING, 90.1), (Stage.OPEN, 110), (Stage.EXITING, 130.1)],
)
def test_a_run_goes_on_from_the_stage_in_which_its_platform_died(
    stage: Stage, seconds: float, tmp_path: Path
) -> None:
    world = world_of(tmp_path, basket(condor("Condor", "09:16", "09:16:40")))

    world.live(until=BEGIN + timedelta(seconds=seconds))
    (left,) = Case.of(world.home, world.ledger).runs.values()
    world.live()
    faults = world.faults()
    (run,) = Case.of(world.home, world.ledger).runs.values()
    world.close()

    assert left.stage is stage
    assert (run.stage, run.outcome) == (Stage.CLOSED, "TIME")
    assert not faults, faults
