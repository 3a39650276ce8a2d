"""The trading day of the paper account, its orders by way of Kite's wire: the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.brokers.paper.entries import Line
from adapters.clock import SteppedClock
from adapters.day import DayResult, Way, play_day, straight
from adapters.day_by_kite import by_kite
from adapters.demo import BasketFile, read_basket
from adapters.market.reading import read_recording
from adapters.market.recorded import RecordedMarket
from adapters.market.simulated import SimulatedMarket
from adapters.simulators.kite.identity import kite_order_id
from commands.ports import MarketData
from domain.run import Run

BASKETS = Path(__file__).parents[2] / "baskets"
Market = Callable[[SteppedClock], MarketData]


def played(
    folder: Path, day: date, market: Market, basket: BasketFile, seed: int, way: Way
) -> DayResult:
    folder.mkdir()
    return play_day(day, market, basket, folder, seed=seed, way=way)


# Any: the fields of events of every kind.
def events(result: DayResult) -> list[tuple[type, dict[str, Any]]]:
    """Every event of the day's runs, but for how the broker names its orders."""
    told = []
    for run_id in result.runs:
        for event in result.platform.trading.history(run_id):
            fields = event.model_dump()
            if order_id := fields.get("broker_order_id"):
                fields["broker_order_id"] = (
                    order_id if way_of(order_id) else kite_order_id(order_id)
                )
            told.append((type(event), fields))
    return told


def way_of(order_id: str) -> bool:
    """Whether it is one of Kite's: they have 19 digits."""
    return len(order_id) == 19


def ledger(result: DayResult) -> list[Line]:
    return list(result.exchange.ledger.lines())


def leaving(basket: BasketFile, at: str) -> BasketFile:
    """The basket, left at that time: what is held all day is only looked at, second by second."""
    told = basket.model_dump(mode="json")
    for strategy in told["strategies"]:
        strategy["schedule"]["exit_time"] = at
    return BasketFile.model_validate(told)


def same_both_ways(
    folder: Path, day: date, market: Market, basket: BasketFile, seed: int = 1
) -> None:
    by_paper = played(folder / "paper", day, market, basket, seed, straight)
    by_wire = played(folder / "kite", day, market, basket, seed, by_kite)

    assert ledger(by_wire) == ledger(by_paper)
    assert events(by_wire) == events(by_paper)
    assert {line.kind for line in ledger(by_wire)} >= {"placed", "filled"}
    sent = [event for run in by_wire.runs for event in by_wire.platform.trading.history(run)]
    ids = [event.broker_order_id for event in sent if isinstance(event, Run.SliceAccepted)]
    assert ids
    assert all(way_of(each) for each in ids)


def test_a_simulated_day_has_the_same_books_and_events(tmp_path: Path) -> None:
    seed = 7
    same_both_ways(
        tmp_path,
        date(2026, 11, 18),
        lambda clock: SimulatedMarket(clock, seed),
        leaving(read_basket(BASKETS / "nifty-iron-condor.json"), "10:20"),
        seed,
    )


@pytest.mark.parametrize(
    ("day", "basket"),
    [
        (date(2026, 8, 4), "nifty-iron-condor.json"),
        (date(2021, 6, 11), "nifty-short-strangle.json"),
    ],
)
def test_a_recorded_day_has_the_same_books_and_events(
    tmp_path: Path, recorded_data: Path, day: date, basket: str
) -> None:
    recording = read_recording(recorded_data / "days" / f"{day}.parquet")

    whole = read_basket(BASKETS / basket)
    same_both_ways(tmp_path, day, lambda clock: RecordedMarket([recording], clock), whole)
