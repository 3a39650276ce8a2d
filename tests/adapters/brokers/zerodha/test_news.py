"""News hastens a look and is never needed for one; a stale feed decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.brokers.paper.faults import FaultKind
from adapters.brokers.zerodha.frames import parse_frame
from adapters.brokers.zerodha.news import News
from adapters.brokers.zerodha.ticks import TickBook
from adapters.engine import Due, Engine
from domain.ledger import live
from domain.quote import Quote
from domain.run_terms import Stage
from tests.adapters.brokers.zerodha.packing import framed, full
from tests.adapters.market.recorded_days import minute
from tests.commands.pit import Pit, condor

TWO_SECONDS = timedelta(seconds=2)


@pytest.fixture
def pit(tmp_path: Path) -> Pit:
    return Pit(tmp_path)


@pytest.fixture
def engine(pit: Pit) -> Engine:
    """Begun by nothing but news."""
    return Engine(
        trading=pit.trading,
        clock=pit.clock,
        planner=pit.planner,
        run_planner=pit.run_planner,
        follower=pit.follower,
        runs=pit.runs,
        sweep=None,
    )


@pytest.mark.parametrize(
    ("kind", "seconds"), [(FaultKind.LATE, 90), (FaultKind.HIDE, 30), (FaultKind.DELAY, 1)]
)
def test_without_any_news_live_orders_are_looked_at_every_two_seconds(
    pit: Pit, kind: FaultKind, seconds: float
) -> None:
    run_id = pit.opened()
    pit.fault(kind, run_id, seconds=seconds)
    looked: list[tuple[datetime, bool]] = []

    def look() -> None:
        looked.append((pit.clock.now(), bool(live(pit.run(run_id)))))

    pit.at("09:20")
    run = pit.follow(run_id, "09:35", each=look)

    gaps = [later - earlier for (earlier, waits), (later, _) in pairwise(looked) if waits]
    assert run.stage.ended
    assert gaps
    assert max(gaps) <= TWO_SECONDS


def test_news_has_only_the_runs_of_its_account_followed(pit: Pit, engine: Engine) -> None:
    run_id = pit.opened()
    account_id = pit.run(run_id).terms.account_id
    news = News(engine, pit.clock)
    engine.chores |= news.chores()

    news.heard("ACC-OTHER")
    engine.turn(pit.clock.now())
    assert engine.wheel.next_due() is None

    news.heard(account_id)
    engine.turn(pit.clock.now())
    assert engine.wheel.pop_due(pit.clock.now()) == [Due("follow", run_id)]


def test_what_is_told_while_a_look_is_under_way_is_looked_at_again(
    pit: Pit, engine: Engine
) -> None:
    news = News(engine, pit.clock)
    news.heard("ACC-1")
    (due,) = engine.wheel.pop_due(pit.clock.now())

    news.look(due.key, pit.clock.now())
    news.heard("ACC-1")

    again = pit.clock.now() + timedelta(milliseconds=250)
    assert engine.wheel.next_due() == again


def test_many_threads_that_tell_the_same_cause_one_look(pit: Pit, engine: Engine) -> None:
    news = News(engine, pit.clock)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: news.heard("ACC-1"), range(500)))

    assert engine.wheel.pop_due(pit.clock.now()) == [Due("news", "ACC-1")]
    assert engine.wheel.next_due() is None


def test_a_loss_that_only_a_stale_tick_shows_is_no_reason_to_leave(pit: Pit) -> None:
    run_id = pit.opened(condor(schedule={"entry_time": "09:20", "exit_time": "09:34"}))
    pit.at("09:20")
    run = pit.follow(run_id, "09:21")
    assert run.stage is Stage.OPEN
    ticks = TickBook()
    ticks.want({leg.contract.key: number << 8 | 2 for number, leg in enumerate(run.legs, 1)})

    def streamed(keys: Iterable[str]) -> Mapping[str, Quote]:
        told = {key: ticks.quote(key, pit.clock.now()) for key in keys}
        return {key: quote for key, quote in told.items() if quote is not None}

    pit.market.quotes = streamed  # type: ignore[method-assign]

    def every_leg_at(price: int, at: datetime) -> None:
        """Shorts are dear and hedges are worthless: far beyond the loss that is borne."""
        for number, leg in enumerate(run.legs, 1):
            paise = price * 100 if leg.side.value == "SELL" else 5
            steps = [(650, paise, 1)] * 5
            packet = full(number << 8 | 2, paise, at=int(at.timestamp()), bids=steps, asks=steps)
            ticks.put(parse_frame(framed([packet]))[0], pit.clock.now())

    pit.at("09:22")
    every_leg_at(400, minute("09:22") - timedelta(seconds=6))
    run = pit.follow(run_id, "09:23")
    assert run.stage is Stage.OPEN
    assert "STALE_QUOTES" in run.alerts

    every_leg_at(400, pit.clock.now())
    pit.follower.follow(run_id)

    assert pit.run(run_id).exit_reason == "MAX_LOSS"
