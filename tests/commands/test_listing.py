"""What changed in the list of contracts is recorded once, and touches whom it concerns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from eventsourcing.persistence import IntegrityError

from commands.basket import ComposeBasket
from commands.bus import Bus
from commands.desk import World
from commands.listing import look_again, record_changes
from commands.strategy import ActivateStrategy, DeleteStrategy, DraftStrategy
from domain.chain import Chain
from domain.definition import Definition
from domain.listing import Listing
from domain.strategy import Strategy, StrategyStatus
from tests.commands.scene import Asker, CountedTrading, Runs, nifty_chain
from tests.domain.test_listing import lot_of

DAY = date(2026, 8, 4)
AT = datetime(2026, 8, 4, 3, 0, tzinfo=UTC)

SPREAD = Definition.model_validate(
    {
        "name": "Spread",
        "type": "BULL_CALL_SPREAD",
        "legs": [
            {"symbol": "NIFTY2680424500CE", "qty": 65, "action": "BUY"},
            {"symbol": "NIFTY2680424600CE", "qty": 65, "action": "SELL"},
        ],
        "schedule": {"entry_time": "09:20", "exit_time": "15:00"},
    }
)


def record(trading: CountedTrading, *names: str, day: date = DAY) -> None:
    record_changes(trading, "NFO", day, [lot_of(name) for name in names], AT)


def kinds(trading: CountedTrading) -> list[str]:
    return [type(event).__name__ for event in trading.history("LIST-NFO")]


def test_the_first_change_begins_the_stream_of_the_exchange(trading: CountedTrading) -> None:
    record(trading, "NIFTY")

    assert kinds(trading) == ["Followed", "Changed"]
    assert {event.actor for event in trading.history("LIST-NFO")} == {"listing"}
    assert trading.load("LIST-NFO", Listing).exchange == "NFO"


def test_a_day_without_changes_leaves_no_trace(trading: CountedTrading) -> None:
    record(trading)

    assert trading.shared.writes == trading.shared.reads == 0


def test_told_twice_it_is_recorded_once(trading: CountedTrading) -> None:
    record(trading, "NIFTY")
    record(trading, "NIFTY")

    assert kinds(trading) == ["Followed", "Changed"]


def test_another_process_that_was_first_has_recorded_it(trading: CountedTrading) -> None:
    other = CountedTrading(trading.shared)
    record(trading, "NIFTY")
    trading.load("LIST-NFO", Listing)
    record(other, "BANKNIFTY", day=date(2026, 8, 5))

    record(trading, "BANKNIFTY", day=date(2026, 8, 5))

    assert kinds(trading) == ["Followed", "Changed", "Changed"]


class Overtaken(CountedTrading):
    """Somebody else saves the same just before."""

    times = 1

    def save(self, *objs: object, **kwargs: object) -> list[object]:  # type: ignore[override]
        if self.times:
            self.times -= 1
            record(CountedTrading(self.shared), "NIFTY")
            raise IntegrityError
        return super().save(*objs, **kwargs)  # type: ignore[arg-type, return-value]


def test_who_is_overtaken_looks_again() -> None:
    trading = Overtaken()

    record(trading, "NIFTY", "BANKNIFTY")

    assert kinds(trading) == ["Followed", "Changed", "Changed"]


@pytest.fixture
def strategy(ask: Asker) -> Strategy:
    basket = ask(ComposeBasket(name="Weekly"))
    drafted = ask(DraftStrategy(basket_id=basket.id, definition=SPREAD))
    return ask(ActivateStrategy(strategy_id=drafted.id))


def with_lot(lot: int) -> Callable[[date], Chain]:
    def chain(day: date) -> Chain:
        contracts = nifty_chain(day).contracts
        return Chain(day, [each.model_copy(update={"lot": lot}) for each in contracts])

    return chain


def test_a_strategy_that_is_looked_at_again_has_its_faults_anew(
    trading: CountedTrading, strategy: Strategy, runs: Runs
) -> None:
    bus = Bus(trading, World(chain=with_lot(60), open_runs=runs))

    faulty = look_again(bus, [strategy.id], DAY, AT)

    found = trading.load(strategy.id, Strategy)
    assert faulty == [strategy.id]
    assert [fault.code for fault in found.faults] == ["not-a-lot-multiple"] * 2
    assert found.status is StrategyStatus.ACTIVE
    assert trading.history(strategy.id)[-1].actor == "listing"


def test_a_strategy_whose_contracts_are_well_again_has_no_faults(
    trading: CountedTrading, strategy: Strategy, runs: Runs
) -> None:
    look_again(Bus(trading, World(chain=with_lot(60), open_runs=runs)), [strategy.id], DAY, AT)

    bus = Bus(trading, World(chain=nifty_chain, open_runs=runs))

    assert look_again(bus, [strategy.id], DAY, AT) == []
    assert trading.load(strategy.id, Strategy).faults == ()


def test_a_strategy_that_is_gone_meanwhile_stops_nobody(
    ask: Asker, strategy: Strategy, runs: Runs, trading: CountedTrading
) -> None:
    ask(DeleteStrategy(strategy_id=strategy.id))
    bus = Bus(trading, World(chain=nifty_chain, open_runs=runs))

    assert look_again(bus, ["STRAT-GONE", strategy.id], DAY, AT) == []
