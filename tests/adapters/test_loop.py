"""The engine in threads: a stop does not wait behind entries; no run is followed twice at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from adapters.engine import Engine
from adapters.loop import Loop
from adapters.turnstile import Turnstile
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Pit, condor

SOON_S = 30


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


class Busy:
    """Following runs: each takes until it is told to end, standing aside as in a lane."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.turnstile = turnstile
        self.looks: list[str] = []
        self.begun: dict[str, Event] = defaultdict(Event)
        self.ends: dict[str, Event] = defaultdict(Event)
        self.inside: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def follow(self, run_id: str, _: datetime) -> None:
        self.looks.append(run_id)
        self.inside[run_id] += 1
        self.most[run_id] = max(self.most[run_id], self.inside[run_id])
        self.begun[run_id].set()
        with self.turnstile.aside():
            self.ends[run_id].wait(SOON_S)
        self.inside[run_id] -= 1


@pytest.fixture
def engine(pit: Pit) -> Engine:
    return Engine(
        trading=pit.trading,
        clock=pit.clock,
        planner=pit.planner,
        run_planner=pit.run_planner,
        follower=pit.follower,
        runs=pit.runs,
        sweep=None,
    )


@pytest.fixture
def runs(pit: Pit) -> tuple[str, str]:
    """A run on its way in, and one of the same account that is in the market."""
    pit.basket(pit.trader(), condor(name="Waiting"), condor(name="Held"))
    waiting, held = pit.plan()
    pit.exchange.step(minute("09:20"))
    pit.follow(held, until="09:21")
    return waiting, held


@pytest.fixture
def busy(engine: Engine) -> Busy:
    busy = Busy(Turnstile())
    engine.chores = {"follow": busy.follow, "plan": engine.plan}
    return busy


@contextmanager
def at_work(pit: Pit, engine: Engine, busy: Busy) -> Iterator[None]:
    """A loop that has taken up the open runs; at the end all work is let go."""
    loop = Loop(engine, pit.clock, 1.0, lambda _: None, busy.turnstile)
    loop.start()
    try:
        yield
    finally:
        for end in list(busy.ends.values()):
            end.set()
        loop.stop()


def test_a_run_that_is_held_is_looked_at_while_an_entry_of_its_account_waits(
    pit: Pit, engine: Engine, runs: tuple[str, str], busy: Busy
) -> None:
    waiting, held = runs

    with at_work(pit, engine, busy):
        both = busy.begun[waiting].wait(SOON_S) and busy.begun[held].wait(SOON_S)

        assert both
        assert (busy.inside[waiting], busy.inside[held]) == (1, 1)


def test_a_run_noticed_while_it_is_followed_is_followed_again_and_never_twice_at_once(
    pit: Pit, engine: Engine, runs: tuple[str, str], busy: Busy
) -> None:
    _, held = runs

    with at_work(pit, engine, busy):
        assert busy.begun[held].wait(SOON_S)
        engine.notice(held)
        busy.begun[held].clear()
        busy.ends[held].set()
        again = busy.begun[held].wait(SOON_S)

    assert again
    assert busy.most[held] == 1
